//! `tent apps`

use clap::{Args, Subcommand};
use tent_proto::call::{ListApps, RevokeAuthorization};
use tent_proto::{App, AppId, Authorization, AuthorizationId, Session};

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::plain::plain;
use crate::program::Program;

/// List the apps of your account and what you approved, or take it back
#[derive(Debug, Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "\
Needs the scope read_apps, and write_apps to revoke: \
`tent login ENTITY --add-scope read_apps --add-scope write_apps` asks for them."
)]
pub(crate) struct Apps {
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Debug, Subcommand)]
enum Change {
    /// Take back what you approved
    Revoke {
        /// The id of an app, or of one authorization
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}

impl Apps {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let session = program.session()?;
        let apps = program.call(&session, ListApps::default())?;
        match self.change {
            None => apps.into_iter().try_for_each(|app| show(program, app)),
            Some(Change::Revoke { id }) => revoke(program, &session, &apps, &id),
        }
    }
}

fn revoke(program: &Program, session: &Session, apps: &[App], id: &str) -> Outcome {
    let own = program.account()?.registration.app;
    let granted = granted(apps, id);
    if granted.iter().any(|(app, _)| *app == own) {
        return Err(Failure::usage("that is this program itself")
            .hint("`tent logout` revokes it, and forgets the credentials here")
            .into());
    }
    if granted.is_empty() {
        let what = format!("nothing is approved under the id {id}");
        return Err(Failure::new(Exit::Refused, what)
            .hint("`tent apps` lists what is")
            .into());
    }
    for (app, authorization) in granted {
        program.call(session, RevokeAuthorization::new(app, authorization))?;
    }
    program.done("revoked", id)
}

/// What was approved for the app of this id, or the one authorization of this id.
fn granted(apps: &[App], id: &str) -> Vec<(AppId, AuthorizationId)> {
    let mut found = Vec::new();
    for app in apps {
        let Some(app_id) = &app.id else { continue };
        for authorization in app.authorizations.iter().filter_map(|one| one.id.as_ref()) {
            if app_id.as_str() == id || authorization.as_str() == id {
                found.push((app_id.clone(), authorization.clone()));
            }
        }
    }
    found
}

fn show(program: &Program, app: App) -> Outcome {
    if program.json() {
        return output::json(&without_secrets(app));
    }
    let id = app.id.as_ref().map(AppId::as_str);
    let parts = [app.name.as_deref(), app.url.as_deref(), id];
    let parts: Vec<_> = parts.into_iter().flatten().map(plain).collect();
    output::line(&parts.join("  "))?;
    for Authorization { id, scopes, .. } in &app.authorizations {
        let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
        let id = id.as_ref().map_or("-", |id| id.as_str());
        output::line(&plain(&format!("  {}  {id}", scopes.join(" "))))?;
    }
    Ok(())
}

fn without_secrets(mut app: App) -> App {
    app.mac_key_id = None;
    app.mac_key = None;
    for authorization in &mut app.authorizations {
        authorization.token_code = None;
        authorization.mac_key_id = None;
        authorization.mac_key = None;
    }
    app
}
