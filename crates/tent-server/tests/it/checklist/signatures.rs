//! S1 to S3: who is asking, and what they may.

use serde_json::json;
use tent_proto::mac::{Algorithm, Credentials};

use super::{Ground, now, refusal};
use crate::world::STATUS;

/// The attributes of a header, such as `id="u:1"`.
fn attributes(header: &str) -> Vec<String> {
    let attributes = header.strip_prefix("MAC ").unwrap().split(", ");
    attributes.map(str::to_owned).collect()
}

#[tokio::test]
async fn s1_mac_headers_are_separated_by_commas_or_spaces_with_attributes_in_any_order() {
    let ground = Ground::new();
    let path = ground.publish("for me", false).await;
    for separator in [", ", ",", " ", "  ", " , "] {
        for turn in 0..4 {
            let header = ground.sign(ground.server.credentials(), "GET", &path);
            let mut attributes = attributes(&header);
            attributes.rotate_left(turn);
            let header = format!("MAC {}", attributes.join(separator));
            let heard = ground.send(Some(&header), "GET", &path, None).await;
            assert_eq!(heard.status, 200, "{header}: {heard:?}");
        }
    }
}

/// An independent signature: RFC 2104 over the seven fields of `docs/protocol.md` §5.2.
fn signed_by_hand(ground: &Ground, last: &str, nonce: &str) -> String {
    let (app, now) = (ground.server.credentials(), now());
    let url = ground.server.root().url();
    let (host, port) = (url.host_str().unwrap(), url.port().unwrap());
    let text = format!("{now}\n{nonce}\nPOST\n/posts\n{host}\n{port}\n{last}\n");
    let mac = crate::old_client::hmac(app.key().expose(), &text);
    format!(
        r#"MAC id="{}", ts="{now}", nonce="{nonce}", mac="{mac}""#,
        app.id()
    )
}

#[tokio::test]
async fn s2_the_seventh_field_is_empty() {
    let ground = Ground::new();
    let post = json!({"type": STATUS, "content": {"text": "signed"}});
    let header = signed_by_hand(&ground, "", "one");
    let heard = ground
        .send(Some(&header), "POST", "/posts", Some(&post))
        .await;
    assert_eq!(heard.status, 200, "{heard:?}");
    for (number, last) in ["ext", "\n", &post.to_string()].into_iter().enumerate() {
        let header = signed_by_hand(&ground, last, &format!("two{number}"));
        let heard = ground
            .send(Some(&header), "POST", "/posts", Some(&post))
            .await;
        assert_eq!(
            refusal(&heard),
            (403, "Invalid MAC Signature".into()),
            "{last}"
        );
    }
}

#[tokio::test]
async fn s3_unknown_ids_are_401_with_a_challenge() {
    let ground = Ground::new();
    ground.publish("for all", true).await;
    for id in ["u:nobody", "a:nobody", "s:nobody", "nobody"] {
        let nobody = Credentials::new(id, "0f1e2d3c", Algorithm::HmacSha256).unwrap();
        let heard = ground.call(Some(&nobody), "GET", "/posts", None).await;
        assert_eq!(refusal(&heard), (401, "Invalid MAC Key ID".into()), "{id}");
        assert_eq!(heard.header("www-authenticate"), "MAC");
    }
}

#[tokio::test]
async fn s3_bad_macs_and_missing_scopes_are_403() {
    let ground = Ground::new();
    let app = ground.server.credentials();
    let forged = Credentials::new(app.id(), "another key", app.algorithm()).unwrap();
    let heard = ground.call(Some(&forged), "GET", "/posts", None).await;
    assert_eq!(refusal(&heard), (403, "Invalid MAC Signature".into()));

    let reader = ground.user(&["read_posts"]).await;
    let post = json!({"type": STATUS, "content": {}});
    let group = json!({"name": "friends"});
    let core = "/profile/https%3A%2F%2Ftent.io%2Ftypes%2Finfo%2Fbasic%2Fv0.1.0";
    for (method, path, body) in [
        ("POST", "/posts", Some(&post)),
        ("GET", "/groups", None),
        ("POST", "/groups", Some(&group)),
        ("PUT", core, Some(&group)),
        ("DELETE", core, None),
        ("GET", "/apps", None),
        (
            "POST",
            "/followings",
            Some(&json!({"entity": "https://bob.example"})),
        ),
    ] {
        for caller in [Some(&reader), None] {
            let heard = ground.call(caller, method, path, body).await;
            let refused = refusal(&heard);
            assert_eq!(
                refused,
                (403, "Unauthorized".into()),
                "{method} {path} {caller:?}"
            );
        }
    }
}

#[tokio::test]
async fn s3_invisible_objects_are_404() {
    let ground = Ground::new();
    let private = ground.publish("for me", false).await;
    let writer = ground.user(&["write_posts"]).await;
    for caller in [None, Some(&writer)] {
        for path in [private.as_str(), "/posts/nothing"] {
            let heard = ground.call(caller, "GET", path, None).await;
            assert_eq!(refusal(&heard), (404, "Not Found".into()), "{path}");
        }
    }
    ground.ask("GET", &private, None).await;
}
