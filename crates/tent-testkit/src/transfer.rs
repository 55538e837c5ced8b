//! Large bodies over loopback, and how much memory they take.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use url::Url;

/// A mebibyte, in bytes.
pub const MIB: u64 = 1024 * 1024;

/// A server that throws away what it is sent, and answers a `GET` with as many bytes as were asked
/// of it. It holds some kilobytes of either.
///
/// It answers anything else as a server of Tent answers a new post, once all of it has come.
#[derive(Debug)]
pub struct Peer(SocketAddr);

impl Peer {
    /// A server on a loopback port of its own, which answers a `GET` with so many bytes.
    pub fn start(size: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
        let address = listener.local_addr().expect("it is bound");
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                thread::spawn(move || serve(&connection, size));
            }
        });
        Self(address)
    }

    /// Its root.
    pub fn url(&self) -> Url {
        let url = format!("http://{}/", self.0);
        url.parse().expect("it is a URL")
    }
}

fn serve(connection: &TcpStream, size: u64) -> io::Result<()> {
    let mut reader = BufReader::new(connection);
    let mut answers = connection;
    loop {
        let Some((is_get, length)) = read_head(&mut reader)? else {
            return Ok(());
        };
        let came = io::copy(&mut reader.by_ref().take(length), &mut io::sink())?;
        if came < length {
            return Ok(());
        }
        if !is_get {
            answers.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"id\":\"p1\"}")?;
            continue;
        }
        write!(answers, "HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n")?;
        let piece = vec![b'x'; 64 * 1024];
        let mut left = size;
        while left > 0 {
            let some = left.min(piece.len() as u64);
            answers.write_all(&piece[..some as usize])?;
            left -= some;
        }
    }
}

/// Whether it is a `GET`, and the length of the body; nothing when the peer has gone.
fn read_head(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<(bool, u64)>> {
    let (mut is_get, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().unwrap_or(0);
            }
            _ if line.trim_end().is_empty() => break,
            _ => {}
        }
        is_get.get_or_insert(line.starts_with("GET "));
    }
    Ok(is_get.map(|is_get| (is_get, length)))
}

/// The memory of this process, from some moment on. It is read from `/proc`, so only Linux tells.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    idle: u64,
}

impl Memory {
    /// Begins to watch.
    pub fn watch() -> Option<Self> {
        // Has the peak start anew. Where that is not allowed, the peak is one from before, which
        // makes it look worse than it is.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let idle = status("VmRSS:")?;
        Some(Self { idle })
    }

    /// How many bytes there were at most, above those at the beginning.
    pub fn peak(self) -> u64 {
        status("VmHWM:")
            .unwrap_or(u64::MAX)
            .saturating_sub(self.idle)
    }
}

/// A line of what the system says of this process, in bytes.
fn status(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}
