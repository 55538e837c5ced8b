//! Why a discovery failed.

use std::error::Error;
use std::fmt::{self, Display, Formatter};

use http::StatusCode;
use tent_flow::{TransportError, TransportErrorKind, UrlRefused};
use url::Url;

use super::{MAX_LINKS, MAX_REDIRECTS};
use crate::ReadError;
use crate::trace::{Answer, Trace};

/// Why a discovery failed, and what it did until then.
#[derive(Debug)]
pub struct DiscoverError {
    failure: Box<DiscoverFailure>,
    trace: Trace,
}

impl DiscoverError {
    pub(super) fn new(failure: DiscoverFailure, trace: Trace) -> Self {
        Self {
            failure: Box::new(failure),
            trace,
        }
    }

    /// Why it failed.
    pub const fn failure(&self) -> &DiscoverFailure {
        &self.failure
    }

    /// What it did.
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Both.
    pub fn into_parts(self) -> (DiscoverFailure, Trace) {
        (*self.failure, self.trace)
    }
}

impl Display for DiscoverError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.failure.fmt(f)
    }
}

impl Error for DiscoverError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failure.source()
    }
}

/// Why a discovery failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoverFailure {
    /// The page may not be asked. Nothing was sent.
    #[error("the page may not be asked")]
    Refused(#[source] UrlRefused),
    /// Nobody answers, neither for the page nor, when it has links, for any of them.
    #[error("{url} does not answer")]
    Unreachable {
        /// What was asked: the page, or the first link.
        url: Url,
        /// What broke.
        source: TransportError,
    },
    /// The page sends elsewhere, and that is not followed: too often, in a circle, or to a URL that
    /// may not be asked.
    #[error("the redirects of {url} lead nowhere")]
    Redirect {
        /// The URL that sends elsewhere.
        url: Url,
        /// Why it is not followed.
        source: RedirectRefused,
    },
    /// The page has no link with any of the relations that can be tried.
    #[error("{url} has no link to follow (HEAD: {head}; GET: {get})")]
    NoLink {
        /// The page as it was asked for.
        url: Url,
        /// What came for `HEAD`.
        head: Answer,
        /// What came for `GET`.
        get: Answer,
    },
    /// There are links, but none leads to a document that can be read.
    #[error("no link of {url} leads to a document that can be read")]
    NoneReadable {
        /// The page, after redirects.
        url: Url,
        /// The links in the order they were tried, and what is wrong with each.
        links: Vec<Unreadable>,
    },
}

/// A link that leads to no document that can be read.
#[derive(Debug, thiserror::Error)]
#[error("{url} cannot be read")]
#[non_exhaustive]
pub struct Unreadable {
    /// Where the link leads.
    pub url: Url,
    /// What is wrong.
    #[source]
    pub why: NotRead,
}

/// Why there is no document at the end of a link.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotRead {
    /// There was no whole answer.
    #[error("there was no whole answer")]
    Transport(#[source] TransportError),
    /// The answer is none of success.
    #[error("the answer is {0}")]
    Status(StatusCode),
    /// It redirects, and that is not followed.
    #[error("its redirects lead nowhere")]
    Redirect(#[source] RedirectRefused),
    /// The reader does not accept it.
    #[error("the document is not what is looked for")]
    Document(#[source] ReadError),
}

impl NotRead {
    /// Whether it means that nobody answers.
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Transport(error) if error.kind() != TransportErrorKind::TooLarge)
    }
}

/// Why a redirect is not followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectRefused {
    /// It does not say where to.
    #[error("it does not say where to")]
    NoLocation,
    /// Where it leads is no URL.
    #[error("where it leads is no URL")]
    Invalid(#[from] url::ParseError),
    /// Where it leads may not be asked.
    #[error("where it leads may not be asked")]
    Refused(#[from] UrlRefused),
    /// It leads back to where one was.
    #[error("it leads in a circle")]
    Loop,
    /// There are more than [`MAX_REDIRECTS`] in a row.
    #[error("there are more than {MAX_REDIRECTS} in a row")]
    TooMany,
}

/// Why a link with the right relation is not tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkIgnored {
    /// It has an `anchor`, and so is about another resource.
    #[error("its anchor says that it is about another resource")]
    Anchor,
    /// Its target is no URL.
    #[error("its target is no URL")]
    Invalid(#[from] url::ParseError),
    /// Its target may not be asked.
    #[error("its target may not be asked")]
    Refused(#[from] UrlRefused),
    /// Another link leads there too.
    #[error("another link leads there too")]
    Duplicate,
    /// There are [`MAX_LINKS`] already.
    #[error("there are {MAX_LINKS} already")]
    TooMany,
}
