//! A server of plain sockets that answers with scripted bytes.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use url::Url;

/// A request as it came over the wire.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Received {
    /// The request line, without its end.
    pub line: String,
    /// The header fields in order, names in lower case.
    pub fields: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    /// The request target.
    pub fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    /// All values of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.fields.iter();
        fields
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a field that is there once.
    ///
    /// # Panics
    ///
    /// When the field is there more than once.
    pub fn field<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let mut all = self.all(name);
        let value = all.next();
        assert_eq!(all.next(), None, "{name} is there more than once");
        value
    }
}

/// What the server does with a request.
pub struct Reply {
    bytes: Vec<u8>,
    then: Then,
}

enum Then {
    KeepOpen,
    Close,
    Reset,
    Stall,
    Stream(Stream),
}

type Stream = Box<dyn FnOnce(&mut TcpStream) -> io::Result<()> + Send>;

impl Reply {
    /// Answers with these bytes and awaits the next request on the connection.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            then: Then::KeepOpen,
        }
    }

    /// A `200` with a body.
    pub fn ok(body: &str) -> Self {
        let length = body.len();
        Self::raw(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// Closes the connection without an answer, the request unread, which resets it.
    pub fn reset() -> Self {
        Self {
            then: Then::Reset,
            ..Self::raw("")
        }
    }

    /// Closes the connection after the bytes.
    #[must_use]
    pub fn then_close(mut self) -> Self {
        self.then = Then::Close;
        self
    }

    /// Says nothing more after the bytes, until the client has gone.
    #[must_use]
    pub fn then_stall(mut self) -> Self {
        self.then = Then::Stall;
        self
    }

    /// Hands the connection over after the bytes. An error ends the connection.
    #[must_use]
    pub fn then_stream(
        mut self,
        stream: impl FnOnce(&mut TcpStream) -> io::Result<()> + Send + 'static,
    ) -> Self {
        self.then = Then::Stream(Box::new(stream));
        self
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}

/// A server on a loopback port of its own. It lives as long as the test.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    connections: usize,
    received: Vec<Received>,
    replies: VecDeque<Reply>,
}

impl Server {
    /// Answers requests with these, in order, on whatever connections they come. For a request
    /// beyond them the connection is closed.
    pub fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::new(Mutex::new(State {
            replies: replies.into_iter().collect(),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                lock(&shared).connections += 1;
                thread::spawn(move || serve(connection, &shared));
            }
        });
        Self { address, state }
    }

    /// Its address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a target on it.
    pub fn url(&self, target: &str) -> Url {
        self.url_at("127.0.0.1", target)
    }

    /// The URL of a target on it, by another name for this machine.
    pub fn url_at(&self, host: &str, target: &str) -> Url {
        let url = format!("http://{host}:{}{target}", self.address.port());
        url.parse().expect("it is a URL")
    }

    /// The requests so far, in order.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.state).received.clone()
    }

    /// The only request so far.
    ///
    /// # Panics
    ///
    /// When there were none or more.
    pub fn only_request(&self) -> Received {
        match <[Received; 1]>::try_from(self.received()) {
            Ok([only]) => only,
            Err(all) => panic!("there should be one request, not {all:#?}"),
        }
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        lock(&self.state).connections
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(connection: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut connection = connection;
    loop {
        if reader.buffer().is_empty() && connection.peek(&mut [0])? == 0 {
            return Ok(());
        }
        let next = lock(state).replies.pop_front();
        let Some(reply) = next else {
            lock(state).received.push(read_request(&mut reader)?);
            return Ok(());
        };
        if let Then::Reset = reply.then {
            lock(state).received.push(Received::default());
            return Ok(()); // with bytes unread, so that the peer sees a reset
        }
        let request = read_request(&mut reader)?;
        lock(state).received.push(request);
        connection.write_all(&reply.bytes)?;
        match reply.then {
            Then::KeepOpen => {}
            Then::Close | Then::Reset => return Ok(()),
            Then::Stall => return io::copy(&mut reader, &mut io::sink()).map(|_| ()),
            Then::Stream(stream) => return stream(&mut connection),
        }
    }
}

/// Reads a request. A body that announces more than a megabyte is left to whoever streams.
fn read_request(reader: &mut impl BufRead) -> io::Result<Received> {
    let mut received = Received {
        line: read_line(reader)?,
        ..Received::default()
    };
    loop {
        let line = read_line(reader)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        let field = (name.to_ascii_lowercase(), value.trim().to_owned());
        received.fields.push(field);
    }
    let length = received.field("content-length");
    let length: usize = length.and_then(|text| text.parse().ok()).unwrap_or(0);
    if length <= 1024 * 1024 {
        received.body.resize(length, 0);
        reader.read_exact(&mut received.body)?;
    }
    Ok(received)
}

fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.take(1024 * 1024).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
