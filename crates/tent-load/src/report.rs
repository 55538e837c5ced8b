//! `tent-load report`

mod server;
mod spent;
mod table;

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use tent_async::Client;
use tent_proto::Post;
use tokio::sync::Semaphore;

use self::server::{Server, free_addresses};
use self::spent::{ids, spent};
use self::table::Table;
use crate::account::Account;
use crate::fill::Filling;
use crate::run::{Measured, Traffic, sessions};
use crate::sink::Sink;
use crate::store::Store;
use crate::{Outcome, cost};

/// Servers of followers: as many as it takes to keep a server busy that asks each by a few connections.
const SINKS: usize = 16;

/// How many requests are under way when the most is asked for.
const AT_A_TIME: usize = 64;

/// Find out how cost grows, and write it down
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// What to vary; all of it, unless something is named
    #[arg(value_enum)]
    what: Vec<Varied>,
    /// The program `tent`
    #[arg(long, value_name = "FILE", default_value = "target/release/tent")]
    tent: PathBuf,
    /// The folder to write tables to
    #[arg(long, value_name = "DIR", default_value = "docs/load")]
    out: PathBuf,
    /// Measure the server on a PostgreSQL of its own, which has to be installed, instead of SQLite
    #[arg(long)]
    postgres: bool,
    /// For how many seconds each kind of request is sent
    #[arg(long, value_name = "S", default_value_t = 20)]
    seconds: u64,
    /// Vary up to a thousandth of it alone, for a second, to see that it works
    #[arg(long)]
    quick: bool,
}

/// What is varied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Varied {
    /// How many posts there are: a thousand to a million
    Posts,
    /// How many entities there are: one to a thousand, with a hundred posts each
    Entities,
    /// How many followers get a post: ten to ten thousand
    Followers,
    /// How many processes share the work, of PostgreSQL alone: one, two and four
    Processes,
}

impl Report {
    pub(crate) async fn run(self) -> Outcome {
        fs::create_dir_all(&self.out)?;
        let all = self.what.is_empty();
        for what in Varied::value_variants() {
            if all || self.what.contains(what) {
                match what {
                    Varied::Posts => self.posts().await?,
                    Varied::Entities => self.entities().await?,
                    Varied::Followers => self.followers().await?,
                    Varied::Processes if self.postgres => self.processes().await?,
                    Varied::Processes => {}
                }
            }
        }
        Ok(())
    }

    async fn posts(&self) -> Outcome {
        let mut table = Table::create(&self.out, "posts", &self.columns())?;
        let store = Store::create(self.postgres)?;
        let listen = free_addresses(1)?;
        let mut there = 0;
        for count in self.sizes(&[1_000, 10_000, 100_000, 1_000_000]) {
            let filling = Filling::start(store.open().await?, &listen).await?;
            let mut accounts = filling.entities(1).await?;
            for account in &mut accounts {
                filling.posts(account, count - there).await?;
            }
            there = count;
            filling.end().await?;
            let servers = self.serve(&store, &listen)?;
            table.row(count, &self.cost(&store, &servers, &accounts).await?)?;
        }
        Ok(())
    }

    async fn entities(&self) -> Outcome {
        let mut table = Table::create(&self.out, "entities", &self.columns())?;
        let store = Store::create(self.postgres)?;
        let listen = free_addresses(1)?;
        for count in self.sizes(&[1, 10, 100, 1_000]) {
            let accounts = fill(&store, &listen, count, 100).await?;
            let servers = self.serve(&store, &listen)?;
            table.row(count, &self.cost(&store, &servers, &accounts).await?)?;
        }
        Ok(())
    }

    async fn followers(&self) -> Outcome {
        let columns = "seconds until all had it,microseconds of processor time each";
        let mut table = Table::create(&self.out, "followers", columns)?;
        for count in self.sizes(&[10, 100, 1_000, 10_000]) {
            let store = Store::create(self.postgres)?;
            let listen = free_addresses(1)?;
            let mut sink = Sink::start(SINKS).await?;
            let filling = Filling::start(store.open().await?, &listen).await?;
            let accounts = filling.entities(1).await?;
            let [account] = accounts.as_slice() else {
                return Err("there is one account".into());
            };
            filling
                .followers(account, u32::try_from(count)?, &sink.servers)
                .await?;
            filling.end().await?;
            let servers = self.serve(&store, &listen)?;
            let client = Client::builder().no_proxy().build()?;
            let session = account.session(&[], client.seed())?;
            let (before, got, began) = (spent(&store, &servers), sink.got(), Instant::now());
            client
                .run(session.create_post(&Post::status("to all").public()))
                .await?;
            sink.wait_for(got + count).await?;
            let took = began.elapsed().as_secs_f64();
            let after = spent(&store, &servers);
            let used = after.all().saturating_sub(before.all()).as_secs_f64() * 1e6 / count as f64;
            table.row(count, &[took, used])?;
        }
        Ok(())
    }

