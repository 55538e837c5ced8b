//! Over real sockets.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::world::{START, World, builder};

/// Serves on a free port, until the sender is used.
async fn serve() -> (
    String,
    oneshot::Sender<()>,
    tokio::task::JoinHandle<std::io::Result<()>>,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let clock = Arc::new(AtomicI64::new(START));
    let server = builder(&clock)
        .root(format!("http://{address}").parse().unwrap())
        .build()
        .await
        .unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(listener, async {
        let _ = stopped.await;
    }));
    (address, stop, serving)
}

#[tokio::test]
async fn requests_in_flight_are_finished_before_it_stops() {
    let (address, stop, serving) = serve().await;
    let mut idle = TcpStream::connect(&address).await.unwrap();
    let mut busy = TcpStream::connect(&address).await.unwrap();
    let body = r#"{"name":"A","url":"https://a.example"}"#;
    let head = format!(
        "POST /apps HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    busy.write_all(head.as_bytes()).await.unwrap();
    // The answer to Expect shows that the request is being served.
    let mut start = [0; 25];
    busy.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 100 Continue\r\n\r\n");

    stop.send(()).unwrap();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty(), "an idle connection is closed");
    busy.write_all(body.as_bytes()).await.unwrap();
    busy.read_to_end(&mut rest).await.unwrap();
    let answer = String::from_utf8(rest).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(
        answer.contains("date: Tue, 01 Jan 2013 00:00:00 GMT\r\n"),
        "{answer}"
    );
    assert_eq!(answer.matches("date:").count(), 1, "{answer}");
    assert!(answer.contains("\"mac_key\""), "{answer}");
    serving.await.unwrap().unwrap();
    assert!(TcpStream::connect(&address).await.is_err());
}

#[tokio::test]
async fn a_head_request_has_the_headers_of_its_get() {
    let (address, stop, serving) = serve().await;
    let (get, head) = (
        answer(&address, "GET /profile", &address).await,
        answer(&address, "HEAD /profile", &address).await,
    );
    let (headers, body) = get.split_once("\r\n\r\n").unwrap();
    assert!(body.starts_with('{'));
    assert_eq!(head, format!("{headers}\r\n\r\n"));
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

/// The answer to a request for this method and path, asked for under this host.
async fn answer(address: &str, request: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{request} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://app.example\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn paths_that_there_are_not_are_answered_as_the_others() {
    let (address, stop, serving) = serve().await;
    for path in ["/nothing", "/posts/a/b/c/d", "//posts", "/posts//count"] {
        let answer = answer(&address, &format!("GET {path}"), &address).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert!(answer.ends_with(r#"{"error":"Not Found"}"#), "{answer}");
        assert!(
            answer.contains("access-control-allow-origin: *\r\n"),
            "{answer}"
        );
        assert!(
            answer.contains("date: Tue, 01 Jan 2013 00:00:00 GMT\r\n"),
            "{answer}"
        );
    }
    let other = answer(&address, "GET /nothing", "other.example").await;
    assert!(other.starts_with("HTTP/1.1 421 "), "{other}");
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

/// Asks a program that has a path of its own, and this for all that it does not know.
async fn ask(unknown: Option<&'static str>, path: &str, host: &str) -> (u16, Vec<u8>) {
    let world = World::new().await;
    let mut own = axum::Router::new().route("/about", axum::routing::get(|| async { "mine" }));
    if let Some(text) = unknown {
        own = own.fallback(move || async move { text });
    }
    let request = http::Request::get(path).header("host", host);
    let request = request.body(axum::body::Body::empty()).unwrap();
    let answer = tower::ServiceExt::oneshot(own.merge(world.router), request);
    let (head, body) = answer.await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (head.status.as_u16(), body.to_vec())
}

#[tokio::test]
async fn a_program_may_embed_the_router() {
    for unknown in [None, Some("lost")] {
        assert_eq!(
            ask(unknown, "/about", "other.example").await,
            (200, b"mine".into())
        );
        assert_eq!(ask(unknown, "/tent/profile", "alice.example").await.0, 200);
        assert_eq!(ask(unknown, "/tent/profile", "other.example").await.0, 421);
    }
    // What neither knows is the program's affair, whatever the host.
    assert_eq!(ask(None, "/no", "other.example").await, (404, Vec::new()));
    assert_eq!(
        ask(Some("lost"), "/no", "other.example").await,
        (200, b"lost".into())
    );
}
