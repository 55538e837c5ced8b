//! `tent accounts`

use serde_json::json;
use tent_store::CredentialStore as _;

use crate::account;
use crate::failure::Outcome;
use crate::output;
use crate::plain::plain;
use crate::program::Program;

/// Lists the accounts.
pub(crate) fn run(program: &Program) -> Outcome {
    let default = program.store().default_entity()?;
    let accounts = account::accounts(program.store())?;
    for account in &accounts {
        let registration = &account.registration;
        // The only account is the default without having been chosen.
        let is_default = match &default {
            Some(default) => *default == registration.entity,
            None => accounts.len() == 1,
        };
        if program.json() {
            output::json(&json!({
                "entity": registration.entity,
                "default": is_default,
                "servers": registration.servers,
                "app": registration.app,
                "expires_at": account.expires_at,
            }))?;
        } else {
            let mark = if is_default { '*' } else { ' ' };
            output::line(&format!("{mark} {}", plain(registration.entity.as_str())))?;
        }
    }
    if accounts.is_empty() && !program.json() {
        program.say("no accounts yet; `tent login ENTITY` makes one");
    }
    Ok(())
}