    /// Each process is asked for entities of its own, as fast as it answers.
    async fn processes(&self) -> Outcome {
        let columns = "pages a second,page: microseconds of processor time,page in the database: microseconds of processor time,\
                       writes a second,write: microseconds of processor time,write in the database: microseconds of processor time";
        let mut table = Table::create(&self.out, "processes", columns)?;
        for count in [1, 2, 4] {
            let store = Store::create(self.postgres)?;
            let listen = free_addresses(count)?;
            let posts = if self.quick { 50 } else { 1_000 };
            let accounts = fill(&store, &listen, 16, posts).await?;
            let servers = self.serve(&store, &listen)?;
            let mut row = Vec::new();
            for (pages, writes) in [(100, 0), (0, 100)] {
                let traffic = self.traffic(&accounts, pages, writes)?;
                let traffic = Traffic {
                    at_a_time: AT_A_TIME,
                    rate: 5_000.0, // more than any number of them answers here
                    time: traffic.time / 4,
                    ..traffic
                };
                traffic.run().await;
                let before = spent(&store, &servers);
                let measured = traffic.run().await;
                let after = spent(&store, &servers);
                let answered = sure(&measured)?;
                row.push(answered / measured.took.as_secs_f64());
                row.extend(after.since(before, answered));
            }
            table.row(count.into(), &row)?;
        }
        Ok(())
    }

    fn serve(&self, store: &Store, listen: &[SocketAddr]) -> Outcome<Vec<Server>> {
        store.settle();
        let servers = listen
            .iter()
            .map(|address| Server::start(&self.tent, store, *address));
        servers.collect()
    }

    fn traffic(&self, accounts: &[Account], pages: u64, writes: u64) -> Outcome<Traffic> {
        let client = Client::builder().no_proxy().build()?;
        Ok(Traffic {
            sessions: sessions(&client, accounts.to_vec(), &[])?,
            client,
            rate: 100.0,
            time: Duration::from_secs(if self.quick { 1 } else { self.seconds }),
            pages,
            writes,
            at_a_time: Semaphore::MAX_PERMITS,
        })
    }

    fn sizes(&self, all: &[u64]) -> Vec<u64> {
        let most = all.last().copied().unwrap_or_default();
        let most = if self.quick {
            most.div_ceil(1_000).max(10)
        } else {
            most
        };
        let sizes = all.iter().copied().filter(|size| *size <= most);
        let sizes: Vec<_> = sizes.collect();
        if sizes.is_empty() { vec![most] } else { sizes }
    }

    /// The columns of [`cost`](Self::cost).
    fn columns(&self) -> String {
        let mut columns = Vec::new();
        for kind in ["page", "post", "write"] {
            columns.push(format!("{kind}: microseconds of processor time"));
            if self.postgres {
                columns.push(format!(
                    "{kind} in the database: microseconds of processor time"
                ));
            }
            columns.extend([50, 99].map(|part| format!("{kind}: ms for {part} %")));
        }
        columns.push("MiB of memory".to_owned());
        columns.join(",")
    }

    async fn cost(
        &self,
        store: &Store,
        servers: &[Server],
        accounts: &[Account],
    ) -> Outcome<Vec<f64>> {
        let mut columns = Vec::new();
        for (pages, writes) in [(100, 0), (0, 0), (0, 100)] {
            let traffic = self.traffic(accounts, pages, writes)?;
            traffic.run().await; // what is read once is in memory then
            let before = spent(store, servers);
            let measured = traffic.run().await;
            let after = spent(store, servers);
            let answered = sure(&measured)?;
            let used = after.since(before, answered);
            columns.extend(used.into_iter().take(if self.postgres { 2 } else { 1 }));
            let latencies = [&measured.pages, &measured.posts, &measured.writes];
            let latencies = latencies.into_iter().find(|kind| kind.answered() > 0);
            let latencies = latencies.ok_or("nothing was answered")?;
            columns.extend([0.5, 0.99].map(|part| latencies.at(part).as_secs_f64() * 1e3));
        }
        let memory = cost::memory(&ids(servers));
        columns.push(memory as f64 / f64::from(1 << 20));
        Ok(columns)
    }
}

/// Makes entities with so many posts each.
async fn fill(
    store: &Store,
    listen: &[SocketAddr],
    entities: u64,
    posts: u64,
) -> Outcome<Vec<Account>> {
    let filling = Filling::start(store.open().await?, listen).await?;
    let mut accounts = filling.entities(u32::try_from(entities)?).await?;
    for account in &mut accounts {
        filling.posts(account, posts).await?;
    }
    filling.end().await?;
    Ok(accounts)
}

/// How many were answered, when all were.
fn sure(measured: &Measured) -> Outcome<f64> {
    match measured.failed() {
        0 => Ok(measured.answered() as f64),
        failed => Err(format!("{failed} requests failed").into()),
    }
}
