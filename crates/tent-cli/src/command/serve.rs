//! `tent serve`

pub(crate) mod entity;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use clap::Args;
use serde_json::json;
use tent_proto::Entity;
use tent_server::{Database, HostBuilder, Limit, Limits, StartError, TentHost};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::admin::Channel;
use crate::arguments::Everywhere;
use crate::data::{self, Data};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::new_passphrase::NewPassphrase;
use crate::output;
use crate::post_id::parse_entity;
use crate::signal;

/// Run a server
#[derive(Debug, Args)]
#[command(after_help = "\
The first start makes the entity. Its passphrase comes from the file, or from TENT_PASSPHRASE, or is
made up and shown once. Behind a proxy, listen here, name the https entity, and name the proxy's
address with --proxy. `tent admin entities create` makes more entities, also while it runs.")]
pub(crate) struct Serve {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7878")]
    listen: SocketAddr,
    #[command(flatten)]
    data: Data,
    /// Keep it in PostgreSQL instead
    #[arg(long, value_name = "URL", hide = true)]
    database: Option<String>,
    /// The person's URL; http and the address unless named
    #[arg(long, value_name = "URL", value_parser = parse_entity)]
    entity: Option<Entity>,
    #[command(flatten)]
    passphrase: NewPassphrase,
    #[command(flatten)]
    limits: Limiting,
}

/// How much is taken, from whom.
#[derive(Debug, Args)]
struct Limiting {
    /// Requests in how many seconds each app and each other server may send
    #[arg(long, value_name = "N/S", default_value = "6000/300")]
    limit: Limit,
    /// What each address may read without being known
    #[arg(long, value_name = "N/S", default_value = "3000/300")]
    limit_address: Limit,
    /// What each address may write without being known: register, follow, post, sign in
    #[arg(long, value_name = "N/S", default_value = "120/300")]
    limit_stranger: Limit,
    /// Take whatever comes
    #[arg(long)]
    no_limits: bool,
    /// Believe what a proxy at this address says in X-Forwarded-For of where requests come from
    #[arg(long, value_name = "IP")]
    proxy: Vec<IpAddr>,
}

impl Limiting {
    fn apply(&self, host: HostBuilder) -> HostBuilder {
        let limits = if self.no_limits {
            Limits::none()
        } else {
            Limits::none()
                .credential(self.limit)
                .address(self.limit_address)
                .stranger(self.limit_stranger)
        };
        let proxies = self.proxy.iter().copied();
        proxies.fold(host.limits(limits), HostBuilder::proxy)
    }
}

impl Serve {
    pub(crate) fn run(self, everywhere: &Everywhere) -> Outcome {
        if self.database.is_some() {
            return Err(Failure::not_there_yet("--database").into());
        }
        log(everywhere.verbose);
        let runtime = Runtime::new()
            .map_err(|error| Failure::local("the server could not be started", &error))?;
        runtime.block_on(self.serve(everywhere))
    }

    async fn serve(self, everywhere: &Everywhere) -> Outcome {
        let folder = self.data.folder()?;
        let database = Database::sqlite(data::database(&folder))
            .map_err(|error| Failure::local("the database could not be opened", &error))?;
        let host = self.limits.apply(TentHost::builder().database(database));
        let host = host.build().await.map_err(|error| start_failure(&error))?;
        let stored = host
            .entities()
            .await
            .map_err(|error| start_failure(&error))?;
        let named = self.named(&stored)?;
        for entity in &stored {
            entity::check(Some(entity), self.listen, everywhere.insecure)?;
        }
        let listener = self.bind(named, everywhere.insecure).await?;
        let entity = match named {
            Some(entity) if stored.contains(entity) => entity.clone(),
            named => self.first_start(&host, named, &listener).await?,
        };
        let stop = signal::stop()
            .map_err(|error| Failure::local("signals cannot be waited for", &error))?;
        let channel = open_channel(&folder);
        ready(&entity, everywhere.json)?;
        let served = tokio::select! {
            served = host.clone().serve(listener, stop) => served,
            () = attend(channel.as_ref(), &host) => Ok(()),
        };
        Ok(served.map_err(|error| Failure::local("the server failed", &error))?)
    }

    /// The entity to tell of: the one that was named, or the first that there is.
    fn named<'a>(&'a self, stored: &'a [Entity]) -> Outcome<Option<&'a Entity>> {
        match (&self.entity, stored) {
            (Some(entity), [first, ..]) if !stored.contains(entity) => {
                let what = format!("the data is that of {first}, and has no {entity}");
                let hint = format!("`tent admin entities create {entity}` makes one more");
                Err(Failure::usage(what).hint(hint).into())
            }
            (Some(entity), _) => Ok(Some(entity)),
            (None, stored) => Ok(stored.first()),
        }
    }

    /// Makes the entity, and says its passphrase if nobody else knows it.
    async fn first_start(
        &self,
        host: &TentHost,
        named: Option<&Entity>,
        listener: &TcpListener,
    ) -> Outcome<Entity> {
        let entity = match named {
            Some(entity) => entity.clone(),
            None => entity::of_address(address(listener)?)?,
        };
        let chosen = self.passphrase.choose()?;
        let told = chosen.told(&entity);
        let made = host.create(entity.clone(), chosen.passphrase).await;
        made.map_err(|error| start_failure(&error))?;
        told.into_iter().for_each(|told| told.tell());
        Ok(entity)
    }

    /// Listens, where that leaves nothing readable on the way to the server.
    async fn bind(&self, entity: Option<&Entity>, insecure: bool) -> Outcome<TcpListener> {
        let listen = entity::port_of(entity, self.listen);
        entity::check(entity, listen, insecure)?;
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            let failure = Failure::local(format!("{listen} cannot be listened at"), &error);
            match error.kind() {
                io::ErrorKind::AddrInUse => {
                    failure.hint("name another with --listen; port 0 picks one")
                }
                _ => failure,
            }
        })?;
        if let Some(entity) = entity {
            entity::warn_of_other_port(entity, address(&listener)?);
        }
        Ok(listener)
    }
}

fn address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    let address = listener.local_addr();
    address.map_err(|error| Failure::local("the listener has no address", &error))
}

fn ready(entity: &Entity, json: bool) -> Outcome {
    if json {
        output::json(&json!({ "ready": entity }))
    } else {
        output::line(&format!("ready {entity}"))
    }
}

/// Without it the server does all but hear `tent admin`.
fn open_channel(folder: &Path) -> Option<Channel> {
    let channel = Channel::open(folder);
    let failed =
        |error: &io::Error| output::tell(&format!("note: `tent admin` is not heard: {error}"));
    channel.inspect_err(failed).ok()
}

async fn attend(channel: Option<&Channel>, host: &TentHost) {
    match channel {
        Some(channel) => channel.attend(host).await,
        None => std::future::pending().await,
    }
}

fn start_failure(error: &StartError) -> Failure {
    let exit = match error {
        StartError::Taken(_) | StartError::Page(_) | StartError::Root(..) => Exit::Usage,
        _ => Exit::Local,
    };
    Failure::new(exit, "the server could not be started").because(error)
}

/// What the server tells, on standard error.
fn log(verbosity: u8) {
    let level = ["warn", "info", "debug"][usize::from(verbosity.min(2))];
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_env_filter(format!("tent_server={level}"))
        .with_target(false)
        .init();
}
