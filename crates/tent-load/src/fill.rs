//! `tent-load fill`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use tent_async::Client;
use tent_proto::call::CreateFollower;
use tent_proto::model::Follower;
use tent_proto::{Entity, Post, PostId, Session};
use tent_server::{Database, Limits, TentHost};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::account::{self, Account};

/// How many writes are under way at a time.
const WRITERS: u64 = 64;
/// How many posts of each entity are remembered, to be asked for.
const REMEMBERED: usize = 1_000;

/// Make a database of entities, posts and followers, for a server that will listen here
#[derive(Debug, Args)]
pub(crate) struct Fill {
    /// The folder of the database, as `tent serve --data` wants it
    #[arg(long, value_name = "DIR", required_unless_present = "database")]
    data: Option<PathBuf>,
    /// A PostgreSQL database, as `tent serve --database` wants it
    #[arg(
        long,
        value_name = "URL",
        env = "TENT_DATABASE",
        hide_env_values = true,
        conflicts_with = "data"
    )]
    database: Option<String>,
    /// Where the server will listen, which is in the URLs of the entities
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7900")]
    listen: SocketAddr,
    /// How many entities
    #[arg(long, value_name = "N", default_value_t = 1)]
    entities: u32,
    /// How many posts each of them has
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    posts: u64,
    /// How many followers the first of them has
    #[arg(long, value_name = "N", default_value_t = 0)]
    followers: u32,
    /// Where the followers' servers are
    #[arg(long, value_name = "ADDR")]
    sink: Vec<SocketAddr>,
    /// Where to write who can be used by `run`
    #[arg(long, value_name = "FILE", default_value = "accounts.jsonl")]
    accounts: PathBuf,
}

impl Fill {
    pub(crate) async fn run(self) -> Outcome {
        let database = match (&self.database, &self.data) {
            (Some(database), _) => Database::postgres(database, std::env::temp_dir()).await?,
            (None, Some(data)) => {
                std::fs::create_dir_all(data)?;
                Database::sqlite(data.join("tent.db"))?
            }
            (None, None) => return Err("no database is named".into()),
        };
        let filling = Filling::start(database, &[self.listen]).await?;
        let mut accounts = filling.entities(self.entities).await?;
        for account in &mut accounts {
            filling.posts(account, self.posts).await?;
        }
        if let [first, ..] = accounts.as_slice() {
            filling.followers(first, self.followers, &self.sink).await?;
        }
        filling.end().await?;
        account::write(&self.accounts, &accounts)
    }
}

/// A server in this process that is being filled.
pub(crate) struct Filling {
    host: TentHost,
    addresses: Vec<SocketAddr>,
    client: Client,
    stop: watch::Sender<()>,
    serving: JoinSet<std::io::Result<()>>,
}

impl Filling {
    /// Serves at these addresses.
    pub(crate) async fn start(database: Database, listen: &[SocketAddr]) -> Outcome<Self> {
        let host = TentHost::builder()
            .database(database)
            .limits(Limits::none())
            .build()
            .await?;
        let (stop, stopped) = watch::channel(());
        let (mut addresses, mut serving) = (Vec::new(), JoinSet::new());
        for address in listen {
            let listener = TcpListener::bind(address).await?;
            addresses.push(listener.local_addr()?);
            let mut stopped = stopped.clone();
            let stopped = async move { drop(stopped.changed().await) };
            serving.spawn(host.clone().serve(listener, stopped));
        }
        Ok(Self {
            host,
            addresses,
            client: Client::builder().no_proxy().build()?,
            stop,
            serving,
        })
    }

    /// Makes entities, at one address after the other, and an app for each.
    pub(crate) async fn entities(&self, count: u32) -> Outcome<Vec<Account>> {
        let mut accounts = Vec::new();
        let known = self.host.entities().await?;
        for (number, address) in (0..count).zip(self.addresses.iter().cycle()) {
            let url = format!("http://{address}/e{number}");
            let entity: Entity = url.parse()?;
            if !known.contains(&entity) {
                self.host
                    .create(entity.clone(), "correct horse battery staple")
                    .await?;
            }
            let server = self.host.server(&entity).await?;
            let server = server.ok_or("an entity is gone")?;
            let credentials = server.own_app("Load").await?;
            accounts.push(Account::new(entity, &credentials, Vec::new()));
        }
        Ok(accounts)
    }

