//! A server that answers as the reference server was seen to: always 200 for success, relative links,
//! `{"error"}`, and a redirect with a stray `&`. It checks signatures.

mod people;
mod posts;
mod profile;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tent_proto::mac::{Algorithm, Credentials, Header, Normalized};
use url::form_urlencoded;

pub(crate) use self::posts::{receive, status};
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
    /// Newest first, of others too.
    pub(crate) posts: Vec<Value>,
    /// Versions of posts that are not the newest.
    history: Vec<Value>,
    /// Sections of the profile that were changed; those that were deleted are null.
    sections: BTreeMap<String, Value>,
    pub(crate) followings: Vec<Value>,
    pub(crate) followers: Vec<Value>,
    pub(crate) groups: Vec<Value>,
    /// Files by post, name and media type.
    pub(crate) files: BTreeMap<[String; 3], String>,
    /// Apps but for the one that logged in.
    pub(crate) other_apps: Vec<Value>,
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

    /// A server, and somebody who is logged in there.
    pub(crate) fn logged_in() -> (Self, Tent) {
        let (server, tent) = (Self::start(), Tent::new());
        server.log_in(&tent, &[]);
        (server, tent)
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
        "GET /tent/profile" => profile::show(state, asked),
        "POST /tent/apps" => {
            state.apps += 1;
            Reply::json(app_json(state, true))
        }
        line if line.contains(" /tent/apps/app") => {
            if let Err(refused) = check(asked, &app, "app-key-5ecret") {
                return refused;
            }
            app_call(state, asked, path)
        }
        _ => {
            if !state.authorized && !asked.header("authorization").is_empty() {
                return Reply::error(401, "Invalid MAC Key ID");
            }
            match check(asked, "u:5ecret-id", "user-key-5ecret") {
                Ok(()) => user_call(state, asked, path, query),
                Err(refused) => refused,
            }
        }
    }
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

fn user_call(state: &mut State, asked: &Asked, path: &str, query: &str) -> Reply {
    let path = path.strip_prefix("/tent/").unwrap_or_default();
    let segments: Vec<_> = path.split('/').map(decoded).collect();
    let segments: Vec<_> = segments.iter().map(String::as_str).collect();
    let query: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    match segments.split_first() {
        Some((&"posts", rest)) => posts::answer(state, asked, rest, &query),
        Some((&"profile", [section])) => profile::change(state, asked, section),
        Some((&"followings", rest)) => people::followings(state, asked, rest, &query),
        Some((&"followers", rest)) => people::relations(&mut state.followers, asked, rest, &query),
        Some((&"groups", rest)) => people::groups(&mut state.groups, asked, rest),
        Some((&"apps", rest)) => other_apps(state, asked, rest),
        _ => not_found(),
    }
}

/// Apps, as another app with the scopes `read_apps` and `write_apps` sees them.
fn other_apps(state: &mut State, asked: &Asked, path: &[&str]) -> Reply {
    match (asked.method.as_str(), path) {
        ("GET", []) => {
            let mut apps = state.other_apps.clone();
            apps.push(serde_json::from_str(&app_json(state, false)).unwrap());
            Reply::json(Value::from(apps).to_string())
        }
        ("DELETE", &[app, "authorizations", id]) => {
            let mut apps = state.other_apps.iter_mut();
            let Some(app) = apps.find(|one| one["id"] == app) else {
                return not_found();
            };
            remove(app["authorizations"].as_array_mut().unwrap(), id)
        }
        _ => not_found(),
    }
}

/// Removes an object, and answers as the reference server does: with nothing.
fn remove(objects: &mut Vec<Value>, id: &str) -> Reply {
    let before = objects.len();
    objects.retain(|object| object["id"] != id);
    if objects.len() < before {
        Reply::html("")
    } else {
        not_found()
    }
}

fn not_found() -> Reply {
    Reply::error(404, "Not Found")
}

/// A segment of a path, without escapes.
fn decoded(segment: &str) -> String {
    let pair = format!("_={segment}");
    let decoded = form_urlencoded::parse(pair.as_bytes()).next();
    decoded.unwrap().1.into_owned()
}

fn body(asked: &Asked) -> Value {
    serde_json::from_str(&asked.body).unwrap()
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
