//! Files of posts, as browsers and apps read them.

use serde_json::Value;
use tent_proto::mac::Credentials;

use crate::world::{Answer, World};

async fn world() -> (World, Credentials) {
    let world = World::new().await;
    let user = world.log_in("read_posts,write_posts", "all").await;
    (world, user)
}

fn path(post: &Value, name: &str) -> String {
    format!("/posts/{}/attachments/{name}", post["id"].as_str().unwrap())
}

#[tokio::test]
async fn whoever_wants_no_certain_type_gets_what_there_is() {
    let (world, user) = world().await;
    let post = world
        .attach(&user, &[("photos", "a", "image/png", "png")])
        .await;
    let path = path(&post, "a");
    for headers in [
        &[][..],
        &[("accept", "*/*")],
        &[("accept", "image/*")],
        &[("accept", "image/png")],
        &[("accept", "text/html"), ("accept", "image/png;q=0.5")],
    ] {
        let answer = world.download(&path, headers).await.ok();
        assert_eq!(
            (answer.text(), answer.header("content-type")),
            ("png", "image/png")
        );
        assert_eq!(answer.header("vary"), "Accept");
    }
    for accept in ["text/html", "application/vnd.tent.v0+json", "image/png;q=0"] {
        let answer = world.download(&path, &[("accept", accept)]).await;
        assert_eq!(answer.error().0, 404, "{accept}");
    }
}

#[tokio::test]
async fn of_several_types_the_best_is_given() {
    let (world, user) = world().await;
    let files = [
        ("photos", "a", "image/png", "png"),
        ("photos", "a", "image/gif", "gif"),
    ];
    let path = path(&world.attach(&user, &files).await, "a");
    for (accept, content) in [
        ("image/gif", "gif"),
        ("image/png", "png"),
        ("image/*", "png"),
        ("image/gif;q=0.2, image/png", "gif"), // the first range is equal
        ("text/html, image/png;q=0.2, image/gif;q=0.3", "gif"),
        ("*/*, image/png;q=0", "gif"),
    ] {
        assert_eq!(world.content(&path, accept).await, content, "{accept}");
    }
}

#[tokio::test]
async fn only_who_sees_the_post_sees_its_files() {
    let (world, user) = world().await;
    let mut private = crate::form::status("Look");
    private["permissions"] = serde_json::json!({"public": false});
    let parts = [
        crate::form::post_part(&private),
        crate::form::file("a", "a", "image/png", "png"),
    ];
    let form = crate::form::form(&parts);
    let target = ("POST", "/posts");
    let post = world
        .send_form(Some(&user), target, crate::form::FORM, form)
        .await;
    let path = path(&post.ok().json(), "a");
    assert_eq!(world.get(&path).await.error().0, 404);
    let read = world.call(Some(&user), "GET", &path, None).await.ok();
    assert_eq!(read.text(), "png");
    let other = world
        .log_in("read_posts", "https://x.example/note/v1.0.0")
        .await;
    let read = world.call(Some(&other), "GET", &path, None).await;
    assert_eq!(read.error().0, 404, "of a type that was not granted");
}

