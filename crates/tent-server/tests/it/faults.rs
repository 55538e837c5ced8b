//! What is wrong on purpose does no harm.
//!
//! More of it is tested where it belongs: nonces and timestamps in `mac`, hosts in `discovery`, keys of
//! other entities in `hosting`, bodies in `body` and `attachment_limits`, connections in the crate itself.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::json;
use tent_proto::mac::Credentials;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::attachment_limits::Pieces;
use crate::browser::Browser;
use crate::form::{FORM, file, files, form, post_part, status};
use crate::store;
use crate::world::{Answer, START, STATUS, TENT, World, builder, encoded};

const BASIC: &str = "https://tent.io/types/info/basic/v0.1.0";

/// Sends a body as it is.
async fn send(
    world: &World,
    user: &Credentials,
    (method, path): (&str, &str),
    content_type: &str,
    body: impl Into<Body>,
) -> Answer {
    let request = world
        .request(method, &format!("/tent{path}"))
        .header(AUTHORIZATION, world.sign(user, method, path))
        .header(CONTENT_TYPE, content_type);
    world.send(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn json_that_is_nested_too_deep_is_refused() {
    let world = World::new().await;
    let user = world.log_in("write_posts,write_profile", "all").await;
    let section = format!("/profile/{}", encoded(BASIC));
    for (place, before, after) in [
        (
            ("POST", "/posts"),
            r#"{"type":"https://x.example/x/v1.0.0","content":{"a":"#,
            "}}",
        ),
        (
            ("POST", "/posts"),
            r#"{"type":"https://x.example/x/v1.0.0","content":{},"permissions":{"a":"#,
            "}}",
        ),
        (
            ("POST", "/posts"),
            r#"{"type":"https://x.example/x/v1.0.0","content":{},"views":{"a":"#,
            "}}",
        ),
        (
            ("POST", "/posts"),
            r#"{"type":"https://x.example/x/v1.0.0","content":{},"colour":"#,
            "}",
        ),
        (("PUT", &section), r#"{"a":"#, "}"),
        (
            ("POST", "/apps"),
            r#"{"name":"a","url":"https://x.example","a":"#,
            "}",
        ),
    ] {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            for depth in [120, 10_000] {
                let middle = if open == "[" { "" } else { "1" };
                let nested = format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
                let body = format!("{before}{nested}{after}");
                let answer = send(&world, &user, place, TENT, body).await;
                let (status, text) = answer.error();
                assert_eq!(status, 400, "{place:?} {before}: {text}");
                assert!(text.contains("nested"), "{text}");
            }
        }
    }
    // What only looks so is a text.
    let text = "[{\\\"".repeat(10_000);
    let body = format!(r#"{{"type":"{STATUS}","content":{{"text":"{text}"}}}}"#);
    send(&world, &user, ("POST", "/posts"), TENT, body)
        .await
        .ok();
    let deep = format!("{}{}", "[".repeat(50), "]".repeat(50));
    let body = format!(r#"{{"type":"{STATUS}","content":{{"deep":{deep}}}}}"#);
    let post = send(&world, &user, ("POST", "/posts"), TENT, body)
        .await
        .ok();
    assert!(post.text().contains(&deep));
}

/// What breaks those who put texts together.
const NASTY: &str = "'; DROP TABLE posts; --\" <script>alert(1)</script><img src=x onerror=alert(2)> &amp; \
                     ]]> %s %00 \\u0000 \u{0} \u{202e}\u{1f6a2} ${7*7} {{7*7}}";

#[tokio::test]
async fn sql_and_html_in_every_member_of_a_post_come_back_as_they_were() {
    let world = World::new().await;
    let user = world
        .log_in(
            "read_posts,write_posts,import_posts,read_permissions",
            "all",
        )
        .await;
    let nasty_url = format!("https://x.example/{}", encoded(NASTY));
    let post = json!({
        "id": "a'; DROP TABLE posts; --<b>", "type": format!("{nasty_url}'\"<b>/v1.0.0"),
        "content": {"text": NASTY, NASTY: [NASTY]}, "licenses": [NASTY],
        "mentions": [{"entity": nasty_url, "post": NASTY}],
        "permissions": {"public": true, "entities": {NASTY: true}},
        "app": {"name": NASTY, "url": nasty_url},
        "views": {NASTY: {"content": [NASTY]}},
    });
    let call = async |path: String| world.call(Some(&user), "GET", &path, None).await;
    let made = world
        .call(Some(&user), "POST", "/posts", Some(post.clone()))
        .await;
    let made = made.ok().json();
    let id = encoded(post["id"].as_str().unwrap()).replace('+', "%20");
    let read = call(format!("/posts/{id}")).await.ok().json();
    for name in ["id", "type", "content", "licenses", "mentions", "app"] {
        assert_eq!(
            (&made[name], &read[name]),
            (&post[name], &post[name]),
            "{name}"
        );
    }
    assert_eq!(read["permissions"]["entities"], json!({NASTY: true}));
    let listed = call(format!(
        "/posts?post_types={}",
        encoded(post["type"].as_str().unwrap())
    ));
    assert_eq!(listed.await.ok().json(), json!([read]));
    let view = encoded(NASTY);
    call(format!("/posts?view={view}")).await.ok();
    for parameter in [
        "post_types",
        "entity",
        "mentioned_entity",
        "mentioned_post",
        "since_id",
        "sort_by",
    ] {
        let answer = call(format!("/posts?{parameter}={}", encoded(NASTY))).await;
        assert!(answer.status.as_u16() < 500, "{parameter}: {answer:?}");
    }
    assert_eq!(call("/posts/count".to_owned()).await.ok().json(), 1);
}

#[tokio::test]
async fn sql_and_html_in_a_profile_come_back_as_they_were_and_pages_escape_them() {
    let world = World::new().await;
    let user = world
        .log_in("read_profile,write_profile,write_posts", "all")
        .await;
    let section = json!({
        "name": NASTY, "bio": NASTY, "location": NASTY, "gender": NASTY, "birthdate": NASTY,
        "avatar_url": NASTY, "website_url": NASTY, NASTY: NASTY, "permissions": {"public": true},
    });
    let path = format!("/profile/{}", encoded(BASIC));
    world
        .call(Some(&user), "PUT", &path, Some(section.clone()))
        .await
        .ok();
    let read = world.get("/profile").await.ok().json();
    for (name, value) in section.as_object().unwrap() {
        assert_eq!(&read[BASIC][name], value, "{name}");
    }
    for (post_type, content) in [
        (STATUS, json!({"text": NASTY})),
        (
            "https://tent.io/types/post/essay/v0.1.0",
            json!({"title": NASTY, "body": NASTY, "excerpt": NASTY}),
        ),
        (
            "https://tent.io/types/post/photo/v0.1.0",
            json!({"caption": NASTY}),
        ),
    ] {
        let post = json!({"type": post_type, "content": content, "permissions": {"public": true}});
        world
            .call(Some(&user), "POST", "/posts", Some(post))
            .await
            .ok();
    }
    // An app that is as bad, on the page on which it is approved.
    let app = json!({
        "name": NASTY, "description": NASTY, "url": "https://x.example", "icon": "https://x.example/i.png",
        "redirect_uris": ["https://x.example/cb"], "scopes": {"read_posts": NASTY},
    });
    let app = world
        .call(None, "POST", "/apps", Some(app))
        .await
        .ok()
        .json();
    let query = format!(
        "client_id={}&redirect_uri={}&scope=read_posts&state={}&tent_post_types={}",
        app["id"].as_str().unwrap(),
        encoded("https://x.example/cb"),
        encoded(NASTY),
        encoded(NASTY),
    );
    let mut browser = Browser::default();
    browser.sign_in(&world, &query).await;
    let approval = format!("/tent/oauth/authorize?{query}");
    for page in ["/", "/tent/settings", "/tent/settings/apps", &approval] {
        let page_text = browser.visit(&world, page).await.ok();
        let text = page_text.text();
        for part in ["<script", "<img", "alert(1)</script>"] {
            assert!(!text.contains(part), "{part} on {page}: {text}");
        }
    }
    let page = browser.visit(&world, "/").await.ok();
    assert!(
        page.text()
            .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
    );
}

#[tokio::test]
async fn a_body_that_is_dribbled_is_not_waited_for() {
    let world = World::new().await;
    let user = world.log_in("write_posts", STATUS).await;
    let (sender, body) = Pieces::pair();
    tokio::spawn(async move {
        while sender.send(Some(Bytes::from_static(b" "))).is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    tokio::time::pause();
    let answer = send(&world, &user, ("POST", "/posts"), TENT, body).await;
    assert_eq!(answer.error().0, 408);
}

#[tokio::test]
async fn ten_gigabytes_are_refused_before_they_come() {
    let world = World::new().await;
    let user = world.log_in("write_posts", STATUS).await;
    store::pause_time();
    for content_type in [TENT, FORM] {
        // Nothing of it comes, as long as the sender is there.
        let (_sender, body) = Pieces::pair();
        let request = world
            .request("POST", "/tent/posts")
            .header(AUTHORIZATION, world.sign(&user, "POST", "/posts"))
            .header(CONTENT_TYPE, content_type)
            .header(CONTENT_LENGTH, 10_000_000_000_u64);
        let began = Instant::now();
        let answer = world.send(request.body(body).unwrap()).await;
        assert_eq!(answer.error().0, 413, "{content_type}");
        let seconds = began.elapsed().as_secs();
        assert!(seconds < 5, "{content_type}: {seconds} seconds");
    }
}

#[tokio::test]
async fn a_form_that_is_cut_off_is_refused_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("files");
    let world = World::built(|server| server.attachments(&folder)).await;
    let user = world.log_in("read_posts,write_posts", STATUS).await;
    let whole = form(&[post_part(&status("Look")), file("a", "a", "a/a", "content")]);
    for length in 0..whole.len() - 4 {
        let cut = whole[..length].to_owned();
        let answer = send(&world, &user, ("POST", "/posts"), FORM, cut).await;
        let (status, text) = answer.error();
        assert!(matches!(status, 400 | 422), "{length}: {status} {text}");
    }
    assert_eq!(world.get("/posts/count").await.ok().json(), 0);
    assert_eq!(files(&folder), [""; 0]);
    send(&world, &user, ("POST", "/posts"), FORM, whole)
        .await
        .ok();
}

#[tokio::test]
async fn who_goes_in_the_midst_of_a_form_leaves_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let root = format!("http://{address}/tent");
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("files");
    let clock = Arc::new(AtomicI64::new(START));
    let server = builder(&clock)
        .entity(format!("http://{address}").parse().unwrap())
        .root(root.parse().unwrap())
        .database(store::database().await)
        .attachments(&folder);
    let server = server.build().await.unwrap();
    let world = World::of(server.router(), clock, &root);
    tokio::spawn(server.serve(listener, std::future::pending()));
    let user = world.log_in("read_posts,write_posts", STATUS).await;
    let film = file("videos", "tide", "video/mp4", &"x".repeat(400_000));
    let whole = form(&[post_part(&status("Look")), film]);
    for length in [7, 200, 350_000, whole.len() - 4, whole.len()] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST /tent/posts HTTP/1.1\r\nHost: {address}\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\n\
             Authorization: {}\r\nExpect: 100-continue\r\n\r\n",
            whole.len(),
            world.sign(&user, "POST", "/posts"),
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // It is being read.
        stream.read_exact(&mut [0; 25]).await.unwrap();
        stream.write_all(&whole.as_bytes()[..length]).await.unwrap();
        if length == whole.len() {
            let mut answer = [0; 15];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"HTTP/1.1 200 OK");
            assert_eq!(files(&folder).len(), 1);
            continue;
        }
        stream.shutdown().await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await; // an answer, or none
        assert_eq!(world.get("/posts/count").await.ok().json(), 0, "{length}");
        let gone = async {
            while !files(&folder).is_empty() {
                tokio::task::yield_now().await;
            }
        };
        let gone = tokio::time::timeout(Duration::from_secs(20), gone).await;
        gone.expect("the file goes with its sender");
    }
}
