//! What is said when something fails.

mod mapping;

use std::error::Error;

use serde::Serialize;

pub(crate) use self::mapping::not_logged_in;
use crate::exit::Exit;
use crate::output::tell;
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

    /// Within a failure of something larger: what failed, and why, becomes the cause.
    pub(crate) fn within(self, what: impl Into<String>) -> Self {
        let cause = match self.cause {
            Some(cause) => format!("{}: {cause}", self.what),
            None => self.what,
        };
        Self {
            what: what.into(),
            cause: Some(cause),
            ..self
        }
    }

    pub(crate) fn maybe(self, hint: Option<&str>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// An error and its causes.
    fn of(exit: Exit, error: &dyn Error) -> Self {
        let failure = Self::new(exit, error.to_string());
        match error.source() {
            Some(cause) => failure.because(cause),
            None => failure,
        }
    }

    /// Tells it on standard error.
    pub(crate) fn tell(&self, json: bool) {
        if json && let Ok(text) = serde_json::to_string(self) {
            return tell(&json_line(&text));
        }
        tell(&format!("tent: {}", plain(&self.what)));
        if let Some(cause) = &self.cause {
            tell(&format!("  because {}", plain(cause)));
        }
        if let Some(hint) = &self.hint {
            tell(&format!("  hint: {}", plain(hint)));
        }
    }
}

/// An error and its causes as one clause. Some wrap a cause and repeat what it says.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
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
