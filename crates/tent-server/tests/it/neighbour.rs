//! Servers that reach one another over real sockets, with clocks that stand still.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use http::StatusCode;
use serde_json::{Value, json};
use tent_proto::mac::Credentials;
use tent_server::{Database, TentServer};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::store;
use crate::world::{START, STATUS, World, builder, encoded};

/// A server that others can reach, and an app that may do everything there.
pub(crate) struct Neighbour {
    world: World,
    pub(crate) server: TentServer,
    pub(crate) app: Credentials,
    pub(crate) entity: String,
    /// Whether it answers others.
    up: Arc<AtomicBool>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Deref for Neighbour {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

const SCOPES: &str = "read_posts,write_posts,import_posts,read_profile,write_profile,read_followers,\
                      write_followers,read_followings,write_followings,read_groups,write_groups,\
                      read_permissions,read_secrets,write_secrets";

impl Neighbour {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, store::database().await).await
    }

    pub(crate) async fn on(listener: TcpListener, database: Database) -> Self {
        Self::at("/tent", listener, database).await
    }

    /// With its API below this path.
    pub(crate) async fn at(path: &str, listener: TcpListener, database: Database) -> Self {
        let entity = format!("http://{}", listener.local_addr().unwrap());
        let clock = Arc::new(AtomicI64::new(START));
        let root = format!("{entity}{path}");
        let server = builder(&clock)
            .entity(entity.parse().unwrap())
            .root(root.parse().unwrap())
            .database(database);
        let server = server.build().await.unwrap();
        let world = World::of(server.router(), clock, &root);
        let up = Arc::new(AtomicBool::new(true));
        let (stop, stopped) = oneshot::channel();
        let serve = axum::serve(listener, gate(world.router.clone(), &up));
        let serve = serve.with_graceful_shutdown(async { drop(stopped.await) });
        let serving = tokio::spawn(serve.into_future());
        let app = world.log_in(SCOPES, "all").await;
        Self {
            world,
            server,
            app,
            entity,
            up,
            stop,
            serving,
        }
    }

    /// Ends it. What it knows stays in the database.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.serving.await.unwrap().unwrap();
    }

    /// From now on others get no answer, or get one again.
    pub(crate) fn set_up(&self, up: bool) {
        self.up.store(up, Ordering::Relaxed);
    }

    /// What its app asks, of which something comes.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let answer = self.call(Some(&self.app), method, path, body).await.ok();
        match answer.body.is_empty() {
            true => Value::Null,
            false => answer.json(),
        }
    }

    pub(crate) async fn follow(&self, other: &Self) -> Value {
        let body = json!({"entity": other.entity});
        self.ask("POST", "/followings", Some(body)).await
    }

    /// Publishes something, and has it sent.
    pub(crate) async fn post(&self, body: Value) -> Value {
        let post = self.ask("POST", "/posts", Some(body)).await;
        self.server.settle().await;
        post
    }

    /// The posts of another entity that its app sees, of one type.
    pub(crate) async fn posts_of(&self, other: &Self, post_type: &str) -> Vec<Value> {
        let (entity, post_type) = (encoded(&other.entity), encoded(post_type));
        let path = format!("/posts?entity={entity}&post_types={post_type}");
        let posts = self.ask("GET", &path, None).await;
        posts.as_array().unwrap().clone()
    }

    /// Their texts.
    pub(crate) async fn texts_of(&self, other: &Self) -> Vec<String> {
        let posts = self.posts_of(other, STATUS).await;
        posts.iter().map(|post| text(post).to_owned()).collect()
    }
}

pub(crate) fn text(post: &Value) -> &str {
    post["content"]["text"].as_str().unwrap()
}

/// A status that everybody may see.
pub(crate) fn status(text: &str) -> Value {
    json!({"type": STATUS, "content": {"text": text}, "permissions": {"public": true}})
}

fn gate(router: Router, up: &Arc<AtomicBool>) -> Router {
    let up = Arc::clone(up);
    router.layer(from_fn(move |request: Request, next: Next| {
        let up = up.load(Ordering::Relaxed);
        async move {
            match up {
                true => next.run(request).await,
                false => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            }
        }
    }))
}
