//! Posts that come with files.

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, EXPECT};
use serde_json::json;

use crate::desk::{Desk, id};
use crate::form::{FORM, file, files, form, part, post_part, status};
use crate::world::TENT;

#[tokio::test]
async fn files_are_described_and_come_back() {
    let desk = Desk::new().await;
    let post = desk
        .world
        .attach(
            &desk.user,
            &[
                ("photos[0]", "pier.png", "image/png", "the pier"),
                ("photos[1]", "gull.png", "Image/PNG; q=1", "a gull"),
                ("notes", "tide times", "text/plain", "low at six\r\n"),
                ("notes", "tide times", "text/html", ""),
            ],
        )
        .await;
    assert_eq!(
        post["attachments"],
        json!([
            {"category": "photos", "name": "pier.png", "type": "image/png", "size": 8},
            {"category": "photos", "name": "gull.png", "type": "image/png", "size": 6},
            {"category": "notes", "name": "tide times", "type": "text/plain", "size": 12},
            {"category": "notes", "name": "tide times", "type": "text/html", "size": 0},
        ])
    );
    let path = format!("/posts/{}", id(&post));
    let read = desk.world.get(&path).await.ok().json();
    assert_eq!(read["attachments"], post["attachments"]);
    for (name, media_type, content) in [
        ("pier.png", "image/png", "the pier"),
        ("gull.png", "image/png", "a gull"),
        ("tide%20times", "text/plain", "low at six\r\n"),
        ("tide%20times", "text/html", ""),
    ] {
        let path = format!("{path}/attachments/{name}");
        assert_eq!(desk.world.content(&path, media_type).await, content);
    }
    let of = format!("/posts/https%3A%2F%2Falice.example/{}", id(&post));
    let path = format!("{of}/attachments/pier.png");
    assert_eq!(desk.world.content(&path, "image/png").await, "the pier");
    for path in [
        format!("/posts/{}/attachments/other.png", id(&post)),
        "/posts/other/attachments/pier.png".to_owned(),
        format!(
            "/posts/https%3A%2F%2Fbob.example/{}/attachments/pier.png",
            id(&post)
        ),
    ] {
        assert_eq!(desk.world.get(&path).await.error().0, 404, "{path}");
    }
}

