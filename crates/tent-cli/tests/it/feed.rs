//! `tent posts --follow`, while the server dies and comes back.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use serde_json::Value;

use crate::peer::open;
use crate::server::{Browser, PASSPHRASE, Server};
use crate::tent::Tent;

/// The program while it follows.
struct Following {
    child: Child,
    lines: BufReader<ChildStdout>,
    ids: Vec<String>,
}

impl Following {
    fn start(tent: &Tent, arguments: &[&str]) -> Self {
        let arguments = [&["posts", "--follow", "--json"], arguments].concat();
        let mut child = tent
            .command(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            lines: BufReader::new(child.stdout.take().unwrap()),
            child,
            ids: Vec::new(),
        }
    }

    /// Reads until this post has come.
    fn read_to(&mut self, id: &str) {
        while self.ids.last().is_none_or(|last| last != id) {
            assert!(self.read(), "it ended before {id} came: {:?}", self.ids);
        }
    }

    fn read(&mut self) -> bool {
        let mut line = String::new();
        if self.lines.read_line(&mut line).unwrap() == 0 {
            return false;
        }
        let post: Value = serde_json::from_str(&line).unwrap();
        self.ids.push(post["id"].as_str().unwrap().to_owned());
        true
    }

    /// Sends a signal, and reads what still comes.
    fn stop(&mut self, signal: &str) -> ExitStatus {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(killed.unwrap().success());
        while self.read() {}
        self.child.wait().unwrap()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server, and a program that is logged in to it.
fn logged_in(tent: &Tent, arguments: &[&str]) -> Server {
    let server = Server::start(tent, arguments);
    let login = tent.begin_login(&[&server.entity]);
    let back = Browser::default().decide(&login.url, PASSPHRASE, "approve");
    assert!(open(&back).contains("Thank you."));
    assert_eq!(login.end().code, 0);
    server
}

/// Publishes a post, and gives its id if that was acknowledged.
fn post(tent: &Tent, text: impl std::fmt::Display) -> Option<String> {
    let ran = tent.run(&["post", &format!("Hello {text}")]);
    (ran.code == 0).then(|| ran.out.trim_end().to_owned())
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_doubled_while_the_server_is_killed() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    let arguments = ["--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
    let mut server = Some(logged_in(&tent, &arguments));
    let mut following = Following::start(&tent, &["--limit", "200"]);
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        std::thread::scope(|scope| {
            let posting = scope.spawn(|| {
                let numbers = 0..8;
                numbers
                    .filter_map(|number| post(&tent, format!("{round}.{number}")))
                    .collect()
            });
            if round > 0 {
                // It is killed at any moment of theirs.
                drop(server.take());
                server = Some(Server::start(&tent, &arguments));
            }
            let posted: Vec<_> = posting.join().unwrap();
            acknowledged.extend(posted);
        });
        let last = post(&tent, format!("{round}.8")).unwrap();
        following.read_to(&last);
        acknowledged.push(last);
    }
    assert!(following.stop("TERM").success());
    let came: BTreeSet<_> = following.ids.iter().collect();
    assert_eq!(came.len(), following.ids.len(), "{:?}", following.ids);
    for id in &acknowledged {
        assert!(
            came.contains(id),
            "{id} of {acknowledged:?} is lost: {came:?}"
        );
    }
    assert!(acknowledged.len() > 9, "{acknowledged:?}");
    let all = tent.run(&["posts", "--all", "--json"]).ok();
    assert_eq!(all.lines().count(), came.len());
    let all = all.lines().map(|line| {
        let post: Value = serde_json::from_str(line).unwrap();
        post["content"]["text"].as_str().unwrap().to_owned()
    });
    let texts: BTreeSet<_> = all.collect();
    assert_eq!(texts.len(), came.len(), "published twice: {texts:?}");
}

#[test]
fn it_goes_on_where_it_was_stopped() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    let arguments = ["--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
    let _server = logged_in(&tent, &arguments);
    let place = folder.path().join("place");
    let kept = ["--place", place.to_str().unwrap(), "--limit", "1"];
    let first = post(&tent, 0).unwrap();
    let mut following = Following::start(&tent, &kept);
    following.read_to(&first);
    assert!(following.stop("INT").success());
    let missed: Vec<_> = (1..4).map(|number| post(&tent, number).unwrap()).collect();
    let mut following = Following::start(&tent, &kept);
    following.read_to(&missed[2]);
    assert!(following.stop("INT").success());
    assert_eq!(following.ids, missed);
    std::fs::write(&place, "{}").unwrap();
    let told = tent.run(&[&["posts", "--follow", "--json"][..], &kept[..]].concat());
    assert!(told.failure(5)["error"].as_str().unwrap().contains("place"));
}
