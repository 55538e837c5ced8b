//! `tent logout`

use clap::Args;
use serde_json::json;
use tent_proto::call::{DeleteApp, GetApp, RevokeAuthorization};
use tent_proto::login::Registration;
use tent_proto::{CallError, Session};
use tent_store::CredentialStore as _;

use crate::account;
use crate::failure::{Outcome, not_logged_in};
use crate::output;
use crate::plain::plain;
use crate::program::Program;

/// Revoke the approval on the server and forget the credentials here
#[derive(Debug, Args)]
#[command(after_help = "The credentials are forgotten even when the server cannot be told.")]
pub(crate) struct Logout {
    /// Whose; the default account's unless named
    entity: Option<String>,
}

impl Logout {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let store = program.store();
        let entity = match &self.entity {
            Some(text) => account::find(store, text)?,
            None => program.account()?.registration.entity,
        };
        // A login that was begun and never approved leaves a registration alone.
        let registration = match store.account(&entity)? {
            Some(account) => Some(account.registration),
            None => store.registration(&entity)?,
        };
        let registration = registration.ok_or_else(|| not_logged_in(&entity))?;
        let revoked = revoke(program, &registration)?;
        if let Err(error) = &revoked {
            program.say(&format!(
                "the server could not be told, so the approval may still stand there: {error}"
            ));
        }
        store.remove(&entity)?;
        if program.json() {
            return output::json(&json!({ "entity": entity, "revoked": revoked.is_ok() }));
        }
        output::line(&format!("logged out {}", plain(entity.as_str())))
    }
}

/// Takes back what was approved, and the registration, which nobody could use any more.
fn revoke(program: &Program, registration: &Registration) -> Outcome<Result<(), CallError>> {
    let session = program.set_up(registration.session(program.client().seed()));
    let revoked = revoke_authorizations(program, &session, registration)?;
    let deleted = program.try_call(&session, DeleteApp::new(registration.app.clone()))?;
    // Either makes the credential die; a server may do only one of them.
    Ok(match (revoked, deleted) {
        (_, Ok(())) | (Ok(()), Err(_)) => Ok(()),
        (Err(error), Err(_)) => Err(error),
    })
}

fn revoke_authorizations(
    program: &Program,
    session: &Session,
    registration: &Registration,
) -> Outcome<Result<(), CallError>> {
    let app = match program.try_call(session, GetApp::new(registration.app.clone()))? {
        Ok(app) => app,
        Err(error) => return Ok(dead_is_revoked(error)),
    };
    for id in app
        .authorizations
        .into_iter()
        .filter_map(|granted| granted.id)
    {
        let call = RevokeAuthorization::new(registration.app.clone(), id);
        if let Err(error) = program.try_call(session, call)? {
            return Ok(dead_is_revoked(error));
        }
    }
    Ok(Ok(()))
}

/// Where the app is gone, so is what it was granted.
fn dead_is_revoked(error: CallError) -> Result<(), CallError> {
    if error.is_dead_credential() || error.status().is_some_and(|status| status == 404) {
        Ok(())
    } else {
        Err(error)
    }
}
