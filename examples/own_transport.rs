//! The protocol on a plain `TcpStream`, without an HTTP library: reads somebody's profile.
//!
//! ```text
//! cargo run --example own_transport -- http://127.0.0.1:7878
//! ```
//!
//! A driver is one loop and whatever sends a request. This one speaks HTTP/1.0, in which an answer
//! ends where its connection ends, and no TLS.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read};
use std::net::TcpStream;
use std::thread;
use std::time::{Instant, SystemTime};

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
            Step::Do(Effect::Send(request, sink)) => match send(request, sink) {
                Ok(response) => response,
                Err(error) => Input::Failed(error),
            },
            Step::Do(Effect::Wait(time)) => {
                thread::sleep(time);
                Input::Ready
            }
            Step::Do(_) => Input::Failed(TransportError::unsupported("unknown effect")),
            Step::Done(output) => return output,
        };
    }
}

fn send(request: Request, mut sink: Box<dyn Sink>) -> Result<Input, TransportError> {
    let url = &request.url;
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let target = &url[Position::BeforePath..Position::AfterQuery];
    if url.scheme() != "http" {
        return Err(TransportError::unsupported("this transport has no TLS"));
    }
    let address = url.socket_addrs(|| None).map_err(TransportError::connect)?;
    let mut stream = TcpStream::connect(&*address).map_err(TransportError::connect)?;
    stream
        .set_read_timeout(request.timeout)
        .map_err(TransportError::connect)?;

    let mut head = format!("{} {target} HTTP/1.0\r\nHost: {host}\r\n", request.method).into_bytes();
    for (name, value) in &request.headers {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    head.extend(format!("Content-Length: {}\r\n\r\n", request.body.len()).into_bytes());
    let mut outgoing = head.as_slice().chain(request.body.reader());
    io::copy(&mut outgoing, &mut stream).map_err(TransportError::broken)?;

    let mut reader = BufReader::new(stream);
    let (head, ()) = read_head(&mut reader)
        .map_err(TransportError::broken)?
        .into_parts();
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
    let body = sink.finish().map_err(TransportError::from_sink)?;
    Ok(Input::Response(Response::from_parts(head, body)))
}

fn read_head(reader: &mut impl BufRead) -> io::Result<Response<()>> {
    let mut lines = reader.lines();
    let first = lines.next().unwrap_or(Ok(String::new()))?;
    let mut head = Response::builder().status(first.split(' ').nth(1).unwrap_or_default());
    for line in lines {
        match line?.split_once(':') {
            Some((name, value)) => head = head.header(name, value.trim()),
            None => break,
        }
    }
    head.body(()).map_err(io::Error::other)
}
