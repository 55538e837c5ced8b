//! What is said when something fails, and with which exit code: decided here for every error.

use std::error::Error;
use std::io;

use serde::Serialize;
use tent_discovery::DiscoverFailure;
use tent_flow::{TransportError, TransportErrorKind, UrlRefused};
use tent_proto::json::DecodeError;
use tent_proto::login::{OtherEntity, RedirectError};
use tent_proto::{BuildError, CallError, DiscoveryError, Entity, EntityError, Refusal};
use tent_store::StoreError;

use crate::exit::Exit;
use crate::plain::{json_line, plain};

/// Why a command stops before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It failed.
    Failed(Box<Failure>),
    /// There is nothing more to do or to say.
    Silently(Exit),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(Box::new(error.into()))
    }
}

/// What a command comes to.
pub(crate) type Outcome<T = ()> = Result<T, Stop>;

/// A failure as people and scripts are told it.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    #[serde(skip)]
    pub(crate) exit: Exit,
    /// What failed, as a clause.
    #[serde(rename = "error")]
    what: String,
    /// Why.
    cause: Option<String>,
    /// What to do next.
    hint: Option<String>,
    /// The status of the answer, if one came.
    status: Option<u16>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self {
            exit,
            what: what.into(),
            cause: None,
            hint: None,
            status: None,
        }
    }

    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what)
    }

    /// For what the contract of the command line names and this version lacks.
    pub(crate) fn not_there_yet(what: &str) -> Self {
        Self::usage(format!("{what} is not there yet")).hint("see `tent --help` for what is")
    }

    /// A failure on this side.
    pub(crate) fn local(what: impl Into<String>, cause: &(dyn Error + 'static)) -> Self {
        Self::new(Exit::Local, what).because(cause)
    }

    pub(crate) fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    pub(crate) fn because(self, error: &(dyn Error + 'static)) -> Self {
        self.cause(chain(error))
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// An error and its causes.
    fn of(exit: Exit, error: &dyn Error) -> Self {
        let failure = Self::new(exit, error.to_string());
        match error.source() {
            Some(cause) => failure.because(cause),
            None => failure,
        }
    }

    /// Of a call that was made for an entity, so that the hint can name it.
    pub(crate) fn of_call(error: CallError, entity: &Entity) -> Self {
        let is_dead = error.is_dead_credential();
        let is_forbidden = error.status().is_some_and(|status| status == 403);
        let failure = Self::from(error);
        if is_dead {
            failure.hint(format!("approve it again with `tent login {entity}`"))
        } else if is_forbidden && failure.hint.is_none() {
            failure.hint(format!(
                "the approval may not cover this; `tent login {entity} --scope …` asks for more"
            ))
        } else {
            failure
        }
    }

    /// Tells it on standard error.
    pub(crate) fn tell(&self, json: bool) {
        if json && let Ok(text) = serde_json::to_string(self) {
            eprintln!("{}", json_line(&text));
            return;
        }
        eprintln!("tent: {}", plain(&self.what));
        if let Some(cause) = &self.cause {
            eprintln!("  because {}", plain(cause));
        }
        if let Some(hint) = &self.hint {
            eprintln!("  hint: {}", plain(hint));
        }
    }
}

/// An error and its causes as one clause. Some wrap a cause and repeat what it says.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match &error {
            CallError::Build(cause) => Self::of(build_exit(cause), &error).maybe(build_hint(cause)),
            CallError::NoAnswer { cause, .. } => Self::of(transport_exit(cause), &error),
            CallError::OutcomeUnknown { cause, .. } => Self::of(transport_exit(cause), &error)
                .hint("look whether it was done before you do it again"),
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
            401 if !is_dead => Some("check that the clock of this computer is right"),
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

impl Failure {
    fn maybe(self, hint: Option<&str>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
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
