//! A load of requests over connections that stay open, as cheap as can be.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::Method;
use tent_proto::mac::{Credentials, Stamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use url::Url;

use crate::database::{self, credentials};

/// What is asked for, signed anew each time.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    method: Method,
    url: Url,
    content_type: &'static str,
    body: &'static str,
}

impl Request {
    pub(crate) fn get(address: SocketAddr, path: &str) -> Self {
        Self::new(Method::GET, address, path)
    }

    pub(crate) fn post(
        address: SocketAddr,
        content_type: &'static str,
        body: &'static str,
    ) -> Self {
        Self {
            content_type,
            body,
            ..Self::new(Method::POST, address, "/posts")
        }
    }

    fn new(method: Method, address: SocketAddr, path: &str) -> Self {
        let url = format!("http://{address}{path}");
        Self {
            method,
            url: url.parse().expect("it is a URL"),
            content_type: "",
            body: "",
        }
    }

    /// The bytes, with a nonce of their own. More of the body may follow.
    fn signed(&self, more: u64) -> Vec<u8> {
        static NONCE: AtomicU64 = AtomicU64::new(0);
        static CREDENTIALS: LazyLock<Credentials> = LazyLock::new(credentials);
        let nonce = format!("n{}", NONCE.fetch_add(1, Ordering::Relaxed));
        let stamp = Stamp {
            timestamp: database::now(),
            nonce: &nonce,
        };
        let authorization = CREDENTIALS.sign(&self.method, &self.url, stamp);
        let Self { method, url, .. } = self;
        let (path, body) = (&url[url::Position::BeforePath..], self.body);
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let content = match body.is_empty() {
            true => String::new(),
            false => format!(
                "content-type: {}\r\ncontent-length: {}\r\n",
                self.content_type,
                body.len() as u64 + more
            ),
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: {authorization}\r\n{content}\r\n"
        );
        [head.as_bytes(), body.as_bytes()].concat()
    }
}

/// Sends a request so many times on each of so many connections, and wants a `200` for each.
pub(crate) async fn load(connections: usize, per_connection: usize, request: &Request) {
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        let request = request.clone();
        tasks.spawn(async move {
            let mut connection = Connection::to(&request).await;
            for _ in 0..per_connection {
                connection.send(&request).await;
            }
        });
    }
    tasks.join_all().await;
}

/// A connection, and the answer that came last.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn to(request: &Request) -> Self {
        let address = request.url.socket_addrs(|| None).expect("it is an address");
        let stream = TcpStream::connect(&*address).await.expect("it listens");
        stream.set_nodelay(true).expect("a socket can");
        let buffer = Vec::with_capacity(64 * 1024);
        Self { stream, buffer }
    }

    /// Sends a request, and reads the body of the answer.
    pub(crate) async fn send(&mut self, request: &Request) -> &[u8] {
        self.write(&request.signed(0)).await;
        self.read().await
    }

    /// Sends a request whose body goes on with so many pieces.
    pub(crate) async fn send_more(
        &mut self,
        request: &Request,
        piece: &[u8],
        count: u64,
        end: &[u8],
    ) -> &[u8] {
        let more = piece.len() as u64 * count + end.len() as u64;
        self.write(&request.signed(more)).await;
        for _ in 0..count {
            self.write(piece).await;
        }
        self.write(end).await;
        self.read().await
    }

    /// Sends a request, and counts the bytes of the answer's body as they come.
    pub(crate) async fn count(&mut self, request: &Request) -> u64 {
        self.write(&request.signed(0)).await;
        let (start, length) = self.read_head().await;
        let mut left = length - (self.buffer.len() - start);
        while left > 0 {
            self.buffer.clear();
            left -= self.more().await;
        }
        length as u64
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("it reads");
    }

    async fn more(&mut self) -> usize {
        let read = self.stream.read_buf(&mut self.buffer).await;
        let read = read.expect("it answers");
        assert!(read > 0, "the connection ended");
        read
    }

    async fn read(&mut self) -> &[u8] {
        let (start, length) = self.read_head().await;
        while self.buffer.len() < start + length {
            self.more().await;
        }
        &self.buffer[start..]
    }

    /// Where the body begins, and how long it is.
    async fn read_head(&mut self) -> (usize, usize) {
        self.buffer.clear();
        let head = loop {
            self.more().await;
            let mut windows = self.buffer.windows(4);
            if let Some(head) = windows.position(|window| window == b"\r\n\r\n") {
                break head;
            }
        };
        let text = std::str::from_utf8(&self.buffer[..head]).expect("it is ASCII");
        assert_eq!(text.get(9..12), Some("200"), "{text}");
        let lines = text.lines().filter_map(|line| line.split_once(": "));
        let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let (_, length) = lengths.next().expect("it says how long it is");
        (head + 4, length.parse().expect("it is a length"))
    }
}
