//! A server in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::Outcome;

/// `tent serve`, killed at the end.
pub(super) struct Server(Child);

impl Server {
    /// Starts it, and waits until it takes connections.
    pub(super) fn start(tent: &Path, data: &Path, listen: SocketAddr) -> Outcome<Self> {
        let mut command = Command::new(tent);
        command
            .arg("serve")
            .arg("--data")
            .arg(data)
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

/// An address on loopback that nobody listens at.
pub(super) fn free_address() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
