//! A server of the program itself, as a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};

use url::{Position, Url};

use crate::tent::Tent;

pub(crate) const PASSPHRASE: &str = "correct horse 5ecret";

/// `tent serve`, which is killed at the latest with the test.
pub(crate) struct Server {
    child: Child,
    pub(crate) entity: String,
}

impl Server {
    /// Starts with these arguments after `serve`, and waits until it is ready.
    pub(crate) fn start(tent: &Tent, arguments: &[&str]) -> Self {
        let arguments = [&["serve"], arguments].concat();
        let mut command = tent.command(&arguments);
        command.env("TENT_PASSPHRASE", PASSPHRASE);
        Self::spawn(command)
    }

    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut first).unwrap();
        let Some(entity) = first.trim_end().strip_prefix("ready ") else {
            let _ = child.kill();
            panic!("{first:?} {:?}", child.wait_with_output());
        };
        Self {
            entity: entity.to_owned(),
            child,
        }
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it has used, in KiB.
    #[cfg(target_os = "linux")]
    pub(crate) fn most_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let mut lines = status.lines();
        let line = lines.find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Sends a signal, waits for the end, and gives what was said on standard error.
    pub(crate) fn stop(mut self, signal: &str) -> (ExitStatus, String) {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(killed.unwrap().success());
        let mut err = String::new();
        let mut told = self.child.stderr.take().unwrap();
        told.read_to_string(&mut err).unwrap();
        (self.child.wait().unwrap(), err)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser with a cookie, that fills the forms of the approval page.
#[derive(Default)]
pub(crate) struct Browser {
    cookie: String,
}

impl Browser {
    /// Signs in and decides, and gives where the browser is sent back to.
    pub(crate) fn decide(&mut self, url: &Url, passphrase: &str, decision: &str) -> Url {
        let page = self.send(url, None);
        let signed_in = self.send(url, Some(&form(&page, "passphrase", passphrase)));
        assert!(signed_in.starts_with("HTTP/1.1 303 "), "{signed_in}");
        let page = self.send(url, None);
        let decided = self.send(url, Some(&form(&page, "decision", decision)));
        assert!(decided.starts_with("HTTP/1.1 303 "), "{decided}");
        header(&decided, "location").unwrap().parse().unwrap()
    }

    /// Visits a page, or fills its form, and gives the whole answer.
    pub(crate) fn send(&mut self, url: &Url, form: Option<&str>) -> String {
        let address = url.socket_addrs(|| None).unwrap();
        let mut stream = TcpStream::connect(address[0]).unwrap();
        let target = &url[Position::BeforePath..Position::AfterQuery];
        let host = &url[Position::BeforeHost..Position::AfterPort];
        let (method, body) = form.map_or(("GET", ""), |body| ("POST", body));
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.cookie,
            body.len(),
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        if let Some(cookie) = header(&answer, "set-cookie") {
            cookie
                .split(';')
                .next()
                .unwrap()
                .clone_into(&mut self.cookie);
        }
        answer
    }
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let lines = answer.lines().take_while(|line| !line.is_empty());
    let mut pairs = lines.filter_map(|line| line.split_once(": "));
    let found = pairs.find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// The form of a page: its hidden fields, and one more.
fn form(page: &str, name: &str, value: &str) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for input in page.split("<input").skip(1) {
        let input = input.split('>').next().unwrap();
        if input.contains("type=\"hidden\"") {
            form.append_pair(attribute(input, "name"), attribute(input, "value"));
        }
    }
    form.append_pair(name, value).finish()
}

fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    let (_, rest) = tag.split_once(&format!("{name}=\"")).unwrap();
    rest.split('"').next().unwrap()
}
