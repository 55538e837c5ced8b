//! A server, or a proxy, that does it on real sockets.

use std::fmt;
use std::io::{self, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response};
use url::Url;

use super::held::Held;
use super::wire::{malformed, read_body, read_head, read_response, response_head, write_request};
use super::{Fault, Faults, PAGE};

/// A server on a loopback port of its own, whose connections meet [`Faults`]. It is a server with a
/// handler, or a proxy in front of another server. It speaks HTTP/1.1 without TLS, and ends when it is
/// dropped.
///
/// ```
/// use std::io::{Read, Write};
/// use std::net::TcpStream;
///
/// use bytes::Bytes;
/// use tent_testkit::faults::{Fault, Faults, Peer};
///
/// // A server that says hello, and before it a proxy that cuts the first answer short.
/// let server = Peer::start(&Faults::none(), |request| {
///     http::Response::new(Bytes::from(format!("hello, {}", request.uri().path())))
/// })?;
/// let proxy = Peer::in_front_of(server.address(), &Faults::of([Fault::Truncated(3)]))?;
///
/// let mut answers = Vec::new();
/// for _ in 0..2 {
///     let mut connection = TcpStream::connect(proxy.address())?;
///     connection.write_all(b"GET /alice HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
///     let mut answer = String::new();
///     connection.read_to_string(&mut answer)?;
///     answers.push(answer.split("\r\n\r\n").nth(1).unwrap().to_owned());
/// }
/// assert_eq!(answers, ["hel", "hello, /alice"]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Peer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    faults: Faults,
    handler: Box<Handler>,
    held: Mutex<Held<Request<Bytes>>>,
    is_over: AtomicBool,
}

type Handler = dyn Fn(Request<Bytes>) -> io::Result<Response<Bytes>> + Send + Sync;

