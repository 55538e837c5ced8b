//! S8: which file is given.

use super::Ground;
use crate::form::{FORM, file, form, post_part, status};
use crate::wire::ask;

#[tokio::test]
async fn s8_attachments_are_found_by_name_and_exact_type() {
    let ground = Ground::new();
    let body = form(&[
        post_part(&status("Look")),
        file("files", "tide", "text/plain", "at six"),
        file("files", "tide", "text/html", "<p>at six"),
        file("files", "low tide", "text/plain", "at noon"),
    ]);
    let signed = ground.sign(ground.server.credentials(), "POST", "/posts");
    let headers = [("Authorization", &*signed), ("Content-Type", FORM)];
    let post = ask("POST", &ground.url("/posts"), &headers, &body).await;
    assert_eq!(post.status, 200, "{post:?}");
    let path = format!("/posts/{}/attachments", post.json()["id"].as_str().unwrap());
    for (name, media_type, content) in [
        ("tide", "text/plain", Some("at six")),
        ("tide", "text/html", Some("<p>at six")),
        ("low%20tide", "text/plain", Some("at noon")),
        ("tide", "text/plai", None),
        ("tide", "image/png", None),
        ("tide", "application/vnd.tent.v0+json", None),
        ("low%20tide", "text/html", None),
        ("Tide", "text/plain", None),
        ("tid", "text/plain", None),
    ] {
        let url = ground.url(&format!("{path}/{name}"));
        let heard = ask("GET", &url, &[("Accept", media_type)], "").await;
        match content {
            None => assert_eq!(heard.status, 404, "{name} {media_type}"),
            Some(content) => {
                assert_eq!((heard.status, heard.body.as_str()), (200, content));
                assert_eq!(heard.header("content-type"), media_type);
            }
        }
    }
}
