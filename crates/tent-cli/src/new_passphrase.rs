//! The passphrase for an entity: given, or made up.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use tent_proto::Entity;
use tent_server::Passphrase;

use crate::failure::{Failure, Outcome};
use crate::output;

/// Where the passphrase comes from.
#[derive(Debug, Clone, Args)]
pub(crate) struct NewPassphrase {
    /// Read the passphrase from this file, instead of TENT_PASSPHRASE or making one up
    #[arg(long, value_name = "F")]
    passphrase_file: Option<PathBuf>,
}

/// A passphrase, and whether nobody knows it yet.
pub(crate) struct Chosen {
    pub(crate) passphrase: Passphrase,
    is_made_up: bool,
}

impl NewPassphrase {
    pub(crate) const fn from_file(passphrase_file: Option<PathBuf>) -> Self {
        Self { passphrase_file }
    }

    pub(crate) fn choose(&self) -> Outcome<Chosen> {
        if let Some(passphrase) = self.given()? {
            return Ok(Chosen {
                passphrase,
                is_made_up: false,
            });
        }
        let passphrase = Passphrase::generate()
            .map_err(|error| Failure::local("no passphrase could be made up", &error))?;
        Ok(Chosen {
            passphrase,
            is_made_up: true,
        })
    }

    fn given(&self) -> Outcome<Option<Passphrase>> {
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
}

impl Chosen {
    /// What is to be told once it is in place: nothing, when it was given.
    pub(crate) fn told(&self, entity: &Entity) -> Option<Told> {
        self.is_made_up.then(|| Told {
            entity: entity.clone(),
            passphrase: Passphrase::new(self.passphrase.expose()),
        })
    }
}

/// A passphrase that was made up, for its owner.
pub(crate) struct Told {
    entity: Entity,
    passphrase: Passphrase,
}

impl Told {
    /// Tells it on standard error.
    pub(crate) fn tell(&self) {
        let entity = &self.entity;
        output::tell(&format!("the passphrase of {entity}, shown this once:"));
        output::tell(&format!("passphrase {}", self.passphrase.expose()));
    }
}
