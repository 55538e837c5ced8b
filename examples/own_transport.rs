//! The protocol on a plain `TcpStream`, without an HTTP library: reads somebody's profile.
//!
//! ```text
//! cargo run --example own_transport -- http://127.0.0.1:7878
//! ```
//!
//! A driver is one loop and whatever sends a request. This one speaks HTTP/1.0, in which an answer
//! ends where its connection ends, and no TLS.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::Response;
use tent_flow::{Effect, Flow, Input, Moment, Request, Sink, Step, TransportError};
use tent_proto::{Session, discover};
use url::Position;

fn main() -> Result<(), Box<dyn Error>> {
    let entity = std::env::args()
        .nth(1)
        .ok_or("usage: own_transport ENTITY")?;
    let found = run(discover(&entity.parse()?))?;
    let session = Session::anonymous(found.entity, found.servers);
    for (section, content) in run(session.get_profile())?.iter() {
        println!("{section}\n  {content}");
    }
    Ok(())
}

fn run<F: Flow>(mut flow: F) -> F::Output {
    let start = Instant::now();
    let mut input = Input::Ready;
    loop {
        let (wall, mono) = (SystemTime::now(), start.elapsed());
        input = match flow.step(Moment { wall, mono }, input) {
            Step::Done(output) => return output,
            Step::Do(Effect::Send(request, sink)) => {
                send(request, sink).unwrap_or_else(Input::Failed)
            }
            Step::Do(Effect::Wait(time)) => {
                thread::sleep(time);
                Input::Ready
            }
            Step::Do(_) => Input::Failed(TransportError::unsupported("unknown effect")),
        };
    }
}

fn send(request: Request, mut sink: Box<dyn Sink>) -> Result<Input, TransportError> {
    let url = &request.url;
    if url.scheme() != "http" {
        return Err(TransportError::unsupported("this transport has no TLS"));
    }
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    let address = (
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or(80),
    );
    let stream = TcpStream::connect(address).map_err(TransportError::connect)?;
    let limit = request.timeout.or(Some(Duration::from_secs(30)));
    stream
        .set_read_timeout(limit)
        .map_err(TransportError::connect)?;

    write_request(&stream, &request, authority).map_err(TransportError::broken)?;
    let mut reader = BufReader::new(stream);
    let head = read_head(&mut reader).map_err(TransportError::broken)?;
    let (head, ()) = head.into_parts();
    sink.begin(&head);
    let mut chunk = [0; 8192];
    loop {
        let count = reader.read(&mut chunk).map_err(TransportError::broken)?;
        let bytes = &chunk[..count];
        if count == 0
            || sink
                .chunk(bytes)
                .map_err(TransportError::from_sink)?
                .is_break()
        {
            break;
        }
    }
    let body: Bytes = sink.finish().map_err(TransportError::from_sink)?;
    Ok(Input::Response(Response::from_parts(head, body)))
}

fn write_request(mut stream: &TcpStream, request: &Request, authority: &str) -> io::Result<()> {
    let target = &request.url[Position::BeforePath..Position::AfterQuery];
    let mut head = format!(
        "{} {target} HTTP/1.0\r\nHost: {authority}\r\n",
        request.method
    )
    .into_bytes();
    for (name, value) in &request.headers {
        head.extend_from_slice(
            &[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat(),
        );
    }
    write!(head, "Content-Length: {}\r\n\r\n", request.body.len())?;
    stream.write_all(&head)?;
    io::copy(&mut request.body.reader(), &mut stream).map(drop)
}

fn read_head(reader: &mut impl BufRead) -> io::Result<Response<()>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut head = Response::builder().status(line.split(' ').nth(1).unwrap_or_default());
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => head = head.header(name, value.trim()),
            None => return head.body(()).map_err(io::Error::other),
        }
    }
}
