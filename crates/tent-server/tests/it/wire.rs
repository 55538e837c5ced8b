//! A server on a port, and HTTP written by hand: a browser, or a client that knows nothing of ours.

use tent_server::TentServer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::browser::hidden_fields;
use crate::world::{PASSPHRASE, encoded};

/// Serves an entity on a free port, its API below `/tent`, until the test ends. Gives the entity.
pub(crate) async fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let entity = format!("http://{}", listener.local_addr().unwrap());
    let server = TentServer::builder()
        .entity(entity.parse().unwrap())
        .root(format!("{entity}/tent").parse().unwrap())
        .passphrase(PASSPHRASE)
        .build();
    let server = server.await.unwrap();
    tokio::spawn(server.serve(listener, std::future::pending()));
    entity
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Heard {
    /// The value of a header, whose name is in lower case; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// One request on a connection of its own.
pub(crate) async fn ask(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Heard {
    let url: Url = url.parse().unwrap();
    let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut text =
        format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body);
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_ascii_lowercase(), value.trim().to_owned())
    });
    Heard {
        status: status.parse().unwrap(),
        headers: headers.collect(),
        body: body.to_owned(),
    }
}

/// The owner signs in and approves, by the forms of the page at this URL. Gives where the browser is
/// sent then.
pub(crate) async fn approve(url: &str, passphrase: &str) -> String {
    let mut cookie = String::new();
    for step in [
        format!("passphrase={}", encoded(passphrase)),
        "decision=approve".to_owned(),
    ] {
        let page = ask("GET", url, &[("Cookie", &cookie)], "").await;
        assert_eq!(page.status, 200, "{page:?}");
        if let Some((pair, _)) = page.header("set-cookie").split_once(';') {
            cookie = pair.to_owned();
        }
        let form = format!("{}&{step}", hidden_fields(&page.body));
        let headers = [
            ("Cookie", &*cookie),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let answer = ask("POST", url, &headers, &form).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        if step.starts_with("decision") {
            return answer.header("location").to_owned();
        }
        let (pair, _) = answer.header("set-cookie").split_once(';').unwrap();
        cookie = pair.to_owned();
    }
    unreachable!("the second step returns")
}
