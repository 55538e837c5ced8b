//! A server with a folder for files, and somebody who writes posts.

use std::path::PathBuf;

use serde_json::Value;
use tent_proto::mac::Credentials;

use crate::form::{FORM, form, post_part};
use crate::store::Kept;
use crate::world::{Answer, World};

/// A server with a folder, and somebody who may write posts.
pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) user: Credentials,
    kept: Kept,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let kept = Kept::new();
        let database = kept.open().await;
        // As its own folder, from which files go as soon as nobody has them.
        let world =
            World::built(|server| server.database(database).attachments(kept.folder())).await;
        let user = world.log_in("read_posts,write_posts", "all").await;
        Self { world, user, kept }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.kept.folder()
    }

    pub(crate) async fn post(&self, content_type: &str, body: String) -> Answer {
        let target = ("POST", "/posts");
        let user = Some(&self.user);
        self.world.send_form(user, target, content_type, body).await
    }

    pub(crate) async fn put(&self, id: &str, update: &Value, files: &[String]) -> Answer {
        let parts = [&[post_part(update)], files].concat();
        let path = format!("/posts/{id}");
        let user = Some(&self.user);
        self.world
            .send_form(user, ("PUT", &path), FORM, form(&parts))
            .await
    }

    pub(crate) async fn delete(&self, path: &str) {
        let gone = self.world.call(Some(&self.user), "DELETE", path, None);
        gone.await.ok();
    }
}

pub(crate) fn id(post: &Value) -> &str {
    post["id"].as_str().unwrap()
}
