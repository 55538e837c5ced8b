//! Each example, run as a program.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tent_proto::login::{Account, Registration};
use tent_proto::mac::{Algorithm, Credentials, Stamp};
use tent_store::{CredentialStore, FileStore};
use ureq::Agent;

use crate::person;

/// An example as cargo has built it, beside this test.
fn example(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let folder: PathBuf = test
        .parent()
        .and_then(Path::parent)
        .unwrap()
        .join("examples");
    let mut command = Command::new(folder.join(name));
    command.stdin(Stdio::null()).env("NO_PROXY", "127.0.0.1");
    command
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// A program that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

#[test]
fn an_app_logs_in_posts_and_reads() {
    let entity = person::start();
    let folder = tempfile::tempdir().unwrap();
    let credentials = folder.path().join("credentials.json");

    let mut login = example("login");
    let login = login.arg(&entity).env("TENT_CREDENTIALS", &credentials);
    let mut login = Running(login.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(login.0.stdout.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    person::approve(line.strip_prefix("open ").unwrap().trim());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert!(login.0.wait().unwrap().success(), "{rest}");
    assert_eq!(rest, format!("logged in {entity}\n"));

    let run = |name: &str, arguments: &[&str]| {
        output(
            example(name)
                .args(arguments)
                .env("TENT_CREDENTIALS", &credentials),
        )
    };
    let hello = run("post_status", &["Hello from both"]);
    assert_eq!(hello, "{\"text\":\"Hello from both\"}\n");
    assert_eq!(run("post_status_async", &["Hello from both"]), hello);
    let latest = run("latest_posts", &[]);
    assert_eq!(latest, format!("{entity}: Hello from both\n").repeat(2));
}

#[test]
fn discovery_finds_the_servers_and_a_transport_of_ones_own_reads_the_profile() {
    let entity = person::start();
    let found = output(example("discover").arg(&entity));
    assert!(found.contains(&format!("server   {entity}\n")), "{found}");
    let core = "https://tent.io/types/info/core/v0.1.0";
    let profile = output(example("own_transport").arg(&entity));
    assert!(profile.contains(core) && found.contains(core), "{profile}");
}

#[test]
fn a_notification_is_received_once_and_from_the_server_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.json");
    let key = |id| Credentials::new(id, "5ecret", Algorithm::HmacSha256).unwrap();
    let entity = "https://alice.example".parse().unwrap();
    let registration = Registration::new(entity, Vec::new(), "app1".into(), key("a:1"));
    let account = Account::new(registration, key("u:1"));
    FileStore::new(&path).save_account(&account).unwrap();

    let mut program = example("receive_notifications");
    program.args(["https://app.example/notify", "127.0.0.1:0"]);
    program.env("TENT_CREDENTIALS", &path).stderr(Stdio::null());
    let mut program = Running(program.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(program.0.stdout.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    let address = line.strip_prefix("listening at ").unwrap();

    let url = "https://app.example/notify".parse().unwrap();
    let timestamp = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let stamp = Stamp {
        timestamp,
        nonce: "3721c8",
    };
    let signed = key("u:1").sign(&http::Method::POST, &url, stamp);
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into();
    let send = |authorization: &str| {
        let request = agent.post(format!("http://{address}/notify"));
        let request = request.header("Authorization", authorization);
        let answer = request.send(r#"{"id":"p0Lk3","entity":"https://bob.example"}"#);
        answer.unwrap().status().as_u16()
    };
    assert_eq!(send(&signed.replace("u:1", "u:2")), 401);
    assert_eq!(send(&signed), 200);
    assert_eq!(send(&signed), 401);
    assert!(lines.next().unwrap().unwrap().contains("p0Lk3"));
}

#[test]
fn signing_is_tested_with_properties() {
    let said = output(&mut example("property_test_signing"));
    assert_eq!(said, "256 requests were signed alike\n");
}
