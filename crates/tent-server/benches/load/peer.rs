//! A process with a server: ours, or the bare handler.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tokio::net::TcpListener;

use crate::{bare, database, postgres};

const PLACE: &str = "TENT_BENCH_PLACE";
const KIND: &str = "TENT_BENCH_KIND";
const PORT: &str = "TENT_BENCH_PORT";

/// What a process serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Server,
    Bare,
    PostgresServer,
    PostgresBare,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Bare => "bare",
            Self::PostgresServer => "server on PostgreSQL",
            Self::PostgresBare => "bare on PostgreSQL",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let mut all = [
            Self::Server,
            Self::Bare,
            Self::PostgresServer,
            Self::PostgresBare,
        ]
        .into_iter();
        all.find(|kind| kind.name() == name)
    }
}

/// A process that ends with its handle.
pub(crate) struct Peer {
    child: Child,
    port: u16,
}

impl Peer {
    /// Starts it on the database of this folder, or on that of PostgreSQL that this leads to.
    pub(crate) fn start(kind: Kind, place: impl AsRef<OsStr>, port: u16) -> Self {
        let program = std::env::current_exe().expect("this program has a file");
        let mut child = Command::new(program)
            .env(PLACE, place.as_ref())
            .env(KIND, kind.name())
            .env(PORT, port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts again");
        let output = child.stdout.take().expect("it is piped");
        let mut line = String::new();
        let read = BufReader::new(output).read_line(&mut line);
        assert!(read.is_ok() && line == "ready\n", "{line:?}");
        Self { child, port }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        address(self.port)
    }

    /// What it has in memory, in KiB.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// How much more it has in memory at most while something is done, in KiB.
    pub(crate) fn memory_for(&self, work: impl FnOnce()) -> u64 {
        // Has the peak start anew. Where that is not allowed, it looks worse than it is.
        let _ = fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5");
        let before = self.memory();
        work();
        self.status("VmHWM:").saturating_sub(before)
    }

    fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let digits = line.and_then(|line| line.split_whitespace().next());
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.child.stdin = None; // which ends it
        let _ = self.child.wait();
    }
}

/// A port that nobody has.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    listener.local_addr().expect("it is bound").port()
}

fn address(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Serves until the input ends, when this process was started for that. Says whether it was.
pub(crate) fn serve() -> bool {
    let Some(place) = std::env::var_os(PLACE) else {
        return false;
    };
    let variable = |name| std::env::var(name).expect("it is set, too");
    let port = variable(PORT).parse().expect("it is one");
    let kind = Kind::named(&variable(KIND)).expect("it is one of them");
    let runtime = tokio::runtime::Runtime::new().expect("there is a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind(address(port)).await;
        let listener = listener.expect("the port is free");
        start(kind, &place, port, listener).await;
        println!("ready");
        let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await;
    });
    std::process::exit(0); // the connections need no farewell
}

async fn start(kind: Kind, place: &OsStr, port: u16, listener: TcpListener) {
    let folder = Path::new(place);
    let config = place.to_str().unwrap_or_default();
    let bare = match kind {
        Kind::Bare => bare::router(&folder.join("tent.db")),
        Kind::PostgresBare => postgres::bare_router(config),
        Kind::Server | Kind::PostgresServer => {
            let server = match kind {
                Kind::Server => database::server(folder, port).await,
                _ => postgres::server(config, port).await,
            };
            tokio::spawn(server.serve(listener, std::future::pending()));
            return;
        }
    };
    tokio::spawn(async { axum::serve(listener, bare).await });
}
