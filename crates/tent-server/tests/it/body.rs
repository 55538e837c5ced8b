use http::header::CONTENT_TYPE;
use serde_json::json;

use crate::world::World;
use axum::body::Body;

#[tokio::test]
async fn bodies_are_json_and_say_so() {
    let world = World::new().await;
    let send = async |content_type: &str, body: String| {
        let request = world
            .request("POST", "/tent/apps")
            .header(CONTENT_TYPE, content_type);
        world.send(request.body(Body::from(body)).unwrap()).await
    };
    let good = json!({"name": "A", "url": "https://a.example"}).to_string();
    for content_type in [
        "application/json",
        "application/vnd.tent.v0+json; charset=utf-8",
        "Text/JSON",
    ] {
        send(content_type, good.clone()).await.ok();
    }
    assert_eq!(send("text/plain", good.clone()).await.error().0, 415);
    assert_eq!(send("", good.clone()).await.error().0, 415);
    assert_eq!(
        send("multipart/form-data; boundary=x", good)
            .await
            .error()
            .0,
        415
    );
    let (status, text) = send("application/json", "{\"name\": \"A\", }".into())
        .await
        .error();
    assert_eq!(status, 400);
    assert!(text.contains("at $"), "{text}");
    assert_eq!(send("application/json", "<p>".into()).await.error().0, 400);
    assert_eq!(
        send("application/json", String::new()).await.error(),
        (400, "the body is empty".into())
    );
    let long = format!("{{\"name\":\"{}\"}}", "a".repeat(1024 * 1024));
    assert_eq!(send("application/json", long).await.error().0, 413);
    let request = world
        .request("POST", "/tent/apps")
        .header(CONTENT_TYPE, "application/json")
        .header("content-length", "10000000000");
    let declared = world.send(request.body(Body::from("{")).unwrap()).await;
    assert_eq!(declared.error().0, 413);
    let endless = undeclared(2 * 1024 * 1024);
    let request = world
        .request("POST", "/tent/apps")
        .header(CONTENT_TYPE, "application/json");
    assert_eq!(
        world.send(request.body(endless).unwrap()).await.error().0,
        413
    );
}

/// A body of this length whose length is not declared.
fn undeclared(length: usize) -> Body {
    struct Undeclared(usize);
    impl http_body::Body for Undeclared {
        type Data = bytes::Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
            let size = self.0.min(65_536);
            self.0 -= size;
            let frame = http_body::Frame::data(bytes::Bytes::from(vec![b' '; size]));
            std::task::Poll::Ready((size > 0).then_some(Ok(frame)))
        }
    }
    Body::new(Undeclared(length))
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    struct Never;
    impl http_body::Body for Never {
        type Data = bytes::Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
            std::task::Poll::Pending
        }
    }
    let world = World::new().await;
    let request = world
        .request("POST", "/tent/apps")
        .header(CONTENT_TYPE, "application/json");
    tokio::time::pause();
    let answer = world.send(request.body(Body::new(Never)).unwrap()).await;
    assert_eq!(
        answer.error(),
        (408, "the body did not come in time".into())
    );
}
