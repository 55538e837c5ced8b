//! Files of posts of those who are followed, passed on from their servers.

use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use tent_proto::mac::Credentials;

use crate::federation::alice_and_bob;
use crate::form::{FORM, file, form, post_part, status};
use crate::neighbour::Neighbour;
use crate::world::{Answer, STATUS, encoded};

/// More than is passed on at a time.
fn content() -> String {
    (0..120_000).map(|number| number.to_string()).collect()
}

/// Alice publishes a post for Bob alone, with a picture, a page of the same name, and something long.
async fn post(alice: &Neighbour, bob: &Neighbour) -> Value {
    let mut post = status("Look");
    post["permissions"] = json!({"public": false, "entities": {&bob.entity: true}});
    let parts = [
        post_part(&post),
        file("photos[0]", "quay", "image/png", "png"),
        file("photos[1]", "quay", "text/html", "<script>"),
        file("videos", "tide.mp4", "video/mp4", &content()),
    ];
    let (app, target) = (Some(&alice.app), ("POST", "/posts"));
    let post = alice.send_form(app, target, FORM, form(&parts)).await;
    post.ok().json()
}

fn path(alice: &Neighbour, post: &Value, name: &str) -> String {
    let id = post["id"].as_str().unwrap();
    format!("/posts/{}/{id}/attachments/{name}", encoded(&alice.entity))
}

async fn ask(
    bob: &Neighbour,
    caller: Option<&Credentials>,
    (method, path): (&str, &str),
    fields: &[(&str, &str)],
) -> Answer {
    let mut request = bob.request(method, &bob.target(path));
    if let Some(caller) = caller {
        request = request.header(AUTHORIZATION, bob.sign(caller, method, path));
    }
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    bob.send(request.body(axum::body::Body::empty()).unwrap())
        .await
}

#[tokio::test]
async fn a_file_comes_from_the_server_of_its_post() {
    let (alice, bob) = alice_and_bob().await;
    let post = post(&alice, &bob).await;
    alice.server.settle().await;
    let get = async |name, fields: &[(&str, &str)]| {
        ask(
            &bob,
            Some(&bob.app),
            ("GET", &path(&alice, &post, name)),
            fields,
        )
        .await
    };
    let picture = get("quay", &[]).await.ok();
    assert_eq!(
        (picture.text(), picture.header("content-type")),
        ("png", "image/png")
    );
    assert_eq!(picture.header("content-length"), "3");
    assert_eq!(picture.header("x-content-type-options"), "nosniff");
    let etag = picture.header("etag");
    assert!(!etag.is_empty());
    let known = get("quay", &[("if-none-match", etag)]).await;
    assert_eq!(known.status, 304);
    // Of those of one name it is the wanted one, and a page of Alice's is none of Bob's.
    let page = get("quay", &[("accept", "text/html")]).await.ok();
    assert_eq!(page.text(), "<script>");
    assert!(page.header("content-security-policy").contains("sandbox"));
    assert!(page.header("content-disposition").starts_with("attachment"));

    let video = get("tide.mp4", &[("accept", "video/*")]).await.ok();
    assert_eq!(video.text(), content());
    let part = get("tide.mp4", &[("range", "bytes=100000-100099")]).await;
    assert_eq!(part.status, 206);
    assert_eq!(part.text(), &content()[100_000..100_100]);
    let range = format!("bytes 100000-100099/{}", content().len());
    assert_eq!(part.header("content-range"), range);
    let head = ("HEAD", &*path(&alice, &post, "tide.mp4"));
    let head = ask(&bob, Some(&bob.app), head, &[]).await.ok();
    assert_eq!(head.header("content-length"), content().len().to_string());
}

#[tokio::test]
async fn a_file_of_a_post_that_is_not_here_comes_too() {
    let (alice, bob) = alice_and_bob().await;
    bob.set_up(false);
    let post = post(&alice, &bob).await;
    bob.set_up(true);
    let target = ("GET", &*path(&alice, &post, "quay"));
    let answer = ask(&bob, Some(&bob.app), target, &[]).await;
    assert_eq!(answer.ok().text(), "png");
}

#[tokio::test]
async fn who_may_not_see_the_post_gets_no_file() {
    let (alice, bob) = alice_and_bob().await;
    let post = post(&alice, &bob).await;
    alice.server.settle().await;
    let essays = bob
        .log_in("read_posts", "https://tent.io/types/post/essay/v0.1.0")
        .await;
    let statuses = bob.log_in("read_posts", STATUS).await;
    let quay = path(&alice, &post, "quay");
    for caller in [None, Some(&essays)] {
        let answer = ask(&bob, caller, ("GET", &quay), &[]).await;
        assert_eq!(answer.error().0, 404);
    }
    let answer = ask(&bob, Some(&statuses), ("GET", &quay), &[]).await;
    assert_eq!(answer.ok().text(), "png");
    for (name, accept) in [("quay", "image/gif"), ("nothing", "*/*")] {
        let target = ("GET", &*path(&alice, &post, name));
        let answer = ask(&bob, Some(&bob.app), target, &[("accept", accept)]).await;
        assert_eq!(answer.error().0, 404, "{name} {accept}");
    }
    // Strangers ask Alice's server, also for what everybody may see.
    let files = [("photos", "sea", "image/png", "png")];
    let public = alice.attach(&alice.app, &files).await;
    alice.server.settle().await;
    let sea = path(&alice, &public, "sea");
    let answer = ask(&bob, Some(&bob.app), ("GET", &sea), &[]).await;
    assert_eq!(answer.ok().text(), "png");
    assert_eq!(bob.get(&sea).await.error().0, 404);
    // Without the following there is no way to it.
    let following = format!("/followings/{}", encoded(&alice.entity));
    let following = bob.ask("GET", &following, None).await;
    let following = format!("/followings/{}", following["id"].as_str().unwrap());
    bob.ask("DELETE", &following, None).await;
    let answer = ask(&bob, Some(&bob.app), ("GET", &quay), &[]).await;
    assert_eq!(answer.error().0, 404);
}

#[tokio::test]
async fn a_server_that_is_down_is_told_apart_from_a_file_that_is_gone() {
    let (alice, bob) = alice_and_bob().await;
    let post = post(&alice, &bob).await;
    alice.server.settle().await;
    let quay = path(&alice, &post, "quay");
    alice.set_up(false);
    let down = ask(&bob, Some(&bob.app), ("GET", &quay), &[]).await;
    assert_eq!(down.error().0, 502);
    alice.set_up(true);
    let id = post["id"].as_str().unwrap();
    alice.ask("DELETE", &format!("/posts/{id}"), None).await;
    let gone = ask(&bob, Some(&bob.app), ("GET", &quay), &[]).await;
    assert_eq!(gone.error().0, 404);
}