#[tokio::test]
async fn parts_of_a_file_are_given() {
    let (world, user) = world().await;
    let path = path(
        &world
            .attach(&user, &[("a", "a", "text/plain", "0123456789")])
            .await,
        "a",
    );
    let whole = world.get(&path).await.ok();
    let etag = whole.header("etag").to_owned();
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("content-length"), "10");
    let ask = async |headers: &[(&str, &str)]| world.download(&path, headers).await;
    let part = |answer: Answer, content: &str, range: &str| {
        assert_eq!(answer.status, 206);
        assert_eq!(
            (answer.text(), answer.header("content-range")),
            (content, range)
        );
        assert_eq!(answer.header("content-length"), content.len().to_string());
        assert_eq!(answer.header("etag"), etag);
    };
    part(ask(&[("range", "bytes=2-4")]).await, "234", "bytes 2-4/10");
    part(ask(&[("range", "bytes=7-")]).await, "789", "bytes 7-9/10");
    part(ask(&[("range", "bytes=-2")]).await, "89", "bytes 8-9/10");
    part(
        ask(&[("range", "bytes=0-0"), ("if-range", &etag)]).await,
        "0",
        "bytes 0-0/10",
    );
    for headers in [
        &[("range", "bytes=1-2,4-5")][..],
        &[("range", "bytes=4-2")],
        &[("range", "bytes=2-4"), ("if-range", "\"other\"")],
    ] {
        assert_eq!(ask(headers).await.ok().text(), "0123456789", "{headers:?}");
    }
    let beyond = ask(&[("range", "bytes=10-")]).await;
    assert_eq!(beyond.header("content-range"), "bytes */10");
    assert_eq!(beyond.error().0, 416);

    for headers in [
        &[("if-none-match", etag.as_str())][..],
        &[("if-none-match", "\"x\", *"), ("range", "bytes=2-4")],
    ] {
        let answer = ask(headers).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (304, ""),
            "{headers:?}"
        );
        assert_eq!(answer.header("etag"), etag);
        assert!(!answer.headers.contains_key("content-range"));
    }
    assert_eq!(
        ask(&[("if-none-match", "\"other\"")]).await.ok().text(),
        "0123456789"
    );
}

#[tokio::test]
async fn a_head_has_the_length_and_no_bytes() {
    let (world, user) = world().await;
    for content in ["0123456789", ""] {
        let path = path(
            &world
                .attach(&user, &[("a", "a", "text/plain", content)])
                .await,
            "a",
        );
        let get = world.get(&path).await.ok();
        let request = world
            .request("HEAD", &format!("/tent{path}"))
            .header("range", "bytes=2-4");
        let head = world
            .send(request.body(axum::body::Body::empty()).unwrap())
            .await
            .ok();
        assert_eq!((head.text(), get.text()), ("", content));
        assert_eq!(head.headers, get.headers);
        assert_eq!(head.header("content-length"), content.len().to_string());
    }
    let refused = world
        .call(Some(&user), "PUT", "/posts/x/attachments/a", None)
        .await;
    assert_eq!(refused.error().0, 405);
}

#[tokio::test]
async fn a_file_is_no_page_of_the_server() {
    let (world, user) = world().await;
    for (media_type, kind, is_confined) in [
        ("image/png", "inline", false),
        ("text/plain", "inline", false),
        ("text/html", "attachment", true),
        ("image/svg+xml", "attachment", true),
        ("application/pdf", "attachment", true),
        ("text/javascript", "attachment", true),
    ] {
        let post = world
            .attach(&user, &[("a", "a", media_type, "<script>")])
            .await;
        let answer = world.get(&path(&post, "a")).await.ok();
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(
            answer.header("content-disposition"),
            format!("{kind}; filename=\"a\"")
        );
        let policy = answer.header("content-security-policy");
        let confined = "default-src 'none'; sandbox";
        assert_eq!(
            policy,
            if is_confined { confined } else { "" },
            "{media_type}"
        );
    }
}

#[tokio::test]
async fn no_name_adds_a_header() {
    let (world, user) = world().await;
    for (sent, escaped, disposition) in [
        (
            "a\\\"; filename=b",
            "a%22%3B%20filename=b",
            "inline; filename=\"a_; filename=b\"; filename*=UTF-8''a%22%3B%20filename%3Db",
        ),
        (
            "Möwe.png",
            "M%C3%B6we.png",
            "inline; filename=\"M_we.png\"; filename*=UTF-8''M%C3%B6we.png",
        ),
        (
            "a%0d%0aX: y",
            "a%250d%250aX:%20y",
            "inline; filename=\"a_0d_0aX: y\"; filename*=UTF-8''a%250d%250aX%3A%20y",
        ),
    ] {
        let post = world
            .attach(&user, &[("a", sent, "image/png", "png")])
            .await;
        let answer = world.get(&path(&post, escaped)).await.ok();
        assert_eq!(answer.header("content-disposition"), disposition);
        assert!(!answer.headers.contains_key("x"));
    }
    // A line that breaks ends the head of a part, or the form.
    let files = [("a", "a\r\nX: y", "image/png", "png")];
    assert_eq!(world.try_attach(&user, &files).await.error().0, 400);
}
