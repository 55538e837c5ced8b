//! `tent admin`

mod channel;
mod copies;
mod order;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use tent_proto::Entity;

pub(crate) use self::channel::Channel;
use self::copies::Move;
use self::order::{Order, Reply};
use super::serve::entity;
use crate::arguments::Everywhere;
use crate::data::Data;
use crate::failure::Outcome;
use crate::new_passphrase::NewPassphrase;
use crate::output;
use crate::post_id::parse_entity;

/// Look after a server: its entities, passphrases and backups
#[derive(Debug, Args)]
#[command(after_help = "\
A server that uses the data folder may run meanwhile: it is told, and needs no new start. With a \
PostgreSQL database, all servers that use it notice by themselves.")]
pub(crate) struct Admin {
    #[command(flatten)]
    data: Data,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make, list and remove entities
    #[command(subcommand)]
    Entities(Entities),
    /// Change the passphrase of an entity, and sign its browsers out
    Passphrase {
        /// The person's URL
        #[arg(value_name = "ENTITY", value_parser = parse_entity)]
        entity: Entity,
        #[command(flatten)]
        passphrase: NewPassphrase,
    },
    /// Copy everything into a new folder
    Backup {
        /// The folder to make
        folder: PathBuf,
    },
    /// Put a backup where there is no server yet: into a data folder, or a PostgreSQL database
    Restore {
        /// The folder of the backup
        folder: PathBuf,
    },
    /// Look for damage; exit 1 when there is some
    Check,
    /// Copy everything of a server that is stopped from SQLite to PostgreSQL, or back
    Move(Move),
}

#[derive(Debug, Subcommand)]
enum Entities {
    /// Make an entity
    Create {
        /// The person's URL
        #[arg(value_name = "ENTITY", value_parser = entity::parse_served)]
        entity: Entity,
        #[command(flatten)]
        passphrase: NewPassphrase,
    },
    /// List the entities
    List,
    /// Remove an entity and everything of it, for good
    Remove {
        /// The person's URL
        #[arg(value_name = "ENTITY", value_parser = parse_entity)]
        entity: Entity,
    },
}

impl Admin {
    pub(crate) fn run(self, everywhere: &Everywhere) -> Outcome {
        let data = self.data;
        let folder = data.named()?;
        let json = everywhere.json;
        match self.command {
            Command::Entities(Entities::Create { entity, passphrase }) => {
                entity::check_url(&entity, everywhere.insecure)?;
                let chosen = passphrase.choose()?;
                let told = chosen.told(&entity);
                data.folder()?;
                order::give(&data, &folder, Order::create(&entity, &chosen.passphrase))?;
                told.into_iter().for_each(|told| told.tell());
                done("created", &entity, json)
            }
            Command::Entities(Entities::List) => {
                data.expect(&folder)?;
                match order::give(&data, &folder, Order::List)? {
                    Reply::Entities(entities) => {
                        entities.iter().try_for_each(|entity| list(entity, json))
                    }
                    _ => Ok(()),
                }
            }
            Command::Entities(Entities::Remove { entity }) => {
                data.expect(&folder)?;
                order::give(&data, &folder, Order::remove(&entity))?;
                done("removed", &entity, json)
            }
            Command::Passphrase { entity, passphrase } => {
                data.expect(&folder)?;
                let chosen = passphrase.choose()?;
                let told = chosen.told(&entity);
                let change = Order::change_passphrase(&entity, &chosen.passphrase);
                order::give(&data, &folder, change)?;
                told.into_iter().for_each(|told| told.tell());
                done("changed the passphrase of", &entity, json)
            }
            Command::Backup { folder: to } => {
                data.expect(&folder)?;
                copies::back_up(&data.place(&folder), &to, json)
            }
            Command::Restore { folder: from } => copies::restore(&data.place(&folder), &from, json),
            Command::Check => {
                data.expect(&folder)?;
                copies::check(&data.place(&folder), json)
            }
            Command::Move(way) => way.run(&data, json),
        }
    }
}

fn list(entity: &Entity, json: bool) -> Outcome {
    if json {
        output::json(&json!({ "entity": entity }))
    } else {
        output::line(entity.as_str())
    }
}

fn done(what: &str, with: &dyn std::fmt::Display, json: bool) -> Outcome {
    if json {
        output::json(&json!({ "done": what, "what": with.to_string() }))
    } else {
        output::line(&format!("{what} {with}"))
    }
}
