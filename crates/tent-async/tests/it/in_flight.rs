//! A bound on what is in flight, with peers that count.

#![allow(clippy::unwrap_used)] // a test may

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tent_async::Client;
use tent_flow::sink::Memory;
use tent_flow::{Flow, Input, Moment, Request, Step, TransportError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, yield_now};
use url::Url;

struct Get(Url);

impl Flow for Get {
    type Output = Result<u16, TransportError>;

    fn step(&mut self, _now: Moment, input: Input) -> Step<Self::Output> {
        match input {
            Input::Ready => Step::send(Request::get(self.0.clone()), Memory::with_limit(100)),
            Input::Response(answer) => Step::Done(Ok(answer.status().as_u16())),
            Input::Failed(error) => Step::Done(Err(error)),
        }
    }
}

/// What peers saw: how many requests there were at once, and which, in their order.
#[derive(Default)]
struct Count {
    now: AtomicUsize,
    most: AtomicUsize,
    paths: Mutex<Vec<String>>,
}

/// A peer that answers a request for each permit.
struct Peer {
    root: Url,
    count: Arc<Count>,
    answers: Arc<Semaphore>,
}

impl Peer {
    /// `counts` are told of what this peer gets, besides its own.
    async fn start(all: &Arc<Count>, answers: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}/", listener.local_addr().unwrap());
        let peer = Self {
            root: root.parse().unwrap(),
            count: Arc::default(),
            answers: Arc::new(Semaphore::new(answers)),
        };
        let counts = [Arc::clone(all), Arc::clone(&peer.count)];
        let answers = Arc::clone(&peer.answers);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, counts.clone(), Arc::clone(&answers)));
            }
        });
        peer
    }

    fn get(&self, path: impl std::fmt::Display) -> Get {
        Get(self.root.join(&path.to_string()).unwrap())
    }

    /// Waits until so many requests have come.
    async fn has(&self, requests: usize) {
        while self.count.paths.lock().unwrap().len() < requests {
            yield_now().await;
        }
    }
}

async fn serve(mut stream: TcpStream, counts: [Arc<Count>; 2], answers: Arc<Semaphore>) {
    let mut head = vec![0; 1024];
    while let Ok(read @ 1..) = stream.read(&mut head).await {
        let text = String::from_utf8_lossy(&head[..read]).into_owned();
        let path = text.split(' ').nth(1).unwrap().to_owned();
        for count in &counts {
            let now = count.now.fetch_add(1, Ordering::SeqCst) + 1;
            count.most.fetch_max(now, Ordering::SeqCst);
            count.paths.lock().unwrap().push(path.clone());
        }
        let Ok(permit) = answers.acquire().await else {
            return;
        };
        permit.forget();
        yield_now().await;
        for count in &counts {
            count.now.fetch_sub(1, Ordering::SeqCst);
        }
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        if stream.write_all(answer).await.is_err() {
            return;
        }
    }
}

fn bounded(overall: usize, per_server: usize) -> Client {
    let bound = |count| NonZero::new(count).unwrap();
    let client = Client::builder().no_proxy();
    let client = client.in_flight(bound(overall), bound(per_server));
    client.build().unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(future)
}

const NO_END: usize = Semaphore::MAX_PERMITS;

#[test]
fn thousands_at_once_are_bounded_at_each_server_and_overall() {
    block_on(async {
        let all = Arc::default();
        let mut peers = Vec::new();
        for _ in 0..6 {
            peers.push(Peer::start(&all, 0).await);
        }
        let client = bounded(16, 4);
        let mut requests = JoinSet::new();
        for entity in 0..3000 {
            let client = client.line();
            let get = peers[entity % peers.len()].get(entity);
            requests.spawn(async move { client.run(get).await });
        }
        // Nobody answers, so as many come as may.
        while all.now.load(Ordering::SeqCst) < 16 {
            yield_now().await;
        }
        for peer in &peers {
            peer.answers.add_permits(NO_END);
        }
        while let Some(answer) = requests.join_next().await {
            assert_eq!(answer.unwrap().unwrap(), 200);
        }
        assert_eq!(all.most.load(Ordering::SeqCst), 16);
        assert_eq!(all.paths.lock().unwrap().len(), 3000);
        for peer in &peers {
            assert!(peer.count.most.load(Ordering::SeqCst) <= 4);
        }
    });
}

#[test]
fn one_server_gets_no_more_than_its_own_and_leaves_the_rest_to_others() {
    block_on(async {
        let all = Arc::default();
        let (busy, other) = (Peer::start(&all, 0).await, Peer::start(&all, NO_END).await);
        let client = bounded(5, 4);
        let mut requests = JoinSet::new();
        for number in 0..20 {
            let (client, get) = (client.clone(), busy.get(number));
            requests.spawn(async move { client.run(get).await });
        }
        busy.has(4).await;
        for _ in 0..10 {
            assert_eq!(client.run(other.get("x")).await.unwrap(), 200);
        }
        assert_eq!(busy.count.paths.lock().unwrap().len(), 4);
        busy.answers.add_permits(20);
        while let Some(answer) = requests.join_next().await {
            assert_eq!(answer.unwrap().unwrap(), 200);
        }
        assert_eq!(busy.count.most.load(Ordering::SeqCst), 4);
    });
}

#[test]
fn who_has_much_to_do_is_not_in_the_way_of_others() {
    block_on(async {
        let peer = Peer::start(&Arc::default(), 0).await;
        let client = bounded(1, 1);
        let (alice, bob) = (client.line(), client.line());
        let mut requests = JoinSet::new();
        for (client, name, count) in [(alice, "a", 50), (bob, "b", 3)] {
            for _ in 0..count {
                let (client, get) = (client.clone(), peer.get(name));
                requests.spawn(async move { client.run(get).await });
            }
            // All of them wait before anybody else comes.
            for _ in 0..200 {
                yield_now().await;
            }
        }
        peer.answers.add_permits(NO_END);
        while let Some(answer) = requests.join_next().await {
            answer.unwrap().unwrap();
        }
        let paths = peer.count.paths.lock().unwrap().concat();
        assert!(paths.starts_with("/a/a/b/a/b/a/b/a/a"), "{paths}");
    });
}

#[test]
fn a_dropped_future_frees_its_place() {
    block_on(async {
        let peer = Peer::start(&Arc::default(), 0).await;
        let client = bounded(1, 1);
        let in_flight = tokio::spawn({
            let (client, get) = (client.clone(), peer.get("dropped"));
            async move { client.run(get).await }
        });
        peer.has(1).await;
        let waiting = {
            let (client, get) = (client.line(), peer.get("never"));
            tokio::spawn(async move { client.run(get).await })
        };
        let next = {
            let (client, get) = (client.line(), peer.get("next"));
            tokio::spawn(async move { client.run(get).await })
        };
        yield_now().await;
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        in_flight.abort();
        peer.has(2).await;
        peer.answers.add_permits(NO_END);
        assert_eq!(next.await.unwrap().unwrap(), 200);
        assert_eq!(client.run(peer.get("last")).await.unwrap(), 200);
        let paths = peer.count.paths.lock().unwrap().concat();
        assert_eq!(paths, "/dropped/next/last");
    });
}
