//! This program, as it registers with a server.

use tent_proto::call::UpdateApp;
use tent_proto::login::{Register, Registration};
use tent_proto::{CallError, Discovery, Entity, Scope};
use tent_store::CredentialStore as _;

use crate::failure::Outcome;
use crate::program::Program;

/// What the server is told.
pub(super) struct App<'a> {
    pub(super) name: &'a str,
    pub(super) scopes: &'a [Scope],
    pub(super) redirect_uri: &'a str,
}

impl App<'_> {
    /// Updates the registration that the store has, or registers anew when there is none or the
    /// server no longer knows it. Either is saved before anything else, and is not the account yet.
    pub(super) fn register_or_update(
        &self,
        program: &Program,
        discovery: &Discovery,
    ) -> Outcome<Registration> {
        let known = self.known(program, &discovery.entity)?;
        let updated = match known {
            Some(known) => self.update(program, discovery, known)?,
            None => None,
        };
        let registration = match updated {
            Some(registration) => registration,
            None => self.register(program, discovery)?,
        };
        program.store().save_registration(&registration)?;
        Ok(registration)
    }

    /// The registration that the store has, unless a grant stands in its place, as it does when an old
    /// client had none: that exchanges no code.
    fn known(&self, program: &Program, entity: &Entity) -> Outcome<Option<Registration>> {
        let account = program.store().account(entity)?;
        let registration = program.store().registration(entity)?;
        Ok(registration.filter(|registration| {
            account.is_none_or(|account| account.credentials != registration.credentials)
        }))
    }

    fn register(&self, program: &Program, discovery: &Discovery) -> Outcome<Registration> {
        let Discovery {
            entity, servers, ..
        } = discovery;
        let register = Register::new(entity.clone(), servers.clone(), self.describe(entity));
        let register = register
            .with_scheme_rule(program.scheme())
            .with_policy(program.policy());
        Ok(program.run(register)??)
    }

    /// `None` when the registration is of no use any more.
    fn update(
        &self,
        program: &Program,
        discovery: &Discovery,
        known: Registration,
    ) -> Outcome<Option<Registration>> {
        // The servers are those of today.
        let Discovery {
            entity, servers, ..
        } = discovery;
        let (app, credentials) = (known.app, known.credentials);
        let mut registration =
            Registration::new(entity.clone(), servers.clone(), app.clone(), credentials);
        let session = program.set_up(registration.session(program.client().seed()));
        let update = UpdateApp::new(app, self.describe(entity));
        match program.try_call(&session, update)? {
            Ok(_) => {
                if let Some(server) = session.preferred() {
                    registration.prefer(server);
                }
                Ok(Some(registration))
            }
            Err(error) if is_of_no_use(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn describe(&self, entity: &Entity) -> tent_proto::App {
        let app = tent_proto::App::new(self.name, entity.as_str())
            .description("Tent from the command line")
            .redirect_uri(self.redirect_uri);
        let scopes = self.scopes.iter();
        scopes.fold(app, |app, scope| app.scope(scope.clone(), reason(scope)))
    }
}

/// Whether the app or its credential is gone, or the server does not let apps be updated. A wrong
/// clock is another matter.
fn is_of_no_use(error: &CallError) -> bool {
    let status = error.status().map(|status| status.as_u16());
    error.is_dead_credential() || matches!(status, Some(403 | 404 | 405 | 501))
}

/// Why it asks, as the person is shown.
fn reason(scope: &Scope) -> &'static str {
    match scope {
        Scope::ReadPosts => "To show your posts and those of others",
        Scope::WritePosts => "To publish what you write",
        Scope::ReadProfile => "To show your profile",
        Scope::WriteProfile => "To change your profile when you say so",
        Scope::ReadFollowers => "To show who follows you",
        Scope::WriteFollowers => "To block followers when you say so",
        Scope::ReadFollowings => "To show whom you follow",
        Scope::WriteFollowings => "To follow and unfollow when you say so",
        Scope::ReadGroups => "To show your groups",
        Scope::WriteGroups => "To change your groups when you say so",
        Scope::ReadPermissions => "To show who may see a post",
        _ => "You asked for it on the command line",
    }
}
