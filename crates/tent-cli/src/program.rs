//! What all commands share: the settings, the store, the client.

use std::time::{Duration, SystemTime};

use tent_blocking::Client;
use tent_flow::{Effect, Flow, Input, Moment, SchemeRule, Step};
use tent_proto::call::Call;
use tent_proto::login::Account;
use tent_proto::{CallError, Policy, Session};
use tent_store::{CredentialStore as _, FileStore};

use crate::account;
use crate::arguments::Everywhere;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, Stop};
use crate::output;
use crate::patience;
use crate::plain::plain;
use crate::trace;
use crate::watch::{self, Watch};

/// A run of the program.
pub(crate) struct Program {
    settings: Everywhere,
    store: FileStore,
    client: Client,
}

impl Program {
    pub(crate) fn new(settings: Everywhere) -> Result<Self, Failure> {
        trace::start(settings.verbose);
        Ok(Self {
            store: account::store(settings.config.clone())?,
            settings,
            client: Client::new()?,
        })
    }

    pub(crate) const fn store(&self) -> &FileStore {
        &self.store
    }

    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) const fn json(&self) -> bool {
        self.settings.json
    }

    pub(crate) const fn is_dry_run(&self) -> bool {
        self.settings.dry_run
    }

    /// What is done with every request.
    pub(crate) fn watch(&self) -> Watch {
        Watch {
            timeout: self.settings.timeout.map(Duration::from_secs),
        }
    }

    pub(crate) const fn scheme(&self) -> SchemeRule {
        if self.settings.insecure {
            SchemeRule::HttpAnywhere
        } else {
            SchemeRule::HttpsOrLoopback
        }
    }

    /// The account to act as.
    pub(crate) fn account(&self) -> Outcome<Account> {
        account::choose(&self.store, self.settings.account.as_deref())
    }

    /// A session of that account.
    pub(crate) fn session(&self) -> Outcome<Session> {
        let store = self.store.clone();
        let session = self.account()?.session(self.client.seed());
        let session = session.on_change(move |account| store.save_account(account));
        Ok(self.set_up(session))
    }

    /// Has a session follow what was said on the command line.
    pub(crate) fn set_up(&self, session: Session) -> Session {
        session
            .with_scheme_rule(self.scheme())
            .with_policy(self.policy())
            .with_limiters(self.client.limiters())
    }

    /// What is done about limits and failures.
    pub(crate) fn policy(&self) -> Policy {
        patience::policy(&self.settings)
    }

    /// Runs a flow; in a dry run only until it would send something, which is shown instead.
    pub(crate) fn run<F: Flow>(&self, mut flow: F) -> Outcome<F::Output> {
        if !self.settings.dry_run {
            return Ok(self.client.run(self.watch().over(flow)));
        }
        let now = Moment {
            wall: SystemTime::now(),
            mono: Duration::ZERO,
        };
        match flow.step(now, Input::Ready) {
            Step::Done(output) => Ok(output),
            Step::Do(Effect::Send(request, _)) if self.json() => {
                output::json(&watch::request_json(&request))?;
                Err(Stop::Silently(Exit::Done))
            }
            Step::Do(Effect::Send(request, _)) => {
                output::line(&watch::request_text(&request))?;
                Err(Stop::Silently(Exit::Done))
            }
            Step::Do(_) => Err(Stop::Silently(Exit::Done)),
        }
    }

    /// Makes a call, and leaves it to the caller what to make of an error.
    pub(crate) fn try_call<C: Call>(
        &self,
        session: &Session,
        call: C,
    ) -> Outcome<Result<C::Answer, CallError>> {
        self.run(session.call(call))
    }

    /// Makes a call.
    pub(crate) fn call<C: Call>(&self, session: &Session, call: C) -> Outcome<C::Answer> {
        let answer = self.try_call(session, call)?;
        Ok(answer.map_err(|error| Failure::of_call(error, session.entity()))?)
    }

    /// Writes what was done to what: `deleted Zz81`, or `{"deleted":"Zz81"}`.
    pub(crate) fn done(&self, what: &str, to: &str) -> Outcome {
        if self.json() {
            output::json(&serde_json::json!({ what: to }))
        } else {
            output::line(&plain(&format!("{what} {to}")))
        }
    }

    /// Says something to the person, beside the output.
    pub(crate) fn say(&self, text: &str) {
        output::tell(&plain(text));
    }
}