impl Peer {
    /// A server that answers requests with what the handler says. Their URIs are whole ones, with the
    /// host that was asked for.
    ///
    /// # Errors
    ///
    /// When there is no port.
    pub fn start(
        faults: &Faults,
        handler: impl Fn(Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        Self::with(faults, Box::new(move |request| Ok(handler(request))))
    }

    /// A proxy that sends requests on to a server, as they came. When that server does not answer, nor
    /// does it.
    ///
    /// # Errors
    ///
    /// When there is no port.
    pub fn in_front_of(server: SocketAddr, faults: &Faults) -> io::Result<Self> {
        Self::with(faults, Box::new(move |request| forward(server, &request)))
    }

    fn with(faults: &Faults, handler: Box<Handler>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            faults: faults.clone(),
            handler,
            held: Mutex::default(),
            is_over: AtomicBool::new(false),
        });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if of_thread.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&of_thread);
                thread::spawn(move || shared.serve(connection));
            }
        });
        Ok(Self { address, shared })
    }

    /// Its address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, with the path `/`.
    pub fn url(&self) -> Url {
        let url = format!("http://{}/", self.address);
        url.parse().expect("an address makes a URL")
    }

    /// Lets all requests arrive that are [late](Fault::Late), and says how many were answered.
    pub fn deliver(&self) -> usize {
        let late = self.shared.held().all();
        let answers = late
            .into_iter()
            .map(|request| (self.shared.handler)(request));
        answers.filter(Result::is_ok).count()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // Whoever waits for connections finds out with the next.
        let _ = TcpStream::connect(self.address);
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

fn forward(server: SocketAddr, request: &Request<Bytes>) -> io::Result<Response<Bytes>> {
    let mut connection = TcpStream::connect(server)?;
    write_request(&mut connection, request)?;
    let is_head = request.method() == Method::HEAD;
    read_response(&mut BufReader::new(connection), is_head)
}

impl Shared {
    fn held(&self) -> MutexGuard<'_, Held<Request<Bytes>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, mut connection: TcpStream) -> io::Result<()> {
        connection.set_nodelay(true)?;
        // A byte at a time, so that what is not read yet resets the connection when it is closed.
        let mut reader = BufReader::with_capacity(1, connection.try_clone()?);
        while connection.peek(&mut [0])? > 0 {
            if self.exchange(&mut reader, &mut connection)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// One request. The connection is over when this breaks.
    fn exchange(
        &self,
        reader: &mut BufReader<TcpStream>,
        connection: &mut TcpStream,
    ) -> io::Result<ControlFlow<()>> {
        const OVER: io::Result<ControlFlow<()>> = Ok(ControlFlow::Break(()));
        // The plan wants to know what is asked, but a reset before anything is read comes first.
        let mut ahead = [0; 4096];
        let seen = connection.peek(&mut ahead)?;
        let (method, url) = asked(&ahead[..seen]);
        let fault = self.faults.next(&method, &url);
        if matches!(fault, Fault::Refused | Fault::ResetBefore) {
            return OVER;
        }
        let (head, length) = read_head(reader)?;
        if let (Fault::ResetDuring, Some(length)) = (&fault, length) {
            read_body(reader, Some(length / 2))?;
            return OVER;
        }
        let body = read_body(reader, length)?;
        let request = head.map(|()| body);
        let is_last = wants_to_close(&request);
        let late = self.held().overtake();
        for request in late {
            // Nobody waits for the answer any more.
            let _ = (self.handler)(request);
        }
        let answer = match &fault {
            Fault::Silent | Fault::ResetDuring => None,
            Fault::Late(requests) => {
                self.held().keep(*requests, request);
                None
            }
            Fault::Instead(response) => Some((method == Method::HEAD, (**response).clone())),
            fault => {
                if let Fault::Delay(time) = fault {
                    thread::sleep(*time);
                }
                Some((method == Method::HEAD, (self.handler)(request)?))
            }
        };
        match (fault, answer) {
            (Fault::ResetAfter, _) => OVER,
            (_, None) => {
                // Until the client has gone.
                io::copy(reader, &mut io::sink())?;
                OVER
            }
            (fault, Some((is_head, answer))) => {
                let flow = respond(connection, &fault, answer, is_head)?;
                if is_last { OVER } else { Ok(flow) }
            }
        }
    }
}

fn wants_to_close(request: &Request<Bytes>) -> bool {
    let value = request.headers().get(CONNECTION);
    let is_close = value.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
    is_close || request.version() == http::Version::HTTP_10
}

/// What is asked, as far as the first bytes tell.
fn asked(start: &[u8]) -> (Method, Url) {
    let head = read_head(&mut io::Cursor::new([start, b"\r\n\r\n"].concat()));
    let head = head.and_then(|(head, _)| {
        let url = head.uri().to_string().parse();
        Ok((head.method().clone(), url.map_err(|_| malformed("no URL"))?))
    });
    head.unwrap_or_else(|_| {
        let url = Url::parse("http://localhost/").expect("it is a URL");
        (Method::GET, url)
    })
}

fn respond(
    connection: &mut TcpStream,
    fault: &Fault,
    mut answer: Response<Bytes>,
    is_head: bool,
) -> io::Result<ControlFlow<()>> {
    match fault {
        Fault::Html => {
            let name = HeaderValue::from_static("text/html; charset=utf-8");
            answer.headers_mut().insert(CONTENT_TYPE, name);
            *answer.body_mut() = Bytes::from_static(PAGE.as_bytes());
        }
        Fault::ContentType(name) => {
            answer.headers_mut().insert(CONTENT_TYPE, name.clone());
        }
        Fault::After(response) => answer = (**response).clone(),
        _ => {}
    }
    let body = answer.body().clone();
    let length = match fault {
        Fault::Oversized(length) => *length.max(&(body.len() as u64)),
        _ => body.len() as u64,
    };
    let mut head = response_head(&answer, length).into_bytes();
    match fault {
        _ if is_head => connection.write_all(&head)?,
        Fault::Truncated(length) => {
            head.extend_from_slice(body.get(..*length).unwrap_or(&body));
            connection.write_all(&head)?;
            return Ok(ControlFlow::Break(()));
        }
        Fault::SlowBody(time) => {
            connection.write_all(&head)?;
            drip(connection, &body, *time)?;
        }
        Fault::Oversized(_) => {
            head.extend_from_slice(&body);
            connection.write_all(&head)?;
            io::copy(
                &mut io::Read::take(io::repeat(b' '), length - body.len() as u64),
                connection,
            )?;
        }
        _ => {
            head.extend_from_slice(&body);
            connection.write_all(&head)?;
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Sends a body in ten pieces, over this time.
fn drip(connection: &mut TcpStream, body: &[u8], time: Duration) -> io::Result<()> {
    for piece in body.chunks(body.len().div_ceil(10).max(1)) {
        thread::sleep(time / 10);
        connection.write_all(piece)?;
    }
    Ok(())
}
