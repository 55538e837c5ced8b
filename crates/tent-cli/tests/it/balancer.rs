//! A balancer of connections.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// Gives each connection to one server after another, and to the next when one does not take it. It
/// listens at any port; the servers are at that port of their addresses.
pub(crate) struct Balancer {
    port: u16,
    servers: Vec<(String, AtomicBool)>,
    next: AtomicUsize,
}

impl Balancer {
    pub(crate) fn start(servers: &[&str]) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = |server: &&str| (format!("{server}:{port}"), AtomicBool::new(false));
        let balancer = Arc::new(Self {
            port,
            servers: servers.iter().map(address).collect(),
            next: AtomicUsize::new(0),
        });
        let passing = Arc::clone(&balancer);
        thread::spawn(move || {
            for client in listener.incoming() {
                // A client that nobody serves is let go.
                if let (Ok(client), Some(server)) = (client, passing.connect()) {
                    pass(client, server);
                }
            }
        });
        balancer
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Whether a server gets no more connections.
    pub(crate) fn leave_out(&self, server: usize, left_out: bool) {
        self.servers[server].1.store(left_out, Ordering::SeqCst);
    }

    fn connect(&self) -> Option<TcpStream> {
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let mut servers = self.servers.iter().cycle().skip(first % self.servers.len());
        let servers = servers.by_ref().take(self.servers.len());
        let mut there = servers.filter(|(_, left_out)| !left_out.load(Ordering::SeqCst));
        there.find_map(|(address, _)| TcpStream::connect(address).ok())
    }

    /// The status of what one server answers.
    pub(crate) fn status(&self, server: usize, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.servers[server].0).unwrap();
        let host = format!("127.0.0.1:{}", self.port);
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.get(9..12).unwrap_or_default().to_owned()
    }

    pub(crate) fn is_ready(&self, server: usize) -> bool {
        self.status(server, "/readyz") == "200"
    }
}

/// Passes on what comes from either side, until both have ended.
fn pass(client: TcpStream, server: TcpStream) {
    let (mut from_client, mut from_server) =
        (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (mut to_client, mut to_server) = (client, server);
    thread::spawn(move || {
        let _ = io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    thread::spawn(move || {
        let _ = io::copy(&mut from_server, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
}
