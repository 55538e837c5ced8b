//! Where the person's browser comes back to: a port of this computer that takes one redirect.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use tent_flow::Seed;

use crate::failure::Failure;

/// How long a connection may take to say what it wants, and how much it may say.
const PATIENCE: Duration = Duration::from_secs(10);
const MAX_HEAD: u64 = 16 * 1024;

/// A listener on `127.0.0.1`, at a port that was free, for requests to a path that nobody can guess.
///
/// The literal address is used and not `localhost`, which may be another one to a browser.
#[derive(Debug)]
pub(crate) struct Loopback {
    listener: TcpListener,
    path: String,
    port: u16,
}

/// A browser that came to the right path, waiting for a page.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// The path and the query that it came with. The query may hold a code.
    pub(crate) target: String,
    stream: TcpStream,
}

impl Loopback {
    /// Listens. Whoever connects before [`serve`](Self::serve) waits.
    pub(crate) fn bind(seed: Seed) -> Result<Self, Failure> {
        let failed = |error| Failure::local("there is no port to come back to", &error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let random = seed.into_bytes();
        let digits = random.iter().take(16).map(|byte| format!("{byte:02x}"));
        Ok(Self {
            port: listener.local_addr().map_err(failed)?.port(),
            listener,
            path: format!("/{}", digits.collect::<String>()),
        })
    }

    /// What to register and to ask to be sent back to.
    pub(crate) fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.path)
    }

    /// Answers browsers, each on a thread of its own so that none that says nothing keeps the others
    /// from being heard, and hands over those that come to the right path.
    pub(crate) fn serve<T: From<Arrival> + Send + 'static>(self, arrivals: Sender<T>) {
        thread::spawn(move || {
            for stream in self.listener.incoming().flatten() {
                let (path, arrivals) = (self.path.clone(), arrivals.clone());
                thread::spawn(move || {
                    // A connection that breaks is nothing to tell.
                    if let Ok(Some(arrival)) = receive(stream, &path) {
                        let _ = arrivals.send(arrival.into());
                    }
                });
            }
        });
    }
}

/// Reads a request, and answers it unless it is for `path`.
fn receive(stream: TcpStream, path: &str) -> io::Result<Option<Arrival>> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new((&stream).take(MAX_HEAD));
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear(); // the headers, up to an empty line
    }
    let mut words = first.split_ascii_whitespace();
    let (method, target) = (words.next(), words.next().unwrap_or_default());
    let is_for_us = target.split('?').next() == Some(path);
    match method {
        Some("GET") if is_for_us => Ok(Some(Arrival {
            target: target.to_owned(),
            stream,
        })),
        Some("GET") => respond(&stream, "404 Not Found", "", "There is nothing here."),
        _ => respond(
            &stream,
            "405 Method Not Allowed",
            "Allow: GET\r\n",
            "Only GET is taken.",
        ),
    }
}

fn respond<T>(
    mut stream: &TcpStream,
    status: &str,
    headers: &str,
    text: &str,
) -> io::Result<Option<T>> {
    let page = page(text);
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         {headers}Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\
         Connection: close\r\n\r\n{page}",
        page.len(),
    )?;
    stream.shutdown(Shutdown::Write)?;
    Ok(None)
}

/// A page of this text, which holds nothing of what was asked.
fn page(text: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>tent</title>\n\
         <style>body{{font:1.25rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;\
         padding:0 1rem;text-align:center}}@media(prefers-color-scheme:dark){{body{{\
         background:#111;color:#eee}}}}</style>\n<p>{text}</p>\n"
    )
}

impl Arrival {
    /// Shows the person that all is well.
    pub(crate) fn welcome(self) {
        self.answer(
            "200 OK",
            "Thank you. You can close this page and go back to your terminal.",
        );
    }

    /// Shows the person that it is over.
    pub(crate) fn turn_away(self) {
        self.answer(
            "200 OK",
            "The app was not approved. Your terminal tells more.",
        );
    }

    /// Shows that this is not what is waited for.
    pub(crate) fn ignore(self) {
        self.answer(
            "400 Bad Request",
            "This is not the approval that is waited for.",
        );
    }

    /// A browser that has gone away is none of our business.
    fn answer(&self, status: &str, text: &str) {
        let _ = respond::<()>(&self.stream, status, "", text);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    fn start() -> (String, u16, Receiver<Arrival>) {
        let loopback = Loopback::bind(Seed::new([7; 32])).unwrap();
        let uri = loopback.redirect_uri();
        let port = loopback.port;
        let (sender, receiver) = channel();
        loopback.serve(sender);
        let path = uri
            .strip_prefix(&format!("http://127.0.0.1:{port}"))
            .unwrap();
        (path.to_owned(), port, receiver)
    }

    fn send(port: u16, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn read(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn strays_are_answered_and_the_right_one_is_handed_over_without_its_code_in_the_page() {
        let (path, port, arrivals) = start();
        let _silent = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        let favicon = send(port, "GET /favicon.ico HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(read(favicon).starts_with("HTTP/1.1 404 "));
        let post = send(port, &format!("POST {path}?code=5ecret HTTP/1.1\r\n\r\n"));
        let answer = read(post);
        assert!(answer.starts_with("HTTP/1.1 405 ") && answer.contains("\r\nAllow: GET\r\n"));
        let longer = send(port, &format!("GET {path}x?code=1 HTTP/1.1\r\n\r\n"));
        assert!(read(longer).starts_with("HTTP/1.1 404 "));

        let browser = send(
            port,
            &format!("GET {path}?code=5ecret HTTP/1.1\r\nHost: x\r\n\r\n"),
        );
        let arrival = arrivals.recv().unwrap();
        assert_eq!(arrival.target, format!("{path}?code=5ecret"));
        arrival.welcome();
        let answer = read(browser);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
        assert!(
            !answer.contains("5ecret") && answer.contains("Thank you."),
            "{answer}"
        );
    }

    #[test]
    fn a_head_without_end_is_not_read_forever() {
        let (path, port, arrivals) = start();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        let _ = write!(stream, "GET {path}?code=1 HTTP/1.1\r\n");
        let filler = "x: y\r\n".repeat(MAX_HEAD as usize);
        let _ = stream.write_all(filler.as_bytes());
        arrivals.recv().unwrap().ignore(); // what follows the limit is not waited for
    }
}
