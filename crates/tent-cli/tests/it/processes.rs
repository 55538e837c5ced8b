//! Several processes of the program on one PostgreSQL, behind a balancer, and what may happen to them.

use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;
use tent_proto::CallError;
use tent_testkit::postgres::Cluster;

use crate::balancer::Balancer;
use crate::kills::load::{Load, WRITERS, acknowledged, under_load};
use crate::kills::{check_notifications, check_posts};
use crate::peer::{Peer, Reply, open};
use crate::server::{Browser, PASSPHRASE, Server};
use crate::tent::{Ran, Tent};

/// Each process listens at an address of its own, and at the port of the balancer, which is where the
/// entity is.
const ADDRESSES: [&str; 2] = ["127.77.8.1", "127.77.8.2"];

struct Fleet {
    tent: Tent,
    cluster: Cluster,
    config: String,
    folder: TempDir,
    balancer: Arc<Balancer>,
}

impl Fleet {
    /// None where there is no PostgreSQL, which was said.
    fn new() -> Option<Self> {
        let cluster = Cluster::start(&["-c", "fsync=off"])?;
        Some(Self {
            tent: Tent::new(),
            config: cluster.create_database(),
            cluster,
            folder: tempfile::tempdir().unwrap(),
            balancer: Balancer::start(&ADDRESSES),
        })
    }

    fn entity(&self) -> String {
        format!("http://127.0.0.1:{}", self.balancer.port())
    }

    /// Program and folder of one process. Files are in a folder of all.
    fn command(&self, command: &str, number: usize) -> Command {
        let path = |name: String| self.folder.path().join(name).to_str().unwrap().to_owned();
        let (data, files) = (path(format!("data-{number}")), path("files".to_owned()));
        let mut command = self
            .tent
            .command(&[command, "--data", &data, "--attachments", &files]);
        command.env("TENT_DATABASE", &self.config);
        command.env("TENT_PASSPHRASE", PASSPHRASE);
        command
    }

    fn serve(&self, number: usize, arguments: &[&str]) -> Server {
        let listen = format!("{}:0", ADDRESSES[number]);
        let mut command = self.command("serve", number);
        command.args(["--listen", &listen, "--entity", &self.entity()]);
        command.args(arguments);
        Server::spawn(command)
    }

    fn admin(&self, passphrase: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command("admin", 0);
        command.env("TENT_PASSPHRASE", passphrase).args(arguments);
        command.output().unwrap().into()
    }

