//! HTTP/1.1 on a socket, as far as a peer needs it.

use std::io::{self, BufRead, Read, Write};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri};

/// More than this is no head.
const LONGEST_HEAD: u64 = 256 * 1024;

pub(super) fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Reads the head of a request, and the length of its body; `None` for one that comes in chunks. The
/// URI is a whole one, with the host that was asked for.
pub(super) fn read_head(reader: &mut impl BufRead) -> io::Result<(Request<()>, Option<u64>)> {
    let mut reader = reader.take(LONGEST_HEAD);
    let line = read_line(&mut reader)?;
    let mut words = line.split(' ');
    let (method, target) = (words.next(), words.next());
    let headers = read_fields(&mut reader)?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let uri = format!(
        "http://{}{}",
        host.unwrap_or("localhost"),
        target.unwrap_or("/")
    );
    let uri: Uri = uri.parse().map_err(|_| malformed("no target"))?;
    let method = method.unwrap_or_default().parse();
    let mut request = Request::new(());
    *request.method_mut() = method.map_err(|_| malformed("no method"))?;
    *request.uri_mut() = uri;
    if words.next() == Some("HTTP/1.0") {
        *request.version_mut() = http::Version::HTTP_10;
    }
    let is_chunked = headers.contains_key(TRANSFER_ENCODING);
    let length = length_of(&headers);
    *request.headers_mut() = headers;
    Ok((request, if is_chunked { None } else { Some(length) }))
}

fn length_of(headers: &HeaderMap) -> u64 {
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    length.unwrap_or(0)
}

/// Reads a body, of this length or in chunks.
pub(super) fn read_body(reader: &mut impl BufRead, length: Option<u64>) -> io::Result<Bytes> {
    let mut body = Vec::new();
    let Some(length) = length else {
        loop {
            let line = read_line(&mut reader.take(LONGEST_HEAD))?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = u64::from_str_radix(size, 16).map_err(|_| malformed("no chunk"))?;
            read_exactly(reader, size, &mut body)?;
            read_line(&mut reader.take(LONGEST_HEAD))?;
            if size == 0 {
                return Ok(body.into());
            }
        }
    };
    read_exactly(reader, length, &mut body)?;
    Ok(body.into())
}

fn read_exactly(reader: &mut impl Read, length: u64, into: &mut Vec<u8>) -> io::Result<()> {
    match reader.take(length).read_to_end(into)? as u64 {
        read if read == length => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    match reader.read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
    }
}

fn read_fields(reader: &mut impl BufRead) -> io::Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    loop {
        let line = read_line(reader)?;
        let Some((name, value)) = line.split_once(':') else {
            return Ok(headers);
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| malformed("no name"))?;
        let value = HeaderValue::from_str(value.trim()).map_err(|_| malformed("no value"))?;
        headers.append(name, value);
    }
}

/// Sends a request on as HTTP/1.0, so that the answer ends with the connection.
pub(super) fn write_request(writer: &mut impl Write, request: &Request<Bytes>) -> io::Result<()> {
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let mut head = format!("{} {target} HTTP/1.0\r\n", request.method());
    write_fields(&mut head, request.headers());
    let length = request.body().len();
    if length > 0 || request.headers().contains_key(CONTENT_LENGTH) {
        head.push_str(&format!("content-length: {length}\r\n"));
    }
    head.push_str("connection: close\r\n\r\n");
    writer.write_all(head.as_bytes())?;
    writer.write_all(request.body())
}

/// Reads an answer that ends with the connection.
pub(super) fn read_response(
    reader: &mut impl BufRead,
    is_head: bool,
) -> io::Result<Response<Bytes>> {
    let line = read_line(reader)?;
    let status = line.split(' ').nth(1).unwrap_or_default();
    let status: StatusCode = status.parse().map_err(|_| malformed("no status"))?;
    let headers = read_fields(&mut reader.take(LONGEST_HEAD))?;
    let body = if is_head {
        Bytes::new()
    } else if headers.contains_key(TRANSFER_ENCODING) {
        read_body(reader, None)?
    } else if headers.contains_key(CONTENT_LENGTH) {
        read_body(reader, Some(length_of(&headers)))?
    } else {
        let mut body = Vec::new();
        reader.read_to_end(&mut body)?;
        body.into()
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// The head of an answer whose body has this length.
pub(super) fn response_head(response: &Response<Bytes>, length: u64) -> String {
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_str());
    write_fields(&mut head, response.headers());
    if !status.is_informational() && status != 204 && status != 304 {
        head.push_str(&format!("content-length: {length}\r\n"));
    }
    head.push_str("\r\n");
    head
}

/// The fields, without those that belong to the connection.
fn write_fields(head: &mut String, headers: &HeaderMap) {
    for (name, value) in headers {
        let is_ours = [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name);
        if let (false, Ok(value)) = (is_ours, value.to_str()) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
}
