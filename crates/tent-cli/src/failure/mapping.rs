//! What each error means: its exit code and its hint.

use std::io;

use tent_discovery::DiscoverFailure;
use tent_flow::{TransportError, TransportErrorKind, UrlRefused};
use tent_proto::json::DecodeError;
use tent_proto::login::{OtherEntity, RedirectError};
use tent_proto::{
    BuildError, CallError, DiscoveryError, Entity, EntityError, Refusal, Unconfirmed,
};
use tent_store::StoreError;

use super::Failure;
use crate::exit::Exit;

impl Failure {
    /// Of a call that was made for an entity, so that the hint can name it.
    pub(crate) fn of_call(error: CallError, entity: &Entity) -> Self {
        let is_dead = error.is_dead_credential();
        let is_forbidden = error.status().is_some_and(|status| status == 403);
        let failure = Self::from(error);
        if is_dead {
            failure.hint(format!("approve it again with `tent login {entity}`"))
        } else if is_forbidden && failure.hint.is_none() {
            failure.hint(format!(
                "the approval may not cover this; `tent login {entity} --add-scope …` asks for more"
            ))
        } else {
            failure
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match &error {
            CallError::Build(cause) => Self::of(build_exit(cause), &error).maybe(build_hint(cause)),
            CallError::NoAnswer { cause, .. } => Self::of(transport_exit(cause), &error),
            CallError::OutcomeUnknown { cause, .. } => {
                let exit = match cause {
                    Unconfirmed::NoAnswer(cause) => transport_exit(cause),
                    _ => Exit::Refused,
                };
                Self {
                    status: error.status().map(|status| status.as_u16()),
                    ..Self::of(exit, &error)
                }
                .hint("look whether it was done before you do it again")
            }
            CallError::RateLimited { wait, refusal, .. } => {
                let wait = wait.as_secs_f64().ceil();
                Self {
                    status: refusal.as_ref().map(|refusal| refusal.status().as_u16()),
                    ..Self::of(Exit::Refused, &error)
                }
                .hint(format!("try again in {wait} seconds"))
            }
            CallError::Refused(refusal) => Self::from(&**refusal),
            CallError::Decode { .. } => Self::of(Exit::Refused, &error),
            _ => Self::of(Exit::Refused, &error),
        }
    }
}

impl From<&Refusal> for Failure {
    fn from(refusal: &Refusal) -> Self {
        let is_dead = refusal.is_dead_credential();
        let exit = if is_dead {
            Exit::NotLoggedIn
        } else {
            Exit::Refused
        };
        let (method, url, status) = (refusal.method(), refusal.url(), refusal.status());
        let what = if is_dead {
            format!("the credential is dead: the server refused {method} {url}")
        } else {
            format!("the server refused {method} {url}")
        };
        // Many servers say but the name of the status once more.
        let text = refusal.text();
        let text = text.filter(|text| Some(text.as_str()) != status.canonical_reason());
        let cause = match (refusal.location(), text) {
            (Some(location), _) => format!("it answered {status}, pointing to {location}"),
            (None, Some(text)) => format!("it answered {status}: {text}"),
            (None, None) => format!("it answered {status}"),
        };
        let hint = match status.as_u16() {
            _ if is_dead => Some("`tent login ENTITY` has it approved again"),
            404 => Some("it is not there, or not for this account to see"),
            401 => Some("check that the clock of this computer is right"),
            429 => Some("wait a while"),
            501 => Some("this server does not do that"),
            _ => None,
        };
        Self {
            status: Some(status.as_u16()),
            ..Self::new(exit, what).cause(cause).maybe(hint)
        }
    }
}

const INSECURE: &str = "--insecure allows http beyond this computer, for everybody to read along";

const fn build_exit(error: &BuildError) -> Exit {
    match error {
        BuildError::NoCredentials => Exit::NotLoggedIn,
        BuildError::NoServer | BuildError::OtherOrigin(_) => Exit::Refused,
        _ => Exit::Usage,
    }
}

const fn build_hint(error: &BuildError) -> Option<&'static str> {
    match error {
        BuildError::Refused(UrlRefused::Plaintext(_)) => Some(INSECURE),
        _ => None,
    }
}

fn transport_exit(error: &TransportError) -> Exit {
    match error.kind() {
        TransportErrorKind::TooLarge => Exit::Refused,
        TransportErrorKind::Source | TransportErrorKind::Sink => Exit::Local,
        _ => Exit::NoAnswer,
    }
}

impl From<DiscoveryError> for Failure {
    fn from(error: DiscoveryError) -> Self {
        match &error {
            DiscoveryError::NotAnEntity(_) => Self::of(Exit::Usage, &error),
            DiscoveryError::NotFound {
                entity, failure, ..
            } => {
                let told = format!("`tent discover {entity} --trace` tells what was tried");
                match &**failure {
                    DiscoverFailure::Refused(UrlRefused::Plaintext(_)) => {
                        Self::of(Exit::Usage, &error).hint(INSECURE)
                    }
                    DiscoverFailure::Refused(_) => Self::of(Exit::Usage, &error),
                    DiscoverFailure::Unreachable { .. } => {
                        Self::of(Exit::NoAnswer, &error).hint("check the address, and the network")
                    }
                    _ => Self::of(Exit::Refused, &error).hint(told),
                }
            }
            DiscoveryError::ClaimsAnother { claimed, .. } => Self::of(Exit::Refused, &error)
                .hint(format!("if you trust {claimed}, name it instead")),
            _ => Self::of(Exit::Refused, &error),
        }
    }
}

impl From<RedirectError> for Failure {
    fn from(error: RedirectError) -> Self {
        let what = match error {
            RedirectError::Denied(_) => "the app was not approved",
            _ => "the approval brought no code",
        };
        Self::new(Exit::Refused, what)
            .because(&error)
            .hint("what was stored before is as it was; `tent login` begins anew")
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unknown(entity) => not_logged_in(entity),
            _ => {
                let failure = Self::of(Exit::Local, &error);
                match error.advice() {
                    Some(advice) => failure.hint(advice),
                    None => failure,
                }
            }
        }
    }
}

impl From<EntityError> for Failure {
    fn from(error: EntityError) -> Self {
        Self::usage("that is not an entity").because(&error)
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        CallError::from(error).into()
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        Self::of(Exit::Refused, &error)
    }
}

impl From<tent_blocking::BuildError> for Failure {
    fn from(error: tent_blocking::BuildError) -> Self {
        Self::local("the HTTP client could not be set up", &error)
    }
}

impl From<tent_async::BuildError> for Failure {
    fn from(error: tent_async::BuildError) -> Self {
        Self::local("the HTTP client could not be set up", &error)
    }
}

impl From<OtherEntity> for Failure {
    fn from(error: OtherEntity) -> Self {
        Self::of(Exit::Refused, &error)
    }
}

/// Of standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::local("the output could not be written", &error)
    }
}

pub(crate) fn not_logged_in(entity: &Entity) -> Failure {
    Failure::new(Exit::NotLoggedIn, format!("not logged in as {entity}"))
        .hint(format!("`tent login {entity}`, or see `tent accounts`"))
}
