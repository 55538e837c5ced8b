//! A server of a few lines on `std::net`, for what real servers are seen to send.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use url::Url;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path and query, as sent.
    pub(crate) target: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Method and target, as in `GET /posts`.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: String,
    body: String,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            headers: String::new(),
            body: String::new(),
        }
    }

    pub(crate) fn json(body: impl Into<String>) -> Self {
        Self::status(200)
            .header("Content-Type", "application/vnd.tent.v0+json")
            .body(body)
    }

    pub(crate) fn html(body: impl Into<String>) -> Self {
        Self::status(200)
            .header("Content-Type", "text/html")
            .body(body)
    }

    /// As the reference server refuses.
    pub(crate) fn error(status: u16, text: &str) -> Self {
        let body = serde_json::json!({ "error": text }).to_string();
        Self {
            status,
            ..Self::json(body)
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }
}

/// A server that answers what a function says, until the test is over.
pub(crate) struct Peer {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Peer {
    pub(crate) fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(&stream.unwrap(), &answer, &log);
            }
        });
        Self { port, asked }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The line of the last request.
    pub(crate) fn last_line(&self) -> String {
        self.lines().pop().unwrap()
    }

    /// The JSON of the last request.
    pub(crate) fn last_body(&self) -> serde_json::Value {
        serde_json::from_str(&self.asked().last().unwrap().body).unwrap()
    }

    /// Methods and targets of what was asked so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).collect()
    }
}

fn serve(
    stream: &TcpStream,
    answer: &(impl Fn(&Asked) -> Reply + Send + Sync),
    log: &Mutex<Vec<Asked>>,
) {
    let Some(asked) = read(stream) else { return };
    log.lock().unwrap().push(asked.clone());
    let reply = answer(&asked);
    let body = if asked.method == "HEAD" {
        ""
    } else {
        &reply.body
    };
    let is_framed =
        ["Transfer-Encoding", "Content-Length"].map(|name| reply.headers.contains(name));
    let length = if is_framed.contains(&true) {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", reply.body.len())
    };
    let _ = write!(
        { stream },
        "HTTP/1.1 {} X\r\n{}{length}Connection: close\r\n\r\n{body}",
        reply.status,
        reply.headers,
    );
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let first = lines.remove(0);
    let (method, rest) = first.split_once(' ').unwrap();
    let target = rest.rsplit_once(' ').unwrap().0;
    let headers = lines.iter().filter_map(|line| line.split_once(": "));
    let headers: BTreeMap<_, _> = headers
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked {
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}

/// Opens a page, as a browser does, and gives its status line, headers and text.
pub(crate) fn open(url: &Url) -> String {
    let address = url.socket_addrs(|| None).unwrap();
    let mut stream = TcpStream::connect(address[0]).unwrap();
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
