//! A server that answers as the reference server was seen to: always 200 for success, relative links,
//! `{"error"}`, and a redirect with a stray `&`. It checks signatures.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tent_proto::mac::{Algorithm, Credentials, Header, Normalized};

use crate::peer::{Asked, Peer, Reply, open};
use crate::tent::Tent;

/// Keys that must never be seen anywhere but in the store.
pub(crate) const SECRETS: [&str; 5] = [
    "app-key-5ecret",
    "user-key-5ecret",
    "refresh-5ecret",
    "code-5ecret",
    "u:5ecret-id",
];

/// What the server knows, and what it is told to do.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) posts: Vec<Value>,
    /// Answers to give once instead of the usual: for this method and path.
    pub(crate) instead: Vec<(&'static str, Reply)>,
    apps: u32,
    authorized: bool,
}

pub(crate) struct Reference {
    pub(crate) peer: Peer,
    pub(crate) state: Arc<Mutex<State>>,
}

impl Reference {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let peer = Peer::start(move |asked| answer(&mut shared.lock().unwrap(), asked));
        Self { peer, state }
    }

    pub(crate) fn url(&self) -> String {
        self.peer.url()
    }

    /// Answers once otherwise.
    pub(crate) fn instead(&self, line: &'static str, reply: Reply) {
        self.state.lock().unwrap().instead.push((line, reply));
    }

    /// Logs in, with the person approving.
    pub(crate) fn log_in(&self, tent: &Tent, more: &[&str]) -> String {
        let url = self.url();
        let login = tent.begin_login(&[&[url.as_str()], more].concat());
        let page = open(&login.redirect("&code=code-5ecret&state={state}"));
        assert!(page.contains("Thank you."), "{page}");
        let ran = login.end();
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out
    }
}

fn answer(state: &mut State, asked: &Asked) -> Reply {
    let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
    let line = format!("{} {path}", asked.method);
    if let Some(index) = state.instead.iter().position(|(other, _)| *other == line) {
        return state.instead.remove(index).1;
    }
    let app = format!("a:{}", state.apps);
    match line.as_str() {
        "HEAD /" => Reply::status(200).header(
            "Link",
            "</tent/profile>; rel=\"https://tent.io/rels/profile\"",
        ),
        "GET /tent/profile" => profile(asked),
        "POST /tent/apps" => {
            state.apps += 1;
            Reply::json(app_json(state, true))
        }
        line if line.contains(" /tent/apps/") => {
            if let Err(refused) = check(asked, &app, "app-key-5ecret") {
                return refused;
            }
            app_call(state, asked, path)
        }
        line => {
            if !state.authorized && !asked.header("authorization").is_empty() {
                return Reply::error(401, "Invalid MAC Key ID");
            }
            match check(asked, "u:5ecret-id", "user-key-5ecret") {
                Ok(()) => user_call(state, asked, line, query),
                Err(refused) => refused,
            }
        }
    }
}

fn profile(asked: &Asked) -> Reply {
    let root = format!("http://{}", asked.header("host"));
    let core =
        json!({ "entity": root, "servers": [format!("{root}/tent")], "tent_version": "0.2" });
    let basic = json!({ "name": "Alice \u{1b}[31m", "bio": "Sails.\nReads." });
    Reply::json(
        json!({
            "https://tent.io/types/info/core/v0.1.0": core,
            "https://tent.io/types/info/basic/v0.1.0": basic,
        })
        .to_string(),
    )
}

fn app_json(state: &State, with_key: bool) -> String {
    let authorizations = if state.authorized {
        json!([{ "id": "auth1", "scopes": ["read_posts"] }])
    } else {
        json!([])
    };
    let mut app = json!({ "id": format!("app{}", state.apps), "authorizations": authorizations });
    if with_key {
        app["mac_key_id"] = format!("a:{}", state.apps).into();
        app["mac_key"] = "app-key-5ecret".into();
        app["mac_algorithm"] = "hmac-sha-256".into();
    }
    app.to_string()
}

