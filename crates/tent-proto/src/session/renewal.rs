//! A credential that is renewed before it expires.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tent_flow::{Moment, SchemeRule, Seed};

use crate::login::{Account, CodeExchange};
use crate::mac::Credentials;
use crate::{CallError, Session};

/// What saves an account.
type Save = dyn Fn(&Account) -> Result<(), Box<dyn Error + Send + Sync>> + Send + Sync;

/// The account that a session is of, and how it is renewed: once at a time, by whichever call comes.
pub(crate) struct Renewal {
    /// Signs as the app.
    app: Session,
    save: OnceLock<Box<Save>>,
    state: Mutex<State>,
}

struct State {
    account: Account,
    /// It was renewed, and could not be saved yet.
    is_unsaved: bool,
    is_under_way: bool,
    /// When it may be tried again, in epoch seconds.
    again: i64,
}

/// What a call does before it signs.
pub(crate) enum Turn {
    /// It goes on.
    Sign,
    /// The credential has expired, and another call renews it.
    Wait(Duration),
    /// It renews the account.
    Renew(Box<Renewing>),
}

/// A renewal under way. If it is dropped, somebody else may try.
pub(crate) struct Renewing {
    pub(crate) flow: CodeExchange,
    renewal: Arc<Renewal>,
}

/// So early is renewed what expires, when it is not known for how long it was given.
const A_DAY: i64 = 24 * 60 * 60;

/// How many seconds lie between two tries, at least.
const PAUSE: i64 = 60;

/// How long to wait for another call that renews.
const A_MOMENT: Duration = Duration::from_millis(100);

impl Renewal {
    /// For accounts that expire and can be renewed.
    pub(crate) fn of(account: &Account, seed: Seed) -> Option<Self> {
        (account.expires_at.is_some() && account.refresh_token.is_some()).then(|| Self {
            app: account.registration.session(seed),
            save: OnceLock::new(),
            state: Mutex::new(State {
                account: account.clone(),
                is_unsaved: false,
                is_under_way: false,
                again: i64::MIN,
            }),
        })
    }

    pub(crate) fn save_with(&self, save: Box<Save>) {
        // The first one stays: a session has one place where its account is kept.
        let _ = self.save.set(save);
    }

    /// Whose turn it is, and the credential to sign with from now on, if it changed.
    pub(crate) fn turn(
        self: &Arc<Self>,
        now: Moment,
        scheme: SchemeRule,
    ) -> Result<(Turn, Option<Credentials>), CallError> {
        let Some(save) = self.save.get() else {
            return Ok((Turn::Sign, None)); // it would be lost
        };
        let mut state = self.state();
        let changed = state.save(save)?;
        let now = i64::try_from(now.epoch_seconds()).unwrap_or(i64::MAX);
        let left = state.left(now);
        if left > state.margin() || state.is_under_way && left > 0 {
            return Ok((Turn::Sign, changed));
        }
        if state.is_under_way {
            return Ok((Turn::Wait(A_MOMENT), changed));
        }
        if now < state.again {
            return Ok((Turn::Sign, changed));
        }
        let app = self.app.clone().with_scheme_rule(scheme);
        let Ok(flow) = state.account.refresh_by(&app) else {
            return Ok((Turn::Sign, changed));
        };
        let flow = match state.account.lifetime {
            Some(lifetime) => flow.expiring_at(crate::Timestamp::from_epoch_seconds(
                now.saturating_add(lifetime),
            )),
            None => flow,
        };
        state.is_under_way = true;
        state.again = now.saturating_add((left / 4).max(PAUSE));
        let renewing = Renewing {
            flow,
            renewal: Arc::clone(self),
        };
        Ok((Turn::Renew(Box::new(renewing)), changed))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic of what saves leaves the account unsaved, which is noted before.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How many seconds the credential has left.
    fn left(&self, now: i64) -> i64 {
        let end = self.account.expires_at;
        end.map_or(i64::MAX, |end| end.epoch_seconds().saturating_sub(now))
    }

    /// With how many seconds left it is renewed.
    fn margin(&self) -> i64 {
        self.account.lifetime.map_or(A_DAY, |lifetime| lifetime / 4)
    }

    /// Saves a renewed account, and gives the credential that may be used from then on.
    fn save(&mut self, save: &Save) -> Result<Option<Credentials>, CallError> {
        if !self.is_unsaved {
            return Ok(None);
        }
        save(&self.account).map_err(CallError::NotSaved)?;
        self.is_unsaved = false;
        Ok(Some(self.account.credentials.clone()))
    }
}

impl Renewing {
    /// Keeps what the renewal came to. One that failed changes nothing: the credential is used while it
    /// works, and when it does not, the server says so.
    pub(crate) fn finish(self, renewed: Result<Account, CallError>) {
        if let Ok(account) = renewed {
            let mut state = self.renewal.state();
            state.account = account;
            state.is_unsaved = true;
        }
    }
}

impl Drop for Renewing {
    fn drop(&mut self) {
        self.renewal.state().is_under_way = false;
    }
}

impl fmt::Debug for Renewing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewing").finish_non_exhaustive()
    }
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal").finish_non_exhaustive()
    }
}
