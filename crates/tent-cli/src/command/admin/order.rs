//! What a server can be told, and what it says to that.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tent_proto::Entity;
use tent_server::{DatabaseError, Passphrase, StartError, TentHost};
use tokio::runtime::Runtime;

use super::channel;
use crate::data::{self, Data};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, chain};

/// What a server is told to do. It holds passphrases, so it has no `Debug`.
#[derive(Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub(super) enum Order {
    List,
    Create { entity: Entity, passphrase: String },
    Remove { entity: Entity },
    ChangePassphrase { entity: Entity, passphrase: String },
}

/// What came of it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    Done,
    Entities(Vec<Entity>),
    NoSuchEntity,
    /// The server says why it did not do it.
    Refused(String),
}

impl Order {
    pub(super) fn create(entity: &Entity, passphrase: &Passphrase) -> Self {
        Self::Create {
            entity: entity.clone(),
            passphrase: passphrase.expose().to_owned(),
        }
    }

    pub(super) fn remove(entity: &Entity) -> Self {
        Self::Remove {
            entity: entity.clone(),
        }
    }

    pub(super) fn change_passphrase(entity: &Entity, passphrase: &Passphrase) -> Self {
        Self::ChangePassphrase {
            entity: entity.clone(),
            passphrase: passphrase.expose().to_owned(),
        }
    }

    pub(super) async fn carry_out(self, host: &TentHost) -> Reply {
        let found = match self {
            Self::List => match host.entities().await {
                Ok(entities) => return Reply::Entities(entities),
                Err(error) => Err(error),
            },
            Self::Create { entity, passphrase } => {
                match host.create(entity.clone(), passphrase).await {
                    Err(StartError::Taken(there)) if there == entity => {
                        return Reply::Refused(format!("{entity} is there already"));
                    }
                    created => created.map(|()| true),
                }
            }
            Self::Remove { entity } => host.remove(&entity).await,
            Self::ChangePassphrase { entity, passphrase } => {
                host.change_passphrase(&entity, passphrase).await
            }
        };
        match found {
            Ok(true) => Reply::Done,
            Ok(false) => Reply::NoSuchEntity,
            Err(error) => Reply::Refused(chain(&error)),
        }
    }
}

/// Has an order carried out: by the server that uses the folder, or here, when there is none or when
/// the servers notice.
pub(super) fn give(data: &Data, folder: &Path, order: Order) -> Outcome<Reply> {
    let told = match data.is_shared() {
        true => None,
        false => channel::send(folder, &order)?,
    };
    let reply = match told {
        Some(reply) => reply,
        None => carry_out_here(data, folder, order)?,
    };
    match reply {
        Reply::NoSuchEntity => Err(Failure::usage("there is no such entity")
            .hint("`tent admin entities list` tells which there are")
            .into()),
        Reply::Refused(why) => Err(Failure::new(Exit::Refused, "it was not done")
            .cause(why)
            .into()),
        reply => Ok(reply),
    }
}

fn carry_out_here(data: &Data, folder: &Path, order: Order) -> Outcome<Reply> {
    let runtime =
        Runtime::new().map_err(|error| Failure::local("nothing could be started", &error))?;
    runtime.block_on(async {
        let host = data.host(folder).await.map_err(|error| {
            let failure = data::unopened(&error);
            match error {
                DatabaseError::InUse(_) => {
                    failure.hint("that server cannot be told; stop it first")
                }
                _ => failure,
            }
        })?;
        match host.without_deliveries().build().await {
            Ok(host) => Ok(order.carry_out(&host).await),
            Err(error) => Err(Failure::local("the data could not be used", &error).into()),
        }
    })
}
