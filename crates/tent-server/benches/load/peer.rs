//! A process with a server: ours, or the bare handler.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tokio::net::TcpListener;

use crate::{bare, database};

const FOLDER: &str = "TENT_BENCH_FOLDER";
const KIND: &str = "TENT_BENCH_KIND";
const PORT: &str = "TENT_BENCH_PORT";

/// What a process serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Server,
    Bare,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Bare => "bare",
        }
    }
}

/// A process that ends with its handle.
pub(crate) struct Peer {
    child: Child,
    port: u16,
}

impl Peer {
    pub(crate) fn start(kind: Kind, folder: &Path, port: u16) -> Self {
        let program = std::env::current_exe().expect("this program has a file");
        let mut child = Command::new(program)
            .env(FOLDER, folder)
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
    let Some(folder) = std::env::var_os(FOLDER) else {
        return false;
    };
    let variable = |name| std::env::var(name).expect("it is set, too");
    let port = variable(PORT).parse().expect("it is one");
    let runtime = tokio::runtime::Runtime::new().expect("there is a runtime");
    runtime.block_on(async {
        let folder = Path::new(&folder);
        let listener = TcpListener::bind(address(port)).await;
        let listener = listener.expect("the port is free");
        if variable(KIND) == Kind::Server.name() {
            let server = database::server(folder, port).await;
            tokio::spawn(server.serve(listener, std::future::pending()));
        } else {
            let bare = bare::router(&folder.join("tent.db"));
            tokio::spawn(async { axum::serve(listener, bare).await });
        }
        println!("ready");
        let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await;
    });
    std::process::exit(0); // the connections need no farewell
}
