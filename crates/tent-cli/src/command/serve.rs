//! `tent serve`

mod entity;

use std::fs::{self, DirBuilder};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tent_proto::Entity;
use tent_server::{Database, Passphrase, ServerBuilder, StartError, TentServer};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::account;
use crate::arguments::Everywhere;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::post_id::parse_entity;
use crate::signal;

/// Run a server
#[derive(Debug, Args)]
#[command(after_help = "\
The first start makes the entity. Its passphrase comes from the file, or from TENT_PASSPHRASE, or is
made up and shown once. Behind a proxy, listen here and name the https entity.")]
pub(crate) struct Serve {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7878")]
    listen: SocketAddr,
    /// Where to keep everything, instead of the platform's folder for data
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Keep it in PostgreSQL instead
    #[arg(long, value_name = "URL", hide = true)]
    database: Option<String>,
    /// The person's URL; http and the address unless named
    #[arg(long, value_name = "URL", value_parser = parse_entity)]
    entity: Option<Entity>,
    /// Read the passphrase of a new entity from this file
    #[arg(long, value_name = "F")]
    passphrase_file: Option<PathBuf>,
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
        let folder = data_folder(self.data.clone())?;
        let database = Database::sqlite(folder.join("tent.db"))
            .map_err(|error| Failure::local("the database could not be opened", &error))?;
        let builder = || {
            let builder = TentServer::builder().database(database.clone());
            builder.attachments(folder.join("attachments"))
        };
        let stored = self.stored(builder()).await?;
        let named = stored
            .as_ref()
            .map(TentServer::entity)
            .or(self.entity.as_ref());
        let listener = self.bind(named, everywhere.insecure).await?;
        let server = match stored {
            Some(server) => server,
            None => self.first_start(builder(), &listener).await?,
        };
        let stop = signal::stop()
            .map_err(|error| Failure::local("signals cannot be waited for", &error))?;
        ready(server.entity(), everywhere.json)?;
        let served = server.serve(listener, stop).await;
        Ok(served.map_err(|error| Failure::local("the server failed", &error))?)
    }

    /// The server of the entity that the database has, if it has one.
    async fn stored(&self, mut builder: ServerBuilder) -> Outcome<Option<TentServer>> {
        if let Some(entity) = &self.entity {
            builder = builder.entity(entity.clone());
        }
        match builder.build().await {
            Ok(server) => Ok(Some(server)),
            Err(StartError::NoEntity | StartError::NoPassphrase) => Ok(None),
            Err(error) => Err(start_failure(&error).into()),
        }
    }

    /// Makes the entity, and says its passphrase if nobody else knows it.
    async fn first_start(
        &self,
        builder: ServerBuilder,
        listener: &TcpListener,
    ) -> Outcome<TentServer> {
        let entity = match &self.entity {
            Some(entity) => entity.clone(),
            None => entity::of_address(address(listener)?)?,
        };
        let given = self.given_passphrase()?;
        let is_new = given.is_none();
        let passphrase = given.map_or_else(Passphrase::generate, Ok);
        let passphrase =
            passphrase.map_err(|error| Failure::local("no passphrase could be made up", &error))?;
        let shown = is_new.then(|| passphrase.expose().to_owned());
        let server = builder.entity(entity).passphrase(passphrase).build().await;
        let server = server.map_err(|error| start_failure(&error))?;
        if let Some(passphrase) = shown {
            let entity = server.entity();
            output::tell(&format!("the passphrase of {entity}, shown this once:"));
            output::tell(&format!("passphrase {passphrase}"));
        }
        Ok(server)
    }

    fn given_passphrase(&self) -> Outcome<Option<Passphrase>> {
        let text = match &self.passphrase_file {
            Some(file) => fs::read_to_string(file).map(Some).map_err(|error| {
                let what = format!("the passphrase in {} could not be read", file.display());
                Failure::local(what, &error)
            })?,
            None => std::env::var("TENT_PASSPHRASE").ok(),
        };
        let text = text.map(|text| text.trim_end_matches(['\r', '\n']).to_owned());
        match text {
            Some(text) if text.is_empty() => Err(Failure::usage("the passphrase is empty").into()),
            text => Ok(text.map(Passphrase::new)),
        }
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

/// The folder that was named, or the platform's; made for its owner alone.
fn data_folder(named: Option<PathBuf>) -> Outcome<PathBuf> {
    let folder = named.map_or_else(account::data_folder, Ok)?;
    make(&folder).map_err(|error| {
        Failure::local(
            format!("the folder {} could not be made", folder.display()),
            &error,
        )
    })?;
    Ok(folder)
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn start_failure(error: &StartError) -> Failure {
    let exit = match error {
        StartError::OtherEntity { .. } | StartError::Root(..) => Exit::Usage,
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
