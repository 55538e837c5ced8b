//! Connections over real sockets, most of them with a clock that runs ahead when there is nothing to do.

use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;

use super::stream::STALLED;
use super::*;

/// More than systems hold on the way, in bytes.
const BIG: usize = 64 * 1024 * 1024;

/// Serves so many connections at a time.
async fn serving(most: u32) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() };
    let big = || async { vec![7_u8; BIG] };
    let router = Router::new().route("/", get(peer)).route("/big", get(big));
    let (connections, stop) = (Gauge::default(), std::future::pending());
    tokio::spawn(accept(listener, router, connections, stop, most));
    address
}

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let address = serving(MOST).await;
    tokio::time::pause();
    for start in ["", "GET / HTTP/1.1\r\nHost:", "GET / HTTP/1.1\r\n\r\nGET /"] {
        let began = Instant::now();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert_eq!(began.elapsed().as_secs(), HEAD.as_secs(), "{start:?}");
    }
}

#[tokio::test]
async fn a_head_that_is_dribbled_is_not_waited_for() {
    let address = serving(MOST).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    tokio::time::pause();
    let began = Instant::now();
    while stream.write_all(b"G").await.is_ok() {
        let second = Duration::from_secs(1);
        let end = tokio::time::timeout(second, stream.read(&mut [0; 500])).await;
        if end.is_ok() {
            break;
        }
    }
    let seconds = began.elapsed().as_secs();
    assert!(seconds <= HEAD.as_secs() + 1, "{seconds} seconds");
}

/// Asks for a path on a new connection.
async fn ask(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Reads until the head of an answer is there, and a part of its body if that is long.
async fn begin_to_read(stream: &mut TcpStream) -> String {
    let mut answer = vec![0; 1000];
    let read = stream.read(&mut answer).await.unwrap();
    answer.truncate(read);
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn the_connection_that_has_been_idle_the_longest_makes_room() {
    let address = serving(3).await;
    let began = Instant::now();
    let mut answered = ask(address, "/").await;
    begin_to_read(&mut answered).await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut used_again = ask(address, "/").await;
    begin_to_read(&mut used_again).await;
    answered.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    begin_to_read(&mut answered).await;

    let mut next = ask(address, "/").await;
    let answer = begin_to_read(&mut next).await;
    let peer = next.local_addr().unwrap().to_string();
    assert!(answer.ends_with(&peer), "{answer}");
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0, "it was closed");
    for stream in [&mut answered, &mut used_again] {
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        assert!(begin_to_read(stream).await.starts_with("HTTP/1.1 200 OK"));
    }
    // Whoever was answered is idle again.
    begin_to_read(&mut ask(address, "/").await).await;
    assert_eq!(next.read(&mut [0]).await.unwrap(), 0, "it was closed");
    assert!(began.elapsed() < HEAD);
}

#[tokio::test]
async fn a_busy_connection_does_not_make_room() {
    let address = serving(1).await;
    let mut busy = ask(address, "/big").await;
    begin_to_read(&mut busy).await;
    let mut next = ask(address, "/").await;
    tokio::time::pause();
    // Longer than a place is looked for at a time, and shorter than a reader may stand still.
    for _ in 0..3 {
        tokio::time::sleep(HEAD).await;
        assert!(next.try_read(&mut [0]).is_err(), "there is no place");
    }
    tokio::time::resume();
    let mut rest = Vec::new();
    busy.write_all(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    busy.read_to_end(&mut rest).await.unwrap();
    assert!(rest.len() > BIG - 1000, "all of it came");
    let answer = begin_to_read(&mut next).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test]
async fn a_reader_who_stands_still_is_cut_off() {
    let address = serving(MOST).await;
    let mut stream = ask(address, "/big").await;
    begin_to_read(&mut stream).await;
    tokio::time::pause();
    tokio::time::sleep(STALLED * 2).await;
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await; // a reset, or its end
    assert!(rest.len() < BIG / 2, "{} bytes came", rest.len());
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let address = serving(MOST).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("GET /{} HTTP/1.1\r\n", "a".repeat(2 * BUFFER));
    let _ = stream.write_all(head.as_bytes()).await;
    let answer = begin_to_read(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn an_answer_that_is_being_read_is_finished_before_the_stop() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/big", get(|| async { vec![7_u8; BIG] }));
    let stop = Arc::new(tokio::sync::Notify::new());
    let stopped = {
        let stop = Arc::clone(&stop);
        let connections = Gauge::default();
        tokio::spawn(async move {
            accept(listener, router, connections, stop.notified(), MOST).await;
        })
    };
    let mut stream = ask(address, "/big").await;
    begin_to_read(&mut stream).await;
    tokio::time::pause();
    stop.notify_one();
    tokio::time::sleep(GRACE / 2).await;
    tokio::time::resume();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.len() > BIG - 1000, "{} bytes came", rest.len());
    stopped.await.unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_end_holds_the_stop_up_for_so_long() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let begun = Arc::new(tokio::sync::Notify::new());
    let handler = {
        let begun = Arc::clone(&begun);
        move || async move {
            begun.notify_one();
            std::future::pending::<()>().await;
        }
    };
    let router = Router::new().route("/", get(handler));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    tokio::time::pause();
    let began = Instant::now();
    let others = async {
        tokio::time::sleep(GRACE / 2).await;
        TcpStream::connect(address).await
    };
    let stopped = accept(listener, router, Gauge::default(), begun.notified(), MOST);
    let ((), others) = tokio::join!(stopped, others);
    assert_eq!(began.elapsed().as_secs(), GRACE.as_secs());
    assert!(others.is_err(), "nobody else was let in meanwhile");
}

#[tokio::test]
async fn a_request_that_has_not_come_does_not_hold_the_stop_up() {
    for start in ["", "GET / HTTP/1.1\r\nHost:", "GET / HTTP/1.1\r\n\r\nGET /"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "here" }));
        let stop = Arc::new(tokio::sync::Notify::new());
        let stopped = {
            let stop = Arc::clone(&stop);
            let serving = async move {
                accept(listener, router, Gauge::default(), stop.notified(), MOST).await;
            };
            tokio::spawn(serving)
        };
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        // Another connection, accepted later, is answered: so the first is attended to.
        let mut other = TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
        other.write_all(request).await.unwrap();
        other.read_to_end(&mut Vec::new()).await.unwrap();
        tokio::time::pause();
        let began = Instant::now();
        stop.notify_one();
        stopped.await.unwrap();
        let seconds = began.elapsed().as_secs();
        assert!(
            seconds <= FAREWELL.as_secs(),
            "{start:?}: {seconds} seconds"
        );
        tokio::time::resume();
    }
}
