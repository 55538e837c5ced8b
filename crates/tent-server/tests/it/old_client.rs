//! A client of 2012 that knows nothing of us: written after what the clients of that time did, with
//! nothing of our own crates in it. It separates the fields of its header by spaces, names no
//! `response_type`, tries again what failed, pages by time, and takes nothing but 200 for success.
//!
//! Source: `docs/protocol.md` §5.4, §5.9 and §9.3.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

use crate::wire::{Heard, approve, ask, serve};
use crate::world::{PASSPHRASE, STATUS, TENT, encoded};

/// How often it tries what the server does not answer with 200.
const TRIES: u32 = 3;

/// RFC 2104 with SHA-256, for keys of at most a block.
pub(crate) fn hmac(key: &str, text: &str) -> String {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key.as_bytes());
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(text);
    let outer = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner.finalize());
    STANDARD.encode(outer.finalize())
}

#[derive(Clone)]
struct Key {
    id: String,
    key: String,
}

impl Key {
    fn of(answer: &Value, id: &str) -> Self {
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        assert_eq!(text("mac_algorithm"), "hmac-sha-256");
        Self {
            id: text(id),
            key: text("mac_key"),
        }
    }

    fn header(&self, method: &str, url: &str) -> String {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let url: Url = url.parse().unwrap();
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let (host, port) = (url.host_str().unwrap(), url.port().unwrap());
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let (time, nonce) = (
            now.unwrap().as_secs(),
            COUNT.fetch_add(1, Ordering::Relaxed),
        );
        let text = format!("{time}\n{nonce}\n{method}\n{target}\n{host}\n{port}\n\n");
        let (id, mac) = (&self.id, hmac(&self.key, &text));
        format!(r#"MAC id="{id}" ts="{time}" nonce="{nonce}" mac="{mac}""#)
    }
}

struct OldClient {
    root: String,
    key: Option<Key>,
}

impl OldClient {
    /// From the entity to its API root, by the `Link` header, or else by the head of the page.
    async fn discover(entity: &str) -> Self {
        let page = ask("HEAD", &format!("{entity}/"), &[], "").await;
        let link = page.header("link");
        assert!(
            link.contains(r#"rel="https://tent.io/rels/profile""#),
            "{link}"
        );
        let (target, _) = link.trim_start_matches('<').split_once('>').unwrap();
        let profile = ask("GET", &format!("{entity}{target}"), &[("Accept", TENT)], "").await;
        let core = &profile.json()["https://tent.io/types/info/core/v0.1.0"];
        assert_eq!(core["entity"], entity);
        Self {
            root: core["servers"][0].as_str().unwrap().to_owned(),
            key: None,
        }
    }

    async fn once(&self, method: &str, url: &str, body: Option<&Value>) -> Heard {
        let signed = self.key.as_ref().map(|key| key.header(method, url));
        let mut headers = vec![("Accept", TENT), ("User-Agent", "tentapp")];
        headers.extend(signed.as_deref().map(|value| ("Authorization", value)));
        let text = body.map(Value::to_string).unwrap_or_default();
        if body.is_some() {
            headers.push(("Content-Type", TENT));
        }
        ask(method, url, &headers, &text).await
    }

    /// Tries until the answer is 200.
    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Heard {
        let url = format!("{}{path}", self.root);
        let mut heard = self.once(method, &url, body.as_ref()).await;
        for _ in 1..TRIES {
            if heard.status == 200 {
                break;
            }
            heard = self.once(method, &url, body.as_ref()).await;
        }
        assert_eq!(heard.status, 200, "{method} {path}: {heard:?}");
        heard
    }

    /// Registers, sends the owner to the page, and exchanges the code that comes back.
    async fn log_in(&mut self) {
        let app = json!({
            "name": "tentapp", "description": "", "url": "http://localhost:8000", "icon": "",
            "redirect_uris": ["http://localhost:8000/cb"],
            "scopes": {"read_posts": "", "write_posts": "", "read_groups": "", "read_followings": "",
                "write_followings": "", "read_followers": "", "read_profile": ""},
            "tent_profile_info_types": "all", "tent_post_types": "all",
        });
        let app = self.call("POST", "/apps", Some(app)).await.json();
        self.key = Some(Key::of(&app, "mac_key_id"));
        let id = app["id"].as_str().unwrap();
        let page = format!(
            "{}/oauth/authorize?client_id={id}&redirect_uri={}&state=ab12&scope=read_posts,write_posts,\
             read_groups,read_followings,write_followings,read_followers,read_profile\
             &tent_profile_info_types=all&tent_post_types=all",
            self.root,
            encoded("http://localhost:8000/cb"),
        );
        let back: Url = approve(&page, PASSPHRASE).await.parse().unwrap();
        let pairs: Vec<_> = back.query_pairs().collect();
        assert_eq!(pairs[1], ("state".into(), "ab12".into()));
        let body = json!({"code": pairs[0].1, "token_type": "mac"});
        let path = format!("/apps/{id}/authorizations");
        let token = self.call("POST", &path, Some(body)).await.json();
        self.key = Some(Key::of(&token, "access_token"));
    }

    /// All statuses, by the time of the last one of each page.
    async fn statuses(&self, limit: usize) -> Vec<Value> {
        let filter = format!("/posts?post_types={}&limit={limit}", encoded(STATUS));
        let mut path = filter.clone();
        let mut all = Vec::new();
        loop {
            let page = self.call("GET", &path, None).await.json();
            let page = page.as_array().unwrap();
            let Some(last) = page.last() else {
                return all;
            };
            path = format!(
                "{filter}&before_time={}&sort_by=published_at",
                last["published_at"]
            );
            all.extend_from_slice(page);
        }
    }
}

#[tokio::test]
async fn it_runs_its_whole_flow() {
    let (alice, bob) = (serve().await, serve().await);
    let mut client = OldClient::discover(&alice).await;
    assert!(!client.root.ends_with('/'));
    client.log_in().await;

    let profile = client.call("GET", "/profile", None).await.json();
    assert!(profile["https://tent.io/types/info/basic/v0.1.0"].is_object());
    assert_eq!(client.call("GET", "/groups", None).await.json(), json!([]));
    assert_eq!(client.call("GET", "/posts/count", None).await.json(), 0);

    for time in 1..=5 {
        let post = json!({
            "type": STATUS, "published_at": time, "permissions": {"public": true}, "licenses": [],
            "content": {"text": format!("Hello {time}")},
        });
        let post = client.call("POST", "/posts", Some(post)).await.json();
        assert_eq!(post["entity"], alice);
    }
    let texts = client.statuses(2).await;
    let texts: Vec<_> = texts.iter().map(|post| &post["content"]["text"]).collect();
    assert_eq!(
        texts,
        ["Hello 5", "Hello 4", "Hello 3", "Hello 2", "Hello 1"]
    );

    let follow = json!({"entity": bob});
    let following = client
        .call("POST", "/followings", Some(follow))
        .await
        .json();
    let id = following["id"].as_str().unwrap();
    let followings = client.call("GET", "/followings", None).await.json();
    assert_eq!(
        (&followings[0]["id"], &followings[0]["entity"]),
        (&json!(id), &json!(bob))
    );
    let followers = ask("GET", &format!("{bob}/tent/followers"), &[], "").await;
    assert_eq!(followers.json()[0]["entity"], alice);
    let gone = client
        .call("DELETE", &format!("/followings/{id}"), None)
        .await;
    assert!(gone.body.is_empty());

    let post = client.statuses(1).await.remove(0);
    let path = format!("/posts/{}", post["id"].as_str().unwrap());
    client.call("DELETE", &path, None).await;
    let again = client
        .once("GET", &format!("{}{path}", client.root), None)
        .await;
    assert_eq!(again.status, 404);
}

/// Sends a request as it is, and gives the whole answer.
async fn raw(entity: &str, request: &str) -> String {
    let address = entity.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = request.replace("{host}", address);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn http_1_0_is_answered_and_closed() {
    let alice = serve().await;
    let answer = raw(&alice, "GET /tent/profile HTTP/1.0\r\nHost: {host}\r\n\r\n").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 200 OK\r\n"), "{head}");
    assert!(!head.contains("chunked"), "{head}");
    let length = format!("content-length: {}", body.len());
    assert!(head.contains(&length), "{head}");
    let answer = raw(&alice, "GET /tent/profile HTTP/1.0\r\n\r\n").await;
    assert!(
        answer.starts_with("HTTP/1.0 400 "),
        "it names no host: {answer}"
    );
}

#[tokio::test]
async fn slashes_at_the_end_and_charsets_make_no_difference() {
    let alice = serve().await;
    let mut client = OldClient::discover(&alice).await;
    client.log_in().await;
    for path in [
        "/profile/",
        "/posts/",
        "/posts/count/",
        "/groups/",
        "/followings/",
    ] {
        client.call("GET", path, None).await;
    }
    let url = format!("{}/posts/", client.root);
    let post = json!({"type": STATUS, "content": {"text": "É"}}).to_string();
    for charset in [
        "application/json; charset=UTF-8",
        "application/vnd.tent.v0+json;charset=\"utf-8\"",
    ] {
        let signed = client.key.as_ref().unwrap().header("POST", &url);
        let headers = [("Authorization", &*signed), ("Content-Type", charset)];
        let heard = ask("POST", &url, &headers, &post).await;
        assert_eq!(
            (heard.status, &heard.json()["content"]["text"]),
            (200, &json!("É"))
        );
    }
}

#[tokio::test]
async fn each_get_is_also_a_head() {
    let alice = serve().await;
    let mut client = OldClient::discover(&alice).await;
    client.log_in().await;
    let post = json!({"type": STATUS, "content": {"text": "Hello"}});
    let post = client.call("POST", "/posts", Some(post)).await.json();
    let id = post["id"].as_str().unwrap();
    let core = encoded("https://tent.io/types/info/core/v0.1.0");
    for path in [
        "/",
        "/profile",
        "/posts",
        "/posts/count",
        "/groups",
        "/groups/count",
        "/followers",
        "/followers/count",
        "/followings",
        "/followings/count",
        "/posts/nothing",
        "/apps",
        "/nothing",
        &format!("/profile/{core}"),
        &format!("/posts/{id}"),
        &format!("/posts/{id}/versions"),
        &format!("/posts/{id}/mentions"),
        &format!("/posts/{}/{id}", encoded(&alice)),
        "/oauth/authorize",
        "/settings",
    ] {
        let url = format!("{}{path}", client.root);
        let (get, head) = (
            client.once("GET", &url, None).await,
            client.once("HEAD", &url, None).await,
        );
        assert_eq!(
            (head.status, head.body.as_str()),
            (get.status, ""),
            "{path}"
        );
        for name in [
            "content-type",
            "content-length",
            "etag",
            "link",
            "cache-control",
        ] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
        let tag = get.header("etag");
        if tag.is_empty() {
            continue;
        }
        for method in ["GET", "HEAD"] {
            let signed = client.key.as_ref().unwrap().header(method, &url);
            let headers = [("Authorization", &*signed), ("If-None-Match", tag)];
            let heard = ask(method, &url, &headers, "").await;
            assert_eq!(
                (heard.status, heard.body.as_str()),
                (304, ""),
                "{method} {path}"
            );
            let length = heard.header("content-length");
            assert!(
                length.is_empty() || length == get.header("content-length"),
                "{heard:?}"
            );
        }
    }
}

#[test]
fn it_signs_as_the_protocol_has_it() {
    let text = "1336363200\ndj83hs9s\nPOST\n/resource/1?b=1&a=2\nexample.com\n80\n\n";
    assert_eq!(
        hmac("489dks293j39", text),
        "Xt51rtHY5F+jxKXMCoiKgXa3geofWW/7RANCXB1yu08="
    );
}
