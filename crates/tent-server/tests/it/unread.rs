//! Answers that do not wait for the body of their request, and the connection after them.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::wire;

const NOBODY: &str = "Authorization: MAC id=\"u:nobody\", ts=\"1\", nonce=\"n\", mac=\"AAAA\"";

/// A connection, and the head of a request on it whose body is so long.
async fn begin(line: &str, header: &str, length: usize) -> TcpStream {
    let entity = wire::serve().await;
    let address = entity.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\n{header}\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// The head of the next answer, whose body is read as well.
async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let (length, _) = length.split_once("\r\n").unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    head
}

#[tokio::test]
async fn an_answer_before_the_body_says_that_its_connection_closes() {
    for (line, header, length, status) in [
        ("POST /tent/posts", NOBODY, 100, "401"),
        ("POST /tent/posts", NOBODY, 10_000_000, "401"),
        ("PUT /tent/posts", "X: y", 100, "405"),
        ("POST /tent/nothing", "X: y", 100, "404"),
        ("POST /tent/apps", "X: y", 10_000_000, "413"),
        // Nobody asks for what is not wanted.
        ("PUT /tent/posts", "Expect: 100-continue", 100, "405"),
    ] {
        let mut stream = begin(line, header, length).await;
        let answer = head(&mut stream).await;
        assert!(
            answer.starts_with(&format!("http/1.1 {status} ")),
            "{answer}"
        );
        assert!(answer.contains("connection: close\r\n"), "{line}: {answer}");
    }
}

#[tokio::test]
async fn a_small_body_is_read_though_nobody_wants_it_and_the_connection_is_used_again() {
    let mut stream = begin("POST /tent/posts", NOBODY, 200_000).await;
    stream.write_all(&vec![b' '; 200_000]).await.unwrap();
    for _ in 0..2 {
        let answer = head(&mut stream).await;
        assert!(answer.starts_with("http/1.1 401 "), "{answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
        let address = stream.peer_addr().unwrap();
        let again = format!("GET /tent/posts HTTP/1.1\r\nHost: {address}\r\n{NOBODY}\r\n\r\n");
        stream.write_all(again.as_bytes()).await.unwrap();
    }
}

#[tokio::test]
async fn a_refusal_is_heard_by_who_reads_it_after_all_was_sent() {
    let mut stream = begin("POST /tent/posts", NOBODY, 20_000_000).await;
    stream.write_all(&vec![b' '; 20_000_000]).await.unwrap();
    let answer = head(&mut stream).await;
    assert!(answer.starts_with("http/1.1 401 "), "{answer}");
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "it is closed");
}
