//! `tent serve`

pub(crate) mod entity;
mod layers;
mod log;
mod settings;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tent_proto::Entity;
use tent_server::{StartError, TentHost};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use self::settings::Settings;
use super::admin::Channel;
use crate::arguments::Everywhere;
use crate::data;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::new_passphrase::NewPassphrase;
use crate::output;
use crate::signal;

/// Run a server
#[derive(Debug, Args)]
#[command(after_help = "\
The first start makes the entity. Its passphrase comes from the file, or from TENT_PASSPHRASE, or is \
made up and shown once. Behind a proxy, listen here, name the https entity, and name the proxy's \
address with --proxy. `tent admin entities create` makes more entities, also while it runs.\n\n\
Each of these can also be in a TOML file, under the same name, and in the environment, as TENT_ and the \
name in capitals: limit-address = \"3000/300\", TENT_LIMIT_ADDRESS=3000/300. The environment counts more \
than the file, and the command line most.")]
pub(crate) struct Serve {
    /// Read settings from this TOML file, too
    #[arg(
        long = "settings",
        value_name = "FILE",
        env = "TENT_SETTINGS",
        hide_env_values = true
    )]
    file: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

impl Serve {
    pub(crate) fn run(self, everywhere: &Everywhere) -> Outcome {
        let settings = layers::read(self.settings, std::env::vars_os(), self.file.as_deref())?;
        log::start(&settings, everywhere.verbose);
        let runtime = Runtime::new()
            .map_err(|error| Failure::local("the server could not be started", &error))?;
        runtime.block_on(Start::new(settings, everywhere).serve())
    }
}

/// A server that is started.
struct Start {
    settings: Settings,
    listen: SocketAddr,
    insecure: bool,
    json: bool,
}

impl Start {
    fn new(settings: Settings, everywhere: &Everywhere) -> Self {
        Self {
            listen: settings.listen(),
            insecure: everywhere.insecure || settings.insecure.unwrap_or_default(),
            json: everywhere.json,
            settings,
        }
    }

    async fn serve(self) -> Outcome {
        let place = self.settings.data();
        let folder = place.folder()?;
        let host = place.host(&folder).await;
        let host = host.map_err(|error| data::unopened(&error))?;
        let host = self
            .settings
            .apply(host)
            .build()
            .await
            .map_err(|error| start_failure(&error))?;
        let stored = host
            .entities()
            .await
            .map_err(|error| start_failure(&error))?;
        let named = self.named(&stored)?;
        for entity in &stored {
            entity::check(Some(entity), self.listen, self.insecure)?;
        }
        let monitor = self.bind_monitor().await?;
        let listener = self.bind(named).await?;
        let entity = match named {
            Some(entity) if stored.contains(entity) => entity.clone(),
            named => self.first_start(&host, named, &listener).await?,
        };
        let stop = signal::stop()
            .map_err(|error| Failure::local("signals cannot be waited for", &error))?;
        // With PostgreSQL `tent admin` needs nobody to be told.
        let channel = match place.is_shared() {
            true => None,
            false => open_channel(&folder),
        };
        if let Some(monitor) = monitor {
            tell_monitor(address(&monitor)?);
            tokio::spawn(host.clone().serve_monitor(monitor));
        }
        ready(&entity, self.json)?;
        let stop = retire(host.clone(), stop, self.settings.drain());
        let served = tokio::select! {
            served = host.clone().serve(listener, stop) => served,
            () = attend(channel.as_ref(), &host) => Ok(()),
        };
        Ok(served.map_err(|error| Failure::local("the server failed", &error))?)
    }

    /// The entity to tell of: the one that was named, or the first that there is.
    fn named<'a>(&'a self, stored: &'a [Entity]) -> Outcome<Option<&'a Entity>> {
        match (&self.settings.entity, stored) {
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
        let passphrase = NewPassphrase::from_file(self.settings.passphrase_file.clone());
        let chosen = passphrase.choose()?;
        let told = chosen.told(&entity);
        if let Err(error) = host.create(entity.clone(), chosen.passphrase).await {
            // Another server that begins at the same time may have made it.
            return match host.entities().await {
                Ok(stored) if stored.contains(&entity) => Ok(entity),
                _ => Err(start_failure(&error).into()),
            };
        }
        told.into_iter().for_each(|told| told.tell());
        Ok(entity)
    }

    /// Listens, where that leaves nothing readable on the way to the server.
    async fn bind(&self, entity: Option<&Entity>) -> Outcome<TcpListener> {
        let listen = entity::port_of(entity, self.listen);
        entity::check(entity, listen, self.insecure)?;
        let listener = bind(listen, "--listen").await?;
        if let Some(entity) = entity {
            entity::warn_of_other_port(entity, address(&listener)?);
        }
        Ok(listener)
    }

    async fn bind_monitor(&self) -> Outcome<Option<TcpListener>> {
        match self.settings.monitor {
            Some(monitor) => bind(monitor, "--monitor").await.map(Some),
            None => Ok(None),
        }
    }
}

async fn bind(at: SocketAddr, setting: &str) -> Outcome<TcpListener> {
    let listener = TcpListener::bind(at).await.map_err(|error| {
        let failure = Failure::local(format!("{at} cannot be listened at"), &error);
        match error.kind() {
            io::ErrorKind::AddrInUse => {
                failure.hint(format!("name another with {setting}; port 0 picks one"))
            }
            _ => failure,
        }
    });
    Ok(listener?)
}

/// Ends some time after `stop`, in which what comes is served, and nobody should come anymore.
async fn retire(host: TentHost, stop: impl Future<Output = ()>, drain: Duration) {
    stop.await;
    host.retire();
    tokio::time::sleep(drain).await;
}

fn tell_monitor(address: SocketAddr) {
    output::tell(&format!("monitor http://{address}"));
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
