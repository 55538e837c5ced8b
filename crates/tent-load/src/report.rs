//! `tent-load report`

mod server;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use tent_async::Client;
use tent_proto::Post;

use self::server::{Server, free_address};
use crate::account::Account;
use crate::fill::Filling;
use crate::run::{Traffic, sessions};
use crate::sink::Sink;
use crate::{Outcome, cost};

/// Servers of followers: as many as it takes to keep a server busy that asks each by a few connections.
const SINKS: usize = 16;

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
    /// Vary up to a thousandth of it alone, to see that it works
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
                }
            }
        }
        Ok(())
    }

    async fn posts(&self) -> Outcome {
        let mut table = Table::create(&self.out, "posts", COST)?;
        let folder = tempfile::tempdir()?;
        let listen = free_address()?;
        let (mut there, mut accounts) = (0, Vec::new());
        for count in self.sizes(&[1_000, 10_000, 100_000, 1_000_000]) {
            let filling = Filling::start(folder.path(), listen).await?;
            accounts = filling.entities(1).await?;
            for account in &mut accounts {
                filling.posts(account, count - there).await?;
            }
            there = count;
            filling.end().await?;
            let server = Server::start(&self.tent, folder.path(), listen)?;
            table.row(count, &self.cost(&server, &accounts).await?)?;
        }
        drop(accounts);
        Ok(())
    }

    async fn entities(&self) -> Outcome {
        let mut table = Table::create(&self.out, "entities", COST)?;
        let folder = tempfile::tempdir()?;
        let listen = free_address()?;
        for count in self.sizes(&[1, 10, 100, 1_000]) {
            let filling = Filling::start(folder.path(), listen).await?;
            let mut accounts = filling.entities(u32::try_from(count)?).await?;
            for account in &mut accounts {
                filling.posts(account, 100).await?;
            }
            filling.end().await?;
            let server = Server::start(&self.tent, folder.path(), listen)?;
            table.row(count, &self.cost(&server, &accounts).await?)?;
        }
        Ok(())
    }

    async fn followers(&self) -> Outcome {
        let columns = "seconds until all had it,microseconds of processor time each";
        let mut table = Table::create(&self.out, "followers", columns)?;
        for count in self.sizes(&[10, 100, 1_000, 10_000]) {
            let folder = tempfile::tempdir()?;
            let listen = free_address()?;
            let mut sink = Sink::start(SINKS).await?;
            let filling = Filling::start(folder.path(), listen).await?;
            let accounts = filling.entities(1).await?;
            let [account] = accounts.as_slice() else {
                return Err("there is one account".into());
            };
            filling
                .followers(account, u32::try_from(count)?, &sink.servers)
                .await?;
            filling.end().await?;
            let server = Server::start(&self.tent, folder.path(), listen)?;
            let client = Client::builder().no_proxy().build()?;
            let session = account.session(&[], client.seed())?;
            let (before, got, began) = (server.processor(), sink.got(), Instant::now());
            client
                .run(session.create_post(&Post::status("to all").public()))
                .await?;
            sink.wait_for(got + count).await?;
            let took = began.elapsed().as_secs_f64();
            let used = (server.processor() - before).as_secs_f64() * 1e6 / count as f64;
            table.row(count, &[took, used])?;
        }
        Ok(())
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

    /// The columns of [`COST`].
    async fn cost(&self, server: &Server, accounts: &[Account]) -> Outcome<Vec<f64>> {
        let mut columns = Vec::new();
        for (pages, writes) in [(100, 0), (0, 0), (0, 100)] {
            let client = Client::builder().no_proxy().build()?;
            let traffic = Traffic {
                sessions: sessions(&client, accounts.to_vec(), &[])?,
                client,
                rate: 100.0,
                time: Duration::from_secs(if self.quick { 1 } else { 20 }),
                pages,
                writes,
            };
            traffic.run().await; // what is read once is in memory then
            let before = server.processor();
            let measured = traffic.run().await;
            let used = server.processor() - before;
            if measured.failed() > 0 {
                return Err(format!("{} requests failed", measured.failed()).into());
            }
            columns.push(used.as_secs_f64() * 1e6 / measured.answered() as f64);
            let latencies = [&measured.pages, &measured.posts, &measured.writes];
            let latencies = latencies.into_iter().find(|kind| kind.answered() > 0);
            let latencies = latencies.ok_or("nothing was answered")?;
            columns.extend([0.5, 0.99].map(|part| latencies.at(part).as_secs_f64() * 1e3));
        }
        columns.push(server.memory() as f64 / f64::from(1 << 20));
        Ok(columns)
    }
}

const COST: &str = "page: microseconds of processor time,page: ms for 50 %,page: ms for 99 %,\
                    post: microseconds of processor time,post: ms for 50 %,post: ms for 99 %,\
                    write: microseconds of processor time,write: ms for 50 %,write: ms for 99 %,\
                    MiB of memory";

/// A table that is written down row by row.
struct Table(fs::File);

impl Table {
    fn create(folder: &Path, varied: &str, columns: &str) -> Outcome<Self> {
        let mut file = fs::File::create(folder.join(format!("{varied}.csv")))?;
        writeln!(file, "{varied},{columns}")?;
        println!("\n{varied},{columns}");
        Ok(Self(file))
    }

    fn row(&mut self, size: u64, columns: &[f64]) -> Outcome {
        let columns: Vec<_> = columns
            .iter()
            .map(|column| format!("{column:.2}"))
            .collect();
        let row = format!("{size},{}", columns.join(","));
        println!("{row}");
        writeln!(self.0, "{row}")?;
        Ok(())
    }
}

impl Server {
    fn processor(&self) -> Duration {
        cost::processor(&[self.id()])
    }

    fn memory(&self) -> u64 {
        cost::memory(&[self.id()])
    }
}
