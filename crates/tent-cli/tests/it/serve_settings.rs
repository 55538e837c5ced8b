//! `tent serve` as an operator sets it up.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::server::{PASSPHRASE, Server};
use crate::tent::Tent;

/// A server that says where its monitor is.
struct Watched {
    child: Child,
    monitor: String,
    entity: String,
    log: BufReader<std::process::ChildStderr>,
}

impl Watched {
    fn start(tent: &Tent, arguments: &[&str]) -> Self {
        let arguments = [&["serve"], arguments].concat();
        let mut command = tent.command(&arguments);
        command.env("TENT_PASSPHRASE", PASSPHRASE);
        command.env("TENT_MONITOR", "127.0.0.1:0");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut told = String::new();
        let monitor = loop {
            let read = log.read_line(&mut told).unwrap();
            assert!(read > 0, "{told}");
            let last = told.lines().next_back().unwrap();
            if let Some(monitor) = last.strip_prefix("monitor http://") {
                break monitor.to_owned();
            }
        };
        let mut first = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut first).unwrap();
        let entity = first.trim_end().strip_prefix("ready http://").unwrap();
        Self {
            entity: entity.to_owned(),
            child,
            monitor,
            log,
        }
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let mut kill = std::process::Command::new("kill");
        assert!(kill.args(["-s", signal, &pid]).status().unwrap().success());
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The head and the body of what is at a path.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn status(address: &str, path: &str) -> String {
    get(address, path)["HTTP/1.1 ".len()..][..3].to_owned()
}

#[test]
fn settings_come_from_a_file() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    let file = folder.path().join("tent.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\ndata = {:?}\nlimit-address = \"2/600\"\n",
        data.to_str().unwrap()
    );
    fs::write(&file, text).unwrap();
    let server = Server::start(&tent, &["--settings", file.to_str().unwrap()]);
    assert!(data.join("tent.db").exists());
    let address = server.entity.strip_prefix("http://").unwrap();
    let statuses = [(); 3].map(|()| status(address, "/profile"));
    assert_eq!(statuses, ["200", "200", "429"]);
}

#[test]
fn a_wrong_setting_is_refused_by_its_name() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let file = folder.path().join("tent.toml");
    fs::write(&file, "listen = \"127.0.0.1:0\"\nlimt = \"1/1\"\n").unwrap();
    let err = tent
        .run(&["serve", "--settings", file.to_str().unwrap()])
        .fails_with(2);
    assert!(err.contains("there is no setting limt"), "{err}");
    let mut command = tent.command(&["serve"]);
    let ran = command.env("TENT_LIMIT", "fast").output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
    let err = String::from_utf8(ran.stderr).unwrap();
    assert!(err.contains("TENT_LIMIT is wrong"), "{err}");
    let mut command = tent.command(&["serve"]);
    let ran = command.env("TENT_LIMITS", "1/1").output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
    let err = String::from_utf8(ran.stderr).unwrap();
    assert!(
        err.contains("there is no variable TENT_LIMITS") && err.contains("there is TENT_LIMIT\n"),
        "{err}"
    );

    let data = folder.path().join("data");
    let wrong = |name: &str, value: &str, told: &str| {
        let data = ["serve", "--data", data.to_str().unwrap()];
        let err = tent
            .run(&[&data[..], &[name, value]].concat())
            .fails_with(2);
        assert!(err.contains(told), "{err}");
    };
    wrong("--listen", "localhost:80", "such as 127.0.0.1:7878");
    wrong("--monitor", "80", "such as 127.0.0.1:7878");
    wrong(
        "--entity",
        "https://a.example/?b",
        "a host and a path alone",
    );
    assert!(!data.exists(), "something was opened");
    wrong("--database", "postgre://a:b@c/d", "it is neither a URL");
}

#[test]
fn an_operator_sees_how_it_is_and_a_stop_is_announced() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    let mut server = Watched::start(
        &tent,
        &[
            "--listen=127.0.0.1:0",
            "--data",
            data.to_str().unwrap(),
            "--log=debug",
            "--log-format=json",
            "--drain=3600",
        ],
    );
    let monitor = server.monitor.clone();
    assert_eq!(status(&monitor, "/healthz"), "200");
    assert_eq!(status(&monitor, "/readyz"), "200");
    assert_eq!(status(&server.entity, "/readyz"), "200");
    assert_eq!(status(&server.entity, "/profile"), "200");
    assert_eq!(status(&server.entity, "/metrics"), "404");
    let metrics = get(&monitor, "/metrics");
    let counted = r#"tent_http_requests_total{method="GET",route="/profile",status="200"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");

    let told = server.log.by_ref().lines().map(|line| {
        let line = line.unwrap();
        serde_json::from_str::<Value>(&line).unwrap_or_else(|_| panic!("{line}"))
    });
    let answered = { told }.find(|event| event["path"] == "/profile").unwrap();
    assert_eq!(
        (&answered["status"], &answered["level"]),
        (&200.into(), &"DEBUG".into())
    );

    server.signal("TERM");
    while status(&monitor, "/readyz") != "503" {
        std::thread::yield_now(); // until the signal has come
    }
    let answer = get(&server.entity, "/profile");
    assert!(
        answer.starts_with("HTTP/1.1 200 "),
        "it still serves: {answer}"
    );
}