#[tokio::test]
async fn forms_are_read_as_clients_of_all_makes_write_them() {
    let desk = Desk::new().await;
    let post = || post_part(&status("Look"));
    let photo = |category: &str| file(category, "a.png", "image/png", "AAAA");
    let disposition = "Content-Disposition: form-data; name=\"post\"";
    let json_part =
        |lines: &[&str]| part(&[&[disposition], lines].concat(), &status("x").to_string());
    let lengths = [
        "content-disposition:form-data;name=photos;filename=a.png",
        "Content-Length: 4",
        "Content-Type: image/png",
        "Content-Transfer-Encoding: binary",
    ];
    for (content_type, parts) in [
        (FORM, vec![post(), photo("photos[0]")]),
        (FORM, vec![post(), photo("photos")]),
        (FORM, vec![post(), photo("photos[]")]),
        (FORM, vec![post(), part(&lengths, "AAAA")]),
        // The post comes last, and is known by its name.
        (FORM, vec![photo("photos"), json_part(&[])]),
        (
            FORM,
            vec![
                photo("photos"),
                json_part(&["Content-Type: application/json"]),
            ],
        ),
        (
            "multipart/form-data;boundary=b7f2",
            vec![photo("photos"), post()],
        ),
        (
            "Multipart/Form-Data; charset=utf-8; boundary=\"b7f2\"",
            vec![post(), photo("photos")],
        ),
    ] {
        let form = form(&parts);
        let answer = desk.post(content_type, form.clone()).await;
        assert_eq!(answer.status, 200, "{form}\n{}", answer.text());
        let expected =
            json!([{"category": "photos", "name": "a.png", "type": "image/png", "size": 4}]);
        assert_eq!(answer.json()["attachments"], expected, "{form}");
    }
    // A file may be called as the post is, when the post is known by its type.
    let twin = file("post", "b.json", "application/json", "{}");
    let answer = desk.post(FORM, form(&[post(), twin])).await.ok();
    assert_eq!(answer.json()["attachments"][0]["category"], "post");
    let plain = desk.post(FORM, form(&[post()])).await.ok();
    assert_eq!(plain.json()["attachments"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_attached_is_refused_and_leaves_nothing() {
    let desk = Desk::new().await;
    let post = || post_part(&status("Look"));
    let photo = || file("photos", "a.png", "image/png", "AAAA");
    let named = |name: &str| file("photos", name, "image/png", "AAAA");
    let long = "x".repeat(256);
    let bare = part(&["Content-Disposition: form-data; name=\"x\""], "AAAA");
    let nameless = part(&["Content-Disposition: form-data; filename=\"x\""], "AAAA");
    let whole = form(&[photo(), post()]);
    let mut refused = vec![
        (form(&[photo()]), 422),
        (form(&[photo(), post(), post()]), 422),
        (form(&[post(), photo(), photo()]), 422),
        (form(&[post(), photo(), bare]), 422),
        (form(&[post(), photo(), nameless]), 422),
        (form(&[photo(), post_part(&json!({"type": "x"}))]), 422),
        (form(&[photo(), post_part(&json!([]))]), 422),
        (form(&[photo(), file("post", "post.json", TENT, "{")]), 400),
        (
            form(&[photo(), file("b", "b", TENT, &" ".repeat(1024 * 1024 + 1))]),
            413,
        ),
        ("--b7f2 and more\r\n".to_owned(), 400),
        (String::new(), 400),
        (whole[..whole.len() - 6].to_owned(), 400),
        (whole[..whole.len() / 3].to_owned(), 400),
    ];
    for name in ["", ".", "..", "a/", "../..", "a\u{85}b", &long] {
        refused.push((form(&[post(), photo(), named(name)]), 422));
    }
    for media_type in [
        "png",
        "image/",
        "a b/c",
        "*/*",
        "image/png\u{e9}",
        &format!("a/{long}"),
    ] {
        let odd = file("photos", "b", media_type, "AAAA");
        refused.push((form(&[post(), photo(), odd]), 422));
    }
    for (body, status) in refused {
        let answer = desk.post(FORM, body.clone()).await;
        assert_eq!(answer.error().0, status, "{body}");
        assert_eq!(files(&desk.folder()), [""; 0], "{body}");
    }
    let answer = desk.post("multipart/form-data", whole.clone()).await;
    assert_eq!(answer.error().0, 400, "no boundary");
    let mut claimed = status("Look");
    claimed["attachments"] = json!([{"category": "photos", "name": "a.png", "type": "image/png"}]);
    let answer = desk
        .world
        .call(Some(&desk.user), "POST", "/posts", Some(claimed))
        .await;
    assert_eq!(answer.error().0, 422, "there is no such file");
    assert_eq!(desk.world.get("/posts").await.ok().json(), json!([]));
}

#[tokio::test]
async fn who_may_not_write_posts_is_not_listened_to() {
    /// A body that nobody should read.
    struct Unread;
    impl http_body::Body for Unread {
        type Data = bytes::Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
            panic!("the body was read");
        }
    }
    let desk = Desk::new().await;
    let reader = desk.world.log_in("read_posts", "all").await;
    for user in [None, Some(&reader)] {
        for (method, path) in [("POST", "/posts"), ("PUT", "/posts/x")] {
            // What comes unasked is thrown away; this waits to be asked for.
            let mut request = desk.world.request(method, &format!("/tent{path}"));
            request = request
                .header(CONTENT_TYPE, FORM)
                .header(EXPECT, "100-continue");
            if let Some(user) = user {
                request = request.header(AUTHORIZATION, desk.world.sign(user, method, path));
            }
            let request = request.body(Body::new(Unread)).unwrap();
            let answer = desk.world.send(request).await;
            assert_eq!(answer.error(), (403, "Unauthorized".into()), "{method}");
        }
    }
}

#[tokio::test]
async fn a_name_is_never_a_path() {
    let desk = Desk::new().await;
    for (sent, name) in [
        ("../../x", "x"),
        ("/etc/passwd", "passwd"),
        ("C:\\\\tide\\\\low.png", "low.png"),
        ("..%2F..%2Fx", "..%2F..%2Fx"),
        ("...", "..."),
    ] {
        let post = desk
            .world
            .attach(&desk.user, &[("photos", sent, "image/png", sent)])
            .await;
        assert_eq!(post["attachments"][0]["name"], name, "{sent}");
        let escaped = name.replace('%', "%25");
        let path = format!("/posts/{}/attachments/{escaped}", id(&post));
        assert_eq!(desk.world.content(&path, "*/*").await, sent);
    }
    // What is there has hashes for names, and lies in the folder.
    assert!(files(&desk.folder()).iter().all(|name| name.len() == 64));
    let folder = desk.folder();
    for beside in ["passwd", "low.png", "x"] {
        assert!(!folder.with_file_name(beside).exists(), "{beside}");
    }
}
