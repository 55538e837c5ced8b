//! `tent-load run`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tent_async::Client;
use tent_proto::call::ListPosts;
use tent_proto::{Post, Server, Session};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::account::{self, Account};
use crate::arrivals::{Arrivals, scattered};
use crate::latency::{HEAD, Latencies};
use crate::{Outcome, cost};

/// Send signed requests at a steady rate, and tell how long answers took
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Who the load comes from, as `fill` wrote it
    #[arg(long, value_name = "FILE")]
    accounts: PathBuf,
    /// Ask these servers, in turn, instead of each entity's own
    #[arg(long, value_name = "URL")]
    server: Vec<Server>,
    /// How many requests a second, whether or not they are answered as fast
    #[arg(long, value_name = "N", default_value_t = 200.0)]
    rate: f64,
    /// For how many seconds
    #[arg(long, value_name = "S", default_value_t = 20)]
    seconds: u64,
    /// How many of a hundred requests ask for a page of 50 posts
    #[arg(long, value_name = "N", default_value_t = 60)]
    pages: u64,
    /// How many of a hundred publish a post; the rest asks for one post each
    #[arg(long, value_name = "N", default_value_t = 10)]
    writes: u64,
    /// Processes whose processor time and memory to tell
    #[arg(long, value_name = "PID")]
    process: Vec<u32>,
}

/// What is sent.
#[derive(Debug, Clone)]
pub(crate) struct Traffic {
    pub(crate) sessions: Arc<Vec<(Session, Account)>>,
    pub(crate) client: Client,
    pub(crate) rate: f64,
    pub(crate) time: Duration,
    /// Of a hundred.
    pub(crate) pages: u64,
    pub(crate) writes: u64,
    /// How many are under way at most. With fewer than come in the time of an answer the load is no
    /// longer steady: it is as much as is answered.
    pub(crate) at_a_time: usize,
}

/// What was measured.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) pages: Latencies,
    pub(crate) posts: Latencies,
    pub(crate) writes: Latencies,
    /// How long it took until the last answer.
    pub(crate) took: Duration,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Page,
    Post,
    Write,
}

impl Run {
    pub(crate) async fn run(self) -> Outcome {
        let client = Client::builder().no_proxy().build()?;
        let accounts = account::read(&self.accounts)?;
        let traffic = Traffic {
            sessions: sessions(&client, accounts, &self.server)?,
            client,
            rate: self.rate,
            time: Duration::from_secs(self.seconds),
            pages: self.pages,
            writes: self.writes,
            at_a_time: Semaphore::MAX_PERMITS,
        };
        let before = cost::processor(&self.process);
        let measured = traffic.run().await;
        let used = cost::processor(&self.process) - before;
        println!("{HEAD}");
        println!("| page     | {} |", measured.pages);
        println!("| post     | {} |", measured.posts);
        println!("| write    | {} |", measured.writes);
        let answered = measured.answered();
        let rate = answered as f64 / measured.took.as_secs_f64();
        println!(
            "\n{rate:.0} answers a second, of {:.0} asked for",
            self.rate
        );
        if !self.process.is_empty() && answered > 0 {
            let each = used.as_secs_f64() * 1e6 / answered as f64;
            let memory = cost::memory(&self.process) / (1 << 20);
            println!("{each:.0} microseconds of processor time each; {memory} MiB of memory");
        }
        Ok(())
    }
}

/// A session for each account, with one of the servers first.
pub(crate) fn sessions(
    client: &Client,
    accounts: Vec<Account>,
    servers: &[Server],
) -> Outcome<Arc<Vec<(Session, Account)>>> {
    let sessions = accounts.into_iter().enumerate().map(|(number, account)| {
        let mut servers = servers.to_vec();
        if !servers.is_empty() {
            let first = number % servers.len();
            servers.rotate_left(first);
        }
        let session = account.session(&servers, client.seed())?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>((session, account))
    });
    Ok(Arc::new(sessions.collect::<Result<_, _>>()?))
}

impl Measured {
    pub(crate) fn answered(&self) -> u64 {
        self.pages.answered() + self.posts.answered() + self.writes.answered()
    }

    pub(crate) fn failed(&self) -> u64 {
        self.pages.failed + self.posts.failed + self.writes.failed
    }

    fn of(&mut self, kind: Kind) -> &mut Latencies {
        match kind {
            Kind::Page => &mut self.pages,
            Kind::Post => &mut self.posts,
            Kind::Write => &mut self.writes,
        }
    }
}

impl Traffic {
    /// Sends each request when it is due. None waits for another.
    pub(crate) async fn run(&self) -> Measured {
        let began = Instant::now();
        let places = Arc::new(Semaphore::new(self.at_a_time));
        let mut requests = JoinSet::new();
        let mut measured = Measured {
            pages: Latencies::new(),
            posts: Latencies::new(),
            writes: Latencies::new(),
            took: Duration::ZERO,
        };
        let mut note = |(kind, took): (Kind, Option<Duration>)| {
            let latencies = measured.of(kind);
            match took {
                Some(took) => latencies.record(took),
                None => latencies.failed += 1,
            }
        };
        for (number, at) in (0..).zip(Arrivals::steady(self.rate, self.time)) {
            let due = began + at;
            sleep_until(due).await;
            // It is never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            let sent = self.clone().send(number, due);
            requests.spawn(async {
                let _place = place;
                sent.await
            });
            while let Some(ended) = requests.try_join_next() {
                ended.into_iter().for_each(&mut note);
            }
        }
        while let Some(ended) = requests.join_next().await {
            ended.into_iter().for_each(&mut note);
        }
        measured.took = began.elapsed();
        measured
    }

    /// Sends one request, and says how long its answer took since it was due; `None` when none came.
    async fn send(self, number: u64, due: Instant) -> (Kind, Option<Duration>) {
        let chance = scattered(number);
        let (session, account) = &self.sessions[chance as usize % self.sessions.len()];
        let post = (chance >> 32) as usize % account.posts.len().max(1);
        let post = account.posts.get(post);
        let (kind, is_done) = match (chance >> 16) % 100 {
            of_hundred if of_hundred < self.pages => {
                let call = session.list_posts(ListPosts::new().limit(50));
                (Kind::Page, self.client.run(call).await.is_ok())
            }
            of_hundred if of_hundred >= 100 - self.writes => {
                let post = Post::status(format!("High tide at nine, number {number}")).public();
                let call = session.create_post(&post);
                (Kind::Write, self.client.run(call).await.is_ok())
            }
            _ => match post {
                Some(post) => {
                    let call = session.get_post(post.clone());
                    (Kind::Post, self.client.run(call).await.is_ok())
                }
                None => (Kind::Post, false),
            },
        };
        (kind, is_done.then(|| due.elapsed()))
    }
}
