//! `kill -9` in the midst of writing, again and again: what was acknowledged is there and whole, what
//! was not is there as a whole or not at all, and everybody who is to be told of a post is.
//!
//! Twenty times, or as often as `TENT_KILLS` says:
//!
//! ```sh
//! TENT_KILLS=200 cargo test -p tent-cli --test it kills
//! ```
//!
//! `TENT_SEED` repeats a run, as far as threads and disks allow.
#![cfg(unix)]

pub(crate) mod load;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tent_blocking::Client;
use tent_proto::call::{GetAttachment, ListPosts};
use tent_proto::model::Status;
use tent_proto::{Post, PostId, TypeUri};

use self::load::{Event, Load, MEDIA_TYPE, content, files, write};
use crate::peer::{Peer, Reply, open};
use crate::server::{Browser, PASSPHRASE, Server};
use crate::tent::Tent;

/// How many write at the same time.
const WRITERS: usize = 6;
/// How many acknowledgements there are at most before the server is killed.
const MOST: u64 = 40;
/// How long a delivery may take. It is over when all have come.
const PATIENCE: Duration = Duration::from_secs(60);
/// Other programs take ports of the usual address between one start and the next.
const ADDRESS: &str = if cfg!(target_os = "linux") {
    "127.77.7.1:0"
} else {
    "127.0.0.1:0"
};

/// What writers were told.
#[derive(Debug, Default)]
struct Told {
    posted: BTreeMap<u64, PostId>,
    /// What may be gone, since its removal was asked for.
    doomed: BTreeSet<u64>,
    gone: BTreeSet<u64>,
}

impl Told {
    fn hear(&mut self, event: Event) {
        match event {
            Event::Posted(number, id) => {
                assert_eq!(self.posted.insert(number, id), None);
            }
            Event::Doomed(number) => drop(self.doomed.insert(number)),
            Event::Gone(number) => drop(self.gone.insert(number)),
        }
    }
}

struct Ground {
    tent: Tent,
    folder: TempDir,
    entity: String,
    /// The bodies of notifications.
    notified: Receiver<String>,
    sink: Peer,
}

impl Ground {
    /// A server, and an app that writes posts there and is told of all.
    fn new() -> Self {
        let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
        let (tell, notified) = mpsc::channel();
        let tell = Mutex::new(tell);
        let sink = Peer::start(move |asked| {
            let _ = tell.lock().unwrap().send(asked.body.clone());
            Reply::status(200)
        });
        let mut ground = Self {
            tent,
            folder,
            entity: String::new(),
            notified,
            sink,
        };
        let server = ground.start();
        ground.entity.clone_from(&server.entity);
        let url = format!("{}/notify", ground.sink.url());
        let login = ground.tent.begin_login(&[&server.entity, "--notify", &url]);
        open(&Browser::default().decide(&login.url, PASSPHRASE, "approve"));
        assert_eq!(login.end().code, 0);
        ground
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_str().unwrap().to_owned()
    }

    fn start(&self) -> Server {
        let data = self.data();
        let arguments = ["--listen", ADDRESS, "--data", &data, "--no-limits"];
        Server::start(&self.tent, &arguments)
    }

    /// Lets writers write, and kills the server when so many writes were acknowledged.
    fn kill_after(&self, acknowledged: u64, load: &Load, told: &mut Told) {
        let server = self.start();
        load.killed.store(false, Ordering::SeqCst);
        thread::scope(|scope| {
            let (tell, events) = mpsc::channel();
            for _ in 0..WRITERS {
                let tell = tell.clone();
                scope.spawn(move || write(load, &tell));
            }
            drop(tell);
            for _ in 0..acknowledged {
                told.hear(events.recv().expect("the server failed by itself"));
            }
            load.killed.store(true, Ordering::SeqCst);
            server.stop("KILL");
            events.iter().for_each(|event| told.hear(event));
        });
    }

    /// The names of the files that the server keeps.
    fn kept(&self) -> BTreeSet<String> {
        let folder = format!("{}/tent.db-attachments", self.data());
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.ends_with("-lock")).collect()
    }
}

fn number(post: &Post) -> u64 {
    let text = post.content::<Status>().unwrap().text.unwrap();
    text.strip_prefix("Post ").unwrap().parse().unwrap()
}

/// The posts that are there, each of them whole.
pub(crate) fn check_posts(load: &Load) -> BTreeMap<u64, PostId> {
    let (client, session) = (Client::new().unwrap(), &load.session);
    let list = ListPosts::new().post_type(&TypeUri::status()).limit(200);
    let mut there = BTreeMap::new();
    for post in client.items(session.posts(list)) {
        let post = post.unwrap();
        let (number, id) = (number(&post), post.id.clone().unwrap());
        let names: Vec<_> = post
            .attachments
            .iter()
            .map(|file| file.name.clone().unwrap())
            .collect();
        let expected: Vec<_> = files(number).collect();
        assert_eq!(names, expected, "the files of {number}");
        for name in names {
            let file = GetAttachment::new(id.clone(), &name, MEDIA_TYPE);
            let came = client.run(session.call(file)).unwrap();
            assert!(
                came == content(number, &name),
                "{name} of {number} is not what was sent"
            );
        }
        assert_eq!(there.insert(number, id), None, "{number} is there twice");
    }
    there
}

/// Takes notifications until all of these posts have come. Those that come again are the same.
pub(crate) fn check_notifications(notified: &Receiver<String>, there: &BTreeMap<u64, PostId>) {
    let mut came: BTreeMap<u64, PostId> = BTreeMap::new();
    while !there.keys().all(|number| came.contains_key(number)) {
        let body = notified.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            let missing = there.keys().filter(|number| !came.contains_key(number));
            panic!("nobody was told of {:?}", missing.collect::<Vec<_>>())
        });
        let post: Post = serde_json::from_str(&body).unwrap();
        if post.post_type.as_ref() != Some(&TypeUri::status()) {
            continue; // the removal of another
        }
        let (number, id) = (number(&post), post.id.unwrap());
        assert_eq!(
            *came.entry(number).or_insert_with(|| id.clone()),
            id,
            "a repetition"
        );
    }
    for (number, id) in there {
        assert_eq!(came[number], *id);
    }
}

fn setting(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {value}")),
    )
}

/// The next of a sequence of numbers that look random: SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[test]
fn what_was_acknowledged_outlives_kills() {
    let kills = setting("TENT_KILLS").unwrap_or(20);
    let seed = setting("TENT_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("TENT_SEED={seed}"); // shown when the test fails
    let ground = Ground::new();
    let load = Load::new(&ground.tent, &ground.entity);
    let (mut told, mut state) = (Told::default(), seed);
    for _ in 0..kills {
        ground.kill_after(next(&mut state) % (MOST + 1), &load, &mut told);
    }

    let _server = ground.start();
    let there = check_posts(&load);
    for (number, id) in &told.posted {
        if !told.doomed.contains(number) {
            assert_eq!(there.get(number), Some(id), "{number} was acknowledged");
        }
    }
    for number in &told.gone {
        assert_eq!(there.get(number), None, "{number} was removed");
    }
    let expected = there.keys().flat_map(|number| files(*number)).count();
    assert_eq!(
        ground.kept().len(),
        expected,
        "no file is left of what is not there"
    );
    check_notifications(&ground.notified, &there);
    let checked = ground
        .tent
        .run(&["admin", "check", "--data", &ground.data(), "--json"]);
    let checked: Value = serde_json::from_str(&checked.ok()).unwrap();
    println!(
        "{} acknowledged, {} there; {checked}",
        told.posted.len(),
        there.len()
    );
}