    /// Logs in, to be notified there.
    fn log_in(&self, passphrase: &str, notify: &str) {
        let login = self.tent.begin_login(&[&self.entity(), "--notify", notify]);
        open(&Browser::default().decide(&login.url, passphrase, "approve"));
        let ran = login.end();
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
}

/// A peer that is notified of posts.
fn sink() -> (Peer, Receiver<String>) {
    let (tell, notified) = mpsc::channel();
    let tell = Mutex::new(tell);
    let sink = Peer::start(move |asked| {
        let _ = tell.lock().unwrap().send(asked.body.clone());
        Reply::status(200)
    });
    (sink, notified)
}

#[test]
fn one_of_two_that_is_killed_is_missed_by_nobody() {
    let Some(fleet) = Fleet::new() else { return };
    let first = fleet.serve(0, &["--no-limits"]);
    let _second = fleet.serve(1, &["--no-limits"]);
    let (sink, notified) = sink();
    fleet.log_in(PASSPHRASE, &format!("{}/notify", sink.url()));
    let load = Load::new(&fleet.tent, &fleet.entity());
    let (posted, failed) = under_load(&load, |next| {
        acknowledged(40, next);
        first.stop("KILL");
        acknowledged(40, next);
    });
    // Each writer had one request under way at most.
    assert!(failed.len() <= WRITERS, "{failed:?}");
    let there = check_posts(&load);
    for (number, id) in &posted {
        assert_eq!(there.get(number), Some(id), "{number} was acknowledged");
    }
    check_notifications(&notified, &there);
}

#[test]
fn a_rolling_restart_loses_no_request() {
    let Some(fleet) = Fleet::new() else { return };
    let arguments = ["--no-limits", "--drain=2"];
    let mut servers = [0, 1].map(|number| Some(fleet.serve(number, &arguments)));
    let (sink, notified) = sink();
    fleet.log_in(PASSPHRASE, &format!("{}/notify", sink.url()));
    let load = Load::new(&fleet.tent, &fleet.entity());
    let (posted, failed) = under_load(&load, |next| {
        for (number, server) in servers.iter_mut().enumerate() {
            acknowledged(10, next);
            let old = server.take().unwrap();
            let (status, _) = thread::scope(|scope| {
                let stopping = scope.spawn(|| old.stop("TERM"));
                // As a balancer does that asks /readyz.
                while fleet.balancer.is_ready(number) {
                    thread::yield_now();
                }
                fleet.balancer.leave_out(number, true);
                stopping.join().unwrap()
            });
            assert_eq!(status.code(), Some(0));
            *server = Some(fleet.serve(number, &arguments));
            fleet.balancer.leave_out(number, false);
        }
        acknowledged(10, next);
    });
    assert!(failed.is_empty(), "{failed:?}");
    let there = check_posts(&load);
    assert_eq!(there, posted);
    check_notifications(&notified, &there);
}

#[test]
fn a_database_that_starts_anew_under_load_needs_no_new_start_of_ours() {
    let Some(mut fleet) = Fleet::new() else {
        return;
    };
    let _server = fleet.serve(0, &["--no-limits"]);
    let (sink, notified) = sink();
    fleet.log_in(PASSPHRASE, &format!("{}/notify", sink.url()));
    let load = Load::new(&fleet.tent, &fleet.entity());
    let cluster = &mut fleet.cluster;
    let (posted, failed) = under_load(&load, |next| {
        acknowledged(20, next);
        cluster.stop();
        while next().is_some() {}
        cluster.start_again();
        acknowledged(20, next);
    });
    // Whoever was answered was told so; of what broke off nobody knows.
    let is_unavailable = |error: &CallError| format!("{error:?}").contains("503");
    assert!(failed.iter().any(is_unavailable), "{failed:?}");
    for error in failed.iter().filter(|error| !is_unavailable(error)) {
        assert!(
            matches!(error, CallError::OutcomeUnknown { .. }),
            "{error:?}"
        );
    }
    let there = check_posts(&load);
    for (number, id) in &posted {
        assert_eq!(there.get(number), Some(id), "{number} was acknowledged");
    }
    check_notifications(&notified, &there);
}

#[test]
fn what_admin_does_holds_at_all_processes() {
    let Some(fleet) = Fleet::new() else { return };
    let _servers = [0, 1].map(|number| fleet.serve(number, &[]));
    let (first, second) = (fleet.entity(), format!("{}/~bob", fleet.entity()));
    fleet
        .admin("bobs own", &["entities", "create", &second])
        .ok();
    assert_eq!(
        fleet.admin("", &["entities", "list"]).ok(),
        format!("{first}\n{second}\n")
    );
    let served = |number, status: &str| {
        while fleet.balancer.status(number, "/~bob/profile") != status {
            thread::yield_now(); // until it has heard
        }
    };
    (0..2).for_each(|number| served(number, "200"));
    fleet.admin("another secret", &["passphrase", &first]).ok();
    let (sink, _notified) = sink();
    fleet.log_in("another secret", &format!("{}/notify", sink.url()));
    fleet.admin("", &["entities", "remove", &second]).ok();
    (0..2).for_each(|number| served(number, "404"));
    fleet
        .admin("", &["entities", "remove", &second])
        .fails_with(2);
}

#[test]
fn two_that_begin_at_once_make_one_entity() {
    let Some(fleet) = Fleet::new() else { return };
    thread::scope(|scope| {
        let fleet = &fleet;
        let starting = [0, 1].map(|number| scope.spawn(move || fleet.serve(number, &[])));
        for server in starting {
            assert_eq!(server.join().unwrap().entity, fleet.entity());
        }
    });
}
