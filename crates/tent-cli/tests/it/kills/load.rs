//! Those who write, and what they write: all of a post follows from its number.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use tent_blocking::Client;
use tent_proto::call::{CreatePost, DeletePost};
use tent_proto::{CallError, Post, PostId, Session, Upload};
use tent_store::{CredentialStore as _, FileStore};

use crate::tent::Tent;

pub(super) const MEDIA_TYPE: &str = "application/octet-stream";

/// How many write at the same time [under load](under_load).
pub(crate) const WRITERS: usize = 4;

/// What writers share.
pub(crate) struct Load {
    pub(super) session: Session,
    /// Whether the server has been killed, so that errors are in order.
    pub(super) killed: AtomicBool,
    next: AtomicU64,
}

/// What a writer was told, or is about to do.
#[derive(Debug)]
pub(super) enum Event {
    Posted(u64, PostId),
    Doomed(u64),
    Gone(u64),
}

impl Load {
    /// Writes as whoever is logged in to the entity.
    pub(crate) fn new(tent: &Tent, entity: &str) -> Self {
        let store = FileStore::new(tent.credentials());
        let account = store.account(&entity.parse().unwrap()).unwrap().unwrap();
        Self {
            session: account.session(Client::new().unwrap().seed()),
            killed: AtomicBool::new(false),
            next: AtomicU64::new(0),
        }
    }
}

/// The names of the files of a post: none, one or two.
pub(super) fn files(number: u64) -> impl Iterator<Item = String> {
    let count = [0, 0, 1, 2][(number % 4) as usize];
    (0..count).map(|file| format!("file-{file}"))
}

/// What is in a file: up to some 200 KB that no other file has.
pub(super) fn content(number: u64, name: &str) -> Vec<u8> {
    let line = format!("{name} of {number}\n");
    line.repeat(1 + (number as usize * 7919) % 15_000)
        .into_bytes()
}

/// Writes the next post.
pub(crate) fn post(load: &Load, client: &Client) -> Result<(u64, PostId), CallError> {
    let number = load.next.fetch_add(1, Ordering::Relaxed);
    let uploads = files(number).map(|name| {
        let content = content(number, &name);
        Upload::bytes("files", name, content).with_media_type(MEDIA_TYPE)
    });
    let uploads: Vec<_> = uploads.collect();
    let mut create = CreatePost::new(&Post::status(format!("Post {number}")).public());
    if !uploads.is_empty() {
        create = create.attaching(uploads, client.seed());
    }
    let post = client.run(load.session.call(create))?;
    Ok((number, post.id.unwrap()))
}

/// Writes until the server is gone. Some posts are removed again.
pub(super) fn write(load: &Load, tell: &Sender<Event>) {
    let client = Client::new().unwrap();
    loop {
        let (number, id) = match post(load, &client) {
            Ok(posted) => posted,
            Err(error) => return expect_a_kill(load, &error),
        };
        tell.send(Event::Posted(number, id.clone())).unwrap();
        if number.is_multiple_of(5) {
            tell.send(Event::Doomed(number)).unwrap();
            match client.run(load.session.call(DeletePost::new(id))) {
                Ok(()) => tell.send(Event::Gone(number)).unwrap(),
                Err(error) => return expect_a_kill(load, &error),
            }
        }
    }
}

fn expect_a_kill(load: &Load, error: &dyn std::error::Error) {
    let killed = load.killed.load(Ordering::SeqCst);
    assert!(killed, "a server that runs does not fail: {error:?}");
}

/// What came of a post.
type Posted = Result<(u64, PostId), CallError>;

/// Has posts written meanwhile, by writers who go on whatever happens. It hears of each what number it
/// has, or that it was not acknowledged. All that were acknowledged, and why others were not.
pub(crate) fn under_load(
    load: &Load,
    meanwhile: impl FnOnce(&mut dyn FnMut() -> Option<u64>),
) -> (BTreeMap<u64, PostId>, Vec<CallError>) {
    let (mut posted, mut failed) = (BTreeMap::new(), Vec::new());
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        for _ in 0..WRITERS {
            let (tell, stop) = (tell.clone(), &stop);
            scope.spawn(move || write_until(stop, load, &tell));
        }
        drop(tell);
        let mut note = |one: Posted| match one {
            Ok((number, id)) => {
                posted.insert(number, id);
                Some(number)
            }
            Err(error) => {
                failed.push(error);
                None
            }
        };
        meanwhile(&mut || note(told.recv().unwrap()));
        stop.store(true, Ordering::SeqCst);
        for one in told {
            note(one);
        }
    });
    (posted, failed)
}

fn write_until(stop: &AtomicBool, load: &Load, tell: &Sender<Posted>) {
    let client = Client::new().unwrap();
    while !stop.load(Ordering::SeqCst) {
        if tell.send(post(load, &client)).is_err() {
            return;
        }
    }
}

/// Waits for so many posts that are acknowledged: their numbers.
pub(crate) fn acknowledged(count: usize, next: &mut dyn FnMut() -> Option<u64>) -> Vec<u64> {
    std::iter::repeat_with(next).flatten().take(count).collect()
}
