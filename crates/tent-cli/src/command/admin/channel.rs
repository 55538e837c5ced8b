//! How a running server is told what to do: a socket in its data folder.
//!
//! One line of JSON goes there, and one comes back. Nobody but the owner of the folder is heard.

use std::io;
use std::path::{Path, PathBuf};

use tent_server::TentHost;

use super::order::{Order, Reply};
use crate::failure::{Failure, Outcome};

/// How long a line may be, in bytes.
const LONGEST: u64 = 64 * 1024;

fn socket(folder: &Path) -> PathBuf {
    folder.join("admin.sock")
}

/// Gives an order to the server that uses a folder, if one does.
#[cfg(unix)]
pub(super) fn send(folder: &Path, order: &Order) -> Outcome<Option<Reply>> {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::os::unix::net::UnixStream;

    let failed = |error: io::Error| Failure::local("the server could not be told", &error);
    let mut stream = match UnixStream::connect(socket(folder)) {
        Ok(stream) => stream,
        // None is there, or one that was killed has left it.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(failed(error).into()),
    };
    let mut line = serde_json::to_vec(order)
        .map_err(io::Error::from)
        .map_err(failed)?;
    line.push(b'\n');
    stream.write_all(&line).map_err(failed)?;
    let mut reply = String::new();
    BufReader::new(stream.take(LONGEST * 64))
        .read_line(&mut reply)
        .map_err(failed)?;
    let reply = serde_json::from_str(&reply)
        .map_err(io::Error::from)
        .map_err(failed)?;
    Ok(Some(reply))
}

/// Elsewhere, a server has to be stopped first.
#[cfg(not(unix))]
pub(super) fn send(_: &Path, _: &Order) -> Outcome<Option<Reply>> {
    Ok(None)
}

/// The socket of a server. It is removed when this is dropped.
#[cfg(unix)]
pub(crate) struct Channel {
    listener: tokio::net::UnixListener,
    socket: PathBuf,
}

#[cfg(unix)]
impl Channel {
    /// Listens in the data folder of a server, which has it to itself.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt as _;

        let socket = socket(folder);
        match std::fs::remove_file(&socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = tokio::net::UnixListener::bind(&socket)?;
        std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, socket })
    }

    /// Carries out what is ordered, one order after another, for as long as this is waited for.
    pub(crate) async fn attend(&self, host: &TentHost) {
        loop {
            let attended = match self.listener.accept().await {
                Ok((stream, _)) => self.hear(stream, host).await,
                Err(error) => Err(error),
            };
            if let Err(error) = attended {
                crate::output::tell(&format!("an order of `tent admin` broke off: {error}"));
                tokio::task::yield_now().await;
            }
        }
    }

    async fn hear(&self, mut stream: tokio::net::UnixStream, host: &TentHost) -> io::Result<()> {
        use std::os::unix::fs::MetadataExt as _;
        use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

        // The permissions of the socket came after it did, so they alone would not be enough.
        let owner = std::fs::metadata(&self.socket)?.uid();
        if ![owner, 0].contains(&stream.peer_cred()?.uid()) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let (from, mut to) = stream.split();
        let mut line = String::new();
        let mut reader = BufReader::new(from).take(LONGEST);
        let read = reader.read_line(&mut line);
        tokio::time::timeout(std::time::Duration::from_secs(10), read).await??;
        let reply = match serde_json::from_str::<Order>(&line) {
            Ok(order) => order.carry_out(host).await,
            Err(error) => Reply::Refused(error.to_string()),
        };
        let mut reply = serde_json::to_vec(&reply)?;
        reply.push(b'\n');
        to.write_all(&reply).await
    }
}

#[cfg(unix)]
impl Drop for Channel {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// Elsewhere there is none.
#[cfg(not(unix))]
pub(crate) struct Channel;

#[cfg(not(unix))]
impl Channel {
    pub(crate) fn open(_: &Path) -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn attend(&self, _: &TentHost) {
        std::future::pending().await
    }
}
