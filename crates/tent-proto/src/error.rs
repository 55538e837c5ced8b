//! Why a call gave no answer.

mod build;
mod refusal;

use std::time::Duration;

use http::StatusCode;
use tent_flow::{TransportError, TransportErrorKind};
use url::Url;

pub use self::build::BuildError;
pub use self::refusal::Refusal;
use crate::FindPost;
use crate::json::DecodeError;

/// Why a call gave no answer. It is the same type under every driver.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The request could not be made from what was given. Nothing was sent.
    #[error("the request could not be made")]
    Build(#[from] BuildError),
    /// No server answered, and sending again is safe, since none can have done what was asked, or
    /// doing it twice is doing it once.
    #[error("no answer came from {url}")]
    NoAnswer {
        /// What was asked last.
        url: Box<Url>,
        /// Why no answer came.
        #[source]
        cause: TransportError,
    },
    /// The request may have been carried out, no answer tells, and sending it again could do the thing
    /// twice.
    #[error("whether {url} carried out the request is unknown")]
    OutcomeUnknown {
        /// What was asked.
        url: Box<Url>,
        /// Why nobody knows.
        #[source]
        cause: Unconfirmed,
        /// For a post that was to be published: the flow that looks whether it is there.
        search: Option<Box<FindPost>>,
    },
    /// The server's limit is used up, and waiting would take longer than the
    /// [`Policy`](crate::Policy) allows.
    #[error(
        "the limit of {url} is used up: another {} seconds are to be waited, and at most {} in all are allowed",
        wait.as_secs_f64().ceil(), longest.as_secs()
    )]
    RateLimited {
        /// What was to be asked.
        url: Box<Url>,
        /// How long would have to be waited from now on.
        wait: Duration,
        /// How long one call may wait in all.
        longest: Duration,
        /// The answer that said so, when this call got it.
        refusal: Option<Box<Refusal>>,
    },
    /// A server answered, and did not do what was asked. One of 5xx but 501 and 507 says so only for a call
    /// that may be repeated; others end as [`OutcomeUnknown`](Self::OutcomeUnknown).
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// A server answered with success, and with something else than the protocol promises. For a call
    /// that may not be repeated, an answer that says nothing at all is
    /// [`OutcomeUnknown`](Self::OutcomeUnknown).
    #[error("the answer of {url} could not be read")]
    Decode {
        /// What was asked.
        url: Box<Url>,
        /// What is wrong with the answer.
        #[source]
        cause: DecodeError,
    },
    /// The credential was renewed, and could not be saved, so that it is not used. The next call tries to
    /// save it again.
    #[error("the renewed credential could not be saved, and is not used")]
    NotSaved(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// More items of a list are of one second than a page can hold, so that there is no way past them
    /// that leaves none out.
    #[error("more items are of one second than {url} can hold in a page")]
    Ties {
        /// What was asked.
        url: Box<Url>,
    },
}

impl CallError {
    /// The status of the answer, if one came that was no success.
    pub fn status(&self) -> Option<StatusCode> {
        self.refusal().map(Refusal::status)
    }

    /// The answer, if one came that was no success.
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal)
            | Self::RateLimited {
                refusal: Some(refusal),
                ..
            }
            | Self::OutcomeUnknown {
                cause: Unconfirmed::Failed(refusal),
                ..
            } => Some(refusal),
            _ => None,
        }
    }

    /// Whether asking again later may help: no server answered, or it was too much, or the server had no
    /// time or no room.
    pub fn may_pass(&self) -> bool {
        use TransportErrorKind::{Broken, Connect, Timeout};
        match self {
            Self::NoAnswer { cause, .. } => matches!(cause.kind(), Connect | Timeout | Broken),
            Self::RateLimited { .. } => true,
            Self::Refused(refusal) => {
                matches!(refusal.status().as_u16(), 408 | 429 | 500 | 502..=599)
            }
            _ => false,
        }
    }

    /// Whether the credential is dead: revoked or expired. Only approving the app again helps.
    pub fn is_dead_credential(&self) -> bool {
        self.refusal().is_some_and(Refusal::is_dead_credential)
    }
}

/// Why nobody knows whether a request was carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unconfirmed {
    /// No answer came.
    #[error("no answer came")]
    NoAnswer(#[source] TransportError),
    /// The server, or a proxy before it, failed: one of 5xx but 501 and 507. The request may have been
    /// carried out before that.
    #[error(transparent)]
    Failed(Box<Refusal>),
    /// The answer says success, and cannot be read: a page of a proxy, perhaps.
    #[error("the answer could not be read")]
    Unreadable(#[source] DecodeError),
}
