//! A server in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::Outcome;
use crate::store::Store;

/// `tent serve`, killed at the end.
pub(super) struct Server(Child);

impl Server {
    /// Starts it, and waits until it takes connections.
    pub(super) fn start(tent: &Path, store: &Store, listen: SocketAddr) -> Outcome<Self> {
        let mut command = Command::new(tent);
        command
            .arg("serve")
            .args(store.arguments())
            .arg(format!("--listen={listen}"));
        command.arg("--no-limits").stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", tent.display()))?;
        let output = child.stdout.take().ok_or("its output is not heard")?;
        let server = Self(child);
        let mut first = String::new();
        BufReader::new(output).read_line(&mut first)?;
        match first.starts_with("ready ") {
            true => Ok(server),
            false => Err(format!("the server said {first:?}").into()),
        }
    }

    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// So many addresses on loopback that nobody listens at, with the same port.
pub(super) fn free_addresses(count: u8) -> Outcome<Vec<SocketAddr>> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let hosts = (1..=count).map(|host| Ipv4Addr::new(127, 0, 0, host));
    Ok(hosts.map(|host| (host, port).into()).collect())
}