fn app_call(state: &mut State, asked: &Asked, path: &str) -> Reply {
    let own = format!("/tent/apps/app{}", state.apps);
    match (asked.method.as_str(), path.strip_prefix(&own)) {
        ("GET" | "PUT", Some("")) => Reply::json(app_json(state, false)),
        ("POST", Some("/authorizations")) if asked.body.contains("\"code-5ecret\"") => {
            state.authorized = true;
            let token = json!({
                "access_token": "u:5ecret-id",
                "mac_key": "user-key-5ecret",
                "mac_algorithm": "hmac-sha-256",
                "token_type": "mac",
                "refresh_token": "refresh-5ecret",
            });
            Reply::json(token.to_string())
        }
        ("DELETE", Some("/authorizations/auth1")) => {
            state.authorized = false;
            Reply::status(200)
        }
        ("DELETE", Some("")) => Reply::status(200),
        _ => Reply::error(403, "Unauthorized"),
    }
}

fn user_call(state: &mut State, asked: &Asked, line: &str, query: &str) -> Reply {
    match line {
        "GET /tent/groups" => Reply::json("[]"),
        "GET /tent/posts/count" => Reply::json(state.posts.len().to_string()),
        "HEAD /tent/posts" => Reply::status(200).header("Count", &state.posts.len().to_string()),
        "POST /tent/posts" => {
            let mut post: Value = serde_json::from_str(&asked.body).unwrap();
            post["id"] = format!("post{}", state.posts.len() + 1).into();
            post["entity"] = format!("http://{}", asked.header("host")).into();
            post["version"] = 1.into();
            post["published_at"] = 1_356_998_400.into();
            post["unheard_of"] = json!({ "a": [1] });
            state.posts.insert(0, post.clone());
            Reply::json(post.to_string())
        }
        // Two a page, whatever was asked for.
        "GET /tent/posts" => {
            let start = query
                .split('&')
                .find_map(|pair| pair.strip_prefix("before_id=post"));
            let start = start.map_or(0, |number| {
                state.posts.len() + 1 - number.parse::<usize>().unwrap()
            });
            let page: Vec<_> = state.posts.iter().skip(start).take(2).collect();
            let reply = Reply::json(serde_json::to_string(&page).unwrap());
            let reference = |relation, name, post: &Value| {
                let id = post["id"].as_str().unwrap();
                format!("</tent/posts?{name}={id}>; rel=\"{relation}\"")
            };
            let (Some(first), Some(last)) = (page.first(), page.last()) else {
                return reply;
            };
            let mut links = reference("prev", "since_id", first);
            if page.len() == 2 {
                links = format!("{links}, {}", reference("next", "before_id", last));
            }
            reply.header("Link", &links)
        }
        line => {
            let id = line.strip_prefix("GET /tent/posts/");
            let mut posts = state.posts.iter();
            match posts.find(|post| id.is_some() && post["id"].as_str() == id) {
                Some(post) => Reply::json(post.to_string()),
                None => Reply::error(404, "Not Found"),
            }
        }
    }
}

/// Checks the signature, as the reference server does.
fn check(asked: &Asked, id: &str, key: &str) -> Result<(), Reply> {
    let Ok(header) = Header::parse(asked.header("authorization")) else {
        return Err(Reply::error(403, "Unauthorized"));
    };
    if header.id() != id {
        return Err(Reply::error(401, "Invalid MAC Key ID").header("WWW-Authenticate", "MAC"));
    }
    let (host, port) = asked.header("host").split_once(':').unwrap();
    let port = port.parse().unwrap();
    let request = Normalized::new(&header, &asked.method, &asked.target, host, port);
    let credentials = Credentials::new(id, key, Algorithm::HmacSha256).unwrap();
    let verified = credentials.verify(&header, &request);
    verified.map_err(|_| Reply::error(403, "Invalid MAC Signature"))
}