    /// Publishes so many posts.
    pub(crate) async fn posts(&self, account: &mut Account, count: u64) -> Outcome {
        let session = Arc::new(account.session(&[], self.client.seed())?);
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let (client, session) = (self.client.clone(), Arc::clone(&session));
            let count = count / WRITERS + u64::from(writer < count % WRITERS);
            writers.spawn(async move { publish(&client, &session, count).await });
        }
        while let Some(published) = writers.join_next().await {
            account.posts.extend(published??);
        }
        account.posts.truncate(REMEMBERED);
        Ok(())
    }

    /// Gives the entity so many followers, whose servers are at these addresses.
    pub(crate) async fn followers(
        &self,
        account: &Account,
        count: u32,
        servers: &[SocketAddr],
    ) -> Outcome {
        let session = account.session(&[], self.client.seed())?;
        for (number, server) in (0..count).zip(servers.iter().cycle()) {
            let call = CreateFollower::new(follower(number, *server)?);
            self.client.run(session.call(call)).await?;
        }
        Ok(())
    }

    /// Closes the database.
    pub(crate) async fn end(self) -> Outcome {
        let Self {
            client,
            stop,
            mut serving,
            ..
        } = self;
        drop(client); // and its connections, which would be waited for
        drop(stop);
        while let Some(ended) = serving.join_next().await {
            ended??;
        }
        Ok(())
    }
}

/// Publishes one post after the other, and gives the ids of the first.
async fn publish(client: &Client, session: &Session, count: u64) -> Outcome<Vec<PostId>> {
    let mut ids = Vec::new();
    for number in 0..count {
        let text = format!("High tide at nine, and the ferry is late again. Number {number}");
        let post = client
            .run(session.create_post(&Post::status(text).public()))
            .await?;
        if ids.len() < REMEMBERED / WRITERS as usize + 1 {
            ids.extend(post.id);
        }
    }
    Ok(ids)
}

/// A follower on one of those servers, who wants all posts.
fn follower(number: u32, server: SocketAddr) -> Outcome<Follower> {
    let entity = format!("http://{server}/f{number}");
    Ok(serde_json::from_value(json!({
        "entity": entity,
        "types": ["all"],
        "notification_path": format!("notifications/n{number}"),
        "profile": {"https://tent.io/types/info/core/v0.1.0": {
            "entity": entity,
            "servers": [entity],
            "licenses": [],
            "permissions": {"public": true},
        }},
        "mac_key_id": format!("s:f{number}"),
        "mac_key": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        "mac_algorithm": "hmac-sha-256",
    }))?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::run::{Traffic, sessions};
    use crate::sink::Sink;

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_filled_can_be_asked_for_and_its_followers_get_what_is_published() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = Sink::start(2).await.unwrap();
        let database = Database::sqlite(folder.path().join("tent.db")).unwrap();
        let addresses = ["127.0.0.1:0", "127.0.0.2:0"].map(|address| address.parse().unwrap());
        let filling = Filling::start(database, &addresses).await.unwrap();
        let mut accounts = filling.entities(2).await.unwrap();
        for account in &mut accounts {
            filling.posts(account, 70).await.unwrap();
            assert_eq!(account.posts.len(), 70);
        }
        filling
            .followers(&accounts[0], 5, &sink.servers)
            .await
            .unwrap();
        let file = folder.path().join("accounts.jsonl");
        account::write(&file, &accounts).unwrap();
        let accounts = account::read(&file).unwrap();

        let client = Client::builder().no_proxy().build().unwrap();
        let session = accounts[0].session(&[], client.seed()).unwrap();
        client
            .run(session.create_post(&Post::status("to all").public()))
            .await
            .unwrap();
        sink.wait_for(5).await.unwrap();

        let traffic = Traffic {
            sessions: sessions(&client, accounts, &[]).unwrap(),
            client,
            rate: 100.0,
            time: Duration::from_secs(1),
            pages: 50,
            writes: 25,
            at_a_time: 8,
        };
        let measured = traffic.run().await;
        assert_eq!(
            (measured.answered(), measured.failed()),
            (100, 0),
            "{measured:?}"
        );
        for kind in [&measured.pages, &measured.posts, &measured.writes] {
            assert!(kind.answered() > 5, "{measured:?}");
        }
    }
}
