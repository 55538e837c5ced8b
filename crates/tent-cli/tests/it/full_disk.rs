//! A server whose disk is full: writes are refused and say why, reads go on, and when there is room
//! again all is as before.
//!
//! The disk is a small one of its own, in memory, which takes the namespaces of Linux. Where they cannot
//! be had, nothing is tested, and that is said.
#![cfg(target_os = "linux")]

mod postgres;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use tempfile::TempDir;
use tent_blocking::Client;
use tent_flow::Flow;
use tent_proto::call::{
    CreateGroup, CreatePost, DeletePost, GetAttachment, ListPosts, RegisterApp,
};
use tent_proto::{App, CallError, Post, PostId, Session, Upload};
use tent_store::{CredentialStore as _, FileStore};
use tent_testkit::say;

use crate::peer::open;
use crate::server::{Browser, PASSPHRASE, Server};
use crate::tent::Tent;

/// How long texts and files are, in bytes.
const LONG: usize = 300_000;

/// A server on a small disk.
struct Ground {
    server: Server,
    client: Client,
    session: Session,
    /// The disk, as the server sees it.
    disk: PathBuf,
    _folder: TempDir,
}

impl Ground {
    /// With SQLite and all else on eight MiB.
    fn new() -> Option<Self> {
        let can = Command::new("unshare").args(["-rm", "true"]).status();
        if !can.is_ok_and(|status| status.success()) {
            say("NOT TESTED: a full disk takes `unshare -rm`, which does not work here");
            return None;
        }
        let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
        let mount = folder.path().to_str().unwrap();
        let inner = tent.command(&["serve", "--listen", "127.0.0.1:0", "--data"]);
        let mut outer = Command::new("unshare");
        outer
            .args(["-rm", "/bin/sh", "-c"])
            .arg("mount -t tmpfs -o size=8m tmpfs \"$0\" && exec \"$@\" \"$0/data\"")
            .arg(mount)
            .arg(inner.get_program())
            .args(inner.get_args())
            .env("TENT_PASSPHRASE", PASSPHRASE);
        let server = Server::spawn(outer);
        let disk = format!("/proc/{}/root{mount}", server.id()).into();
        Some(Self::of(server, disk, &tent, folder))
    }

    /// Logs in to a server.
    fn of(server: Server, disk: PathBuf, tent: &Tent, folder: TempDir) -> Self {
        let login = tent.begin_login(&[&server.entity]);
        open(&Browser::default().decide(&login.url, PASSPHRASE, "approve"));
        assert_eq!(login.end().code, 0);
        let store = FileStore::new(tent.credentials());
        let account = store.account(&server.entity.parse().unwrap());
        let client = Client::new().unwrap();
        Self {
            session: account.unwrap().unwrap().session(client.seed()),
            disk,
            server,
            client,
            _folder: folder,
        }
    }

    fn run<T, F: Flow<Output = Result<T, CallError>>>(&self, flow: F) -> Result<T, CallError> {
        self.client.run(flow)
    }

    fn post(&self, text: &str) -> Result<Post, CallError> {
        self.run(self.session.create_post(&Post::status(text).public()))
    }

    fn attach(&self, length: usize) -> Result<Post, CallError> {
        let file = Upload::bytes("files", "file", vec![7; length]).with_media_type("a/a");
        let create = CreatePost::new(&Post::status("Look").public());
        let create = create.attaching([file], self.client.seed());
        self.run(self.session.call(create))
    }

    /// Leaves no room.
    fn fill(&self) {
        let written = fs::write(self.disk.join("rest"), vec![0; 32 << 20]);
        assert!(written.is_err(), "there is room for twice as much");
    }

    /// Makes room again.
    fn clear(&self) {
        fs::remove_file(self.disk.join("rest")).unwrap();
    }

    /// Writes posts until there is no room, and adds those that were taken.
    fn post_until_refused(&self, text: &str, mut ids: Vec<PostId>) -> Vec<PostId> {
        let taken = std::cell::RefCell::new(Vec::new());
        assert_full(until_refused(|| {
            let post = self.post(text)?;
            taken.borrow_mut().extend(post.id);
            Ok(())
        }));
        ids.splice(0..0, taken.into_inner().into_iter().rev());
        ids
    }

    /// The posts that are there.
    fn ids(&self) -> Vec<PostId> {
        let posts = self
            .client
            .items(self.session.posts(ListPosts::new().limit(200)));
        posts.map(|post| post.unwrap().id.unwrap()).collect()
    }

    /// The files that are kept or have begun to come.
    fn files(&self) -> usize {
        fs::read_dir(self.disk.join("data/tent.db-attachments"))
            .unwrap()
            .count()
    }
}

fn until_refused<T>(write: impl Fn() -> Result<T, CallError>) -> Result<T, CallError> {
    (0..10_000).map(|_| write()).find(Result::is_err).unwrap()
}

/// A write that found no room says so.
#[track_caller]
fn assert_full<T: std::fmt::Debug>(result: Result<T, CallError>) {
    let error = result.unwrap_err();
    let status = error.status().map(|status| status.as_u16());
    assert_eq!(status, Some(507), "{error:?}");
    assert!(matches!(error, CallError::Refused(_)), "{error:?}");
    let told = format!("{error:?}");
    assert!(
        told.contains("there is no room left on the server"),
        "{told}"
    );
}

#[test]
fn writes_are_refused_while_the_disk_is_full_and_reads_go_on() {
    let Some(ground) = Ground::new() else { return };
    let kept = ground.attach(LONG).unwrap().id.unwrap();
    let mut ids = vec![kept.clone()];
    ground.fill();
    let files = ground.files();

    // What the database has reserved already is used first.
    let long = "x".repeat(LONG);
    ids = ground.post_until_refused(&long, ids);
    assert_full(ground.attach(LONG));
    assert_full(ground.attach(LONG));
    assert_eq!(ground.files(), files, "what came of the files is gone");
    ids = ground.post_until_refused("short", ids);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_full(ground.post(&long)));
        }
    });
    let group = || ground.run(ground.session.call(CreateGroup::new("friends")));
    assert_full(until_refused(group));
    let app = || RegisterApp::new(App::new("Late", "https://late.example"));
    assert_full(until_refused(|| ground.run(ground.session.call(app()))));

    assert_eq!(ground.ids(), ids);
    let file = GetAttachment::new(kept.clone(), "file", "a/a");
    assert_eq!(
        ground.run(ground.session.call(file)).unwrap(),
        vec![7; LONG]
    );
    ground.run(ground.session.get_profile()).unwrap();

    ground.clear();
    ids.insert(0, ground.post(&long).unwrap().id.unwrap());
    ids.insert(0, ground.attach(LONG).unwrap().id.unwrap());
    assert_eq!(ground.ids(), ids);
    ground
        .run(ground.session.call(DeletePost::new(kept)))
        .unwrap();
    let (status, err) = ground.server.stop("TERM");
    assert_eq!(status.code(), Some(0), "{err}");
    assert!(err.contains("there is no room left"), "{err}");
}
