//! `tent import`

use clap::Args;
use serde::Serialize;
use serde_json::json;
use tent_proto::DiscoverEntity;
use tent_proto::login::{Account, Proof};
use tent_store::{CredentialStore as _, KeyFile, OldKeys, OldKeysError};

use crate::account;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, Stop};
use crate::input;
use crate::output;
use crate::plain::plain;
use crate::program::Program;

/// Take over the accounts in a key file of an old client
#[derive(Debug, Args)]
#[command(after_help = "\
Such a file, often named keystore.js or auth.cfg, is a JSON object that maps entities to keys. Each \
entity is discovered anew, and its key is proved with a signed call; what cannot be proved is told and \
not stored. An account that you are logged in as already stays as it is. The file is left alone: once \
the old client is of no use any more, delete it, since its keys still work.")]
pub(crate) struct Import {
    /// The key file; - reads it from standard input
    file: String,
    /// Store also what a server takes without showing that it works
    #[arg(long)]
    unproved: bool,
}

/// What came of an entity, for scripts.
#[derive(Serialize)]
struct NotImported<'a> {
    entity: &'a str,
    imported: bool,
    #[serde(flatten)]
    failure: &'a Failure,
}

impl Import {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let text = input::file(&self.file, "key file")?;
        let file = KeyFile::parse(text.as_bytes())
            .map_err(|error| Failure::usage("that is not a key file").because(&error))?;
        let mut file = file.into_iter().peekable();
        if file.peek().is_none() {
            program.say("there are no accounts in that file");
        }
        // The first of those that failed says how the program ends.
        let mut exit = Exit::Done;
        for (entity, keys) in file {
            match self.import(program, &entity, keys) {
                Ok(account) => tell(program, &account)?,
                Err(Stop::Failed(failure)) => {
                    if exit == Exit::Done {
                        exit = failure.exit;
                    }
                    tell_failure(program, &entity, *failure)?;
                }
                Err(stop) => return Err(stop),
            }
        }
        match exit {
            Exit::Done => Ok(()),
            exit => Err(Stop::Silently(exit)),
        }
    }

    fn import(
        &self,
        program: &Program,
        entity: &str,
        keys: Result<OldKeys, OldKeysError>,
    ) -> Outcome<Account> {
        let keys = keys.map_err(|error| {
            let failure = Failure::usage(error.to_string());
            failure.hint(format!("`tent login {entity}`"))
        })?;
        let flow = DiscoverEntity::typed(entity)?.with_scheme_rule(program.scheme());
        let discovery = program.run(flow)??;
        let mut account = keys.account(discovery.entity, discovery.servers);
        let entity = account.registration.entity.clone();
        let stored = program.store().account(&entity)?;
        if stored.is_some_and(|stored| stored.credentials != account.credentials) {
            return Err(
                Failure::usage(format!("you are logged in as {entity} already"))
                    .hint(format!("`tent logout {entity}` makes room"))
                    .into(),
            );
        }
        self.prove(program, &mut account)?;
        account::save(program.store(), &account)?;
        Ok(account)
    }

    /// Makes a signed call. The server that answers becomes the first.
    fn prove(&self, program: &Program, account: &mut Account) -> Outcome {
        let session = account.session(program.client().seed());
        let session = session.with_scheme_rule(program.scheme());
        let proof = program.run(session.prove())?;
        let proof = proof.map_err(|error| Failure::of_call(error, session.entity()))?;
        if proof == Proof::NotRefused && !self.unproved {
            let what = "the server took the credential, but gave nothing that shows that it works";
            let failure = Failure::new(Exit::Refused, what);
            return Err(failure.hint("--unproved stores it all the same").into());
        }
        if let Some(server) = session.preferred() {
            account.registration.prefer(server);
        }
        Ok(())
    }
}

fn tell(program: &Program, account: &Account) -> Outcome {
    let registration = &account.registration;
    if program.json() {
        output::json(&json!({
            "entity": registration.entity,
            "imported": true,
            "servers": registration.servers,
            "app": registration.app,
        }))
    } else {
        output::line(&plain(&format!("imported {}", registration.entity)))
    }
}

fn tell_failure(program: &Program, entity: &str, failure: Failure) -> Outcome {
    if program.json() {
        return output::json(&NotImported {
            entity,
            imported: false,
            failure: &failure,
        });
    }
    failure
        .within(format!("{entity} was not imported"))
        .tell(false);
    Ok(())
}
