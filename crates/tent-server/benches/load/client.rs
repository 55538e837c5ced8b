//! A load of requests over connections that stay open, as cheap as can be.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// The bytes of a request.
pub(crate) struct Request(Vec<u8>);

impl From<String> for Request {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

/// Where the load goes, and how many requests each connection sends.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) per_connection: usize,
}

impl Load {
    /// Sends the requests, one after the other on each connection, and wants a `200` for each.
    pub(crate) async fn run(&self, connections: usize, request: impl Fn(usize) -> Request) {
        let mut tasks = JoinSet::new();
        for connection in 0..connections {
            let requests = (0..self.per_connection).map(|_| request(connection));
            let requests: Vec<_> = requests.collect();
            tasks.spawn(send(self.address, requests));
        }
        tasks.join_all().await;
    }
}

async fn send(address: SocketAddr, requests: Vec<Request>) {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.set_nodelay(true).expect("a socket can");
    let mut buffer = Vec::with_capacity(64 * 1024);
    for Request(bytes) in requests {
        stream.write_all(&bytes).await.expect("it reads");
        buffer.clear();
        let end = loop {
            let read = stream.read_buf(&mut buffer).await.expect("it answers");
            assert!(read > 0, "the connection ended");
            if let Some(end) = end_of_answer(&buffer) {
                break end;
            }
        };
        while buffer.len() < end {
            let read = stream.read_buf(&mut buffer).await.expect("it answers");
            assert!(read > 0, "the connection ended");
        }
        let status = buffer.get(9..12);
        let shown = String::from_utf8_lossy(&buffer);
        assert_eq!(status, Some(&b"200"[..]), "{shown}");
    }
}

/// How long the answer is, once its head is there.
fn end_of_answer(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = std::str::from_utf8(buffer.get(..head)?).expect("it is ASCII");
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = lengths.next().expect("it says how long it is");
    Some(head + 4 + length.parse::<usize>().expect("it is a length"))
}
