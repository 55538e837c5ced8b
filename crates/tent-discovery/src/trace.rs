//! What a discovery did, for whoever asks why it failed.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Display, Formatter};

use http::{Method, StatusCode};
use url::Url;

use crate::discover::{LinkIgnored, RedirectRefused, Via};
use crate::link_header::LinkError;

/// How many findings of one step are kept, but for those that decide how it goes on. A hostile page
/// could have any number.
const MAX_FINDINGS: usize = 32;

/// How much text of a peer is kept, in characters.
const MAX_TEXT: usize = 200;

/// What a discovery did, step by step.
///
/// Its `Display` is for people: a line for each request, and indented below it what was found there,
/// or refused and why. Control characters that peers send do not get into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    steps: Vec<TraceStep>,
}

impl Trace {
    /// The requests, in order.
    pub fn steps(&self) -> &[TraceStep] {
        &self.steps
    }

    /// Adds what another discovery did after this one.
    pub fn append(&mut self, later: Self) {
        self.steps.extend(later.steps);
    }

    pub(crate) fn push(&mut self, step: TraceStep) {
        self.steps.push(step);
    }
}

impl Display for Trace {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| Display::fmt(step, f))
    }
}

/// A request, what came back, and what was made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceStep {
    /// The method of the request.
    pub method: Method,
    /// Its target.
    pub url: Url,
    /// What came back.
    pub answer: Answer,
    /// What was found in the answer, or refused.
    pub findings: Vec<Finding>,
    /// How many more links were ignored or malformed than are told.
    pub omitted: usize,
}

impl TraceStep {
    pub(crate) const fn new(method: Method, url: Url, answer: Answer) -> Self {
        Self {
            method,
            url,
            answer,
            findings: Vec::new(),
            omitted: 0,
        }
    }

    pub(crate) fn note(&mut self, finding: Finding) {
        let is_fault = matches!(finding, Finding::LinkIgnored { .. } | Finding::Malformed(_));
        if is_fault && self.findings.len() >= MAX_FINDINGS {
            self.omitted += 1;
        } else {
            self.findings.push(finding);
        }
    }
}

impl Display for TraceStep {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}: {}", self.method, self.url, self.answer)?;
        for finding in &self.findings {
            writeln!(f, "  {finding}")?;
        }
        if self.omitted > 0 {
            writeln!(f, "  and {} more", self.omitted)?;
        }
        Ok(())
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// An answer with this status.
    Status(StatusCode),
    /// None, for this reason.
    Nothing(String),
}

impl Display for Answer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => status.fmt(f),
            Self::Nothing(why) => write!(f, "no answer: {why}"),
        }
    }
}

/// What was found in an answer, or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// It leads elsewhere, and is followed.
    Redirect(Url),
    /// It leads elsewhere, and is not followed.
    RedirectRefused(RedirectRefused),
    /// A link that will be tried.
    Link {
        /// How it is published.
        via: Via,
        /// The relation that was looked for.
        relation: Cow<'static, str>,
        /// Where it leads.
        url: Url,
    },
    /// A link with the right relation that will not be tried.
    LinkIgnored {
        /// How it is published.
        via: Via,
        /// Its target as it is written, shortened.
        target: String,
        /// What is wrong with it.
        why: LinkIgnored,
    },
    /// A `Link` field is malformed; what is good of it was read.
    Malformed(LinkError),
    /// There is no link to try.
    NoLink,
    /// The page is not HTML, so that it has no `link` elements.
    NotHtml,
    /// The document was read.
    Read,
    /// The document could not be read, for this reason.
    Unreadable(String),
}

impl Finding {
    pub(crate) fn ignored(via: Via, target: &str, why: LinkIgnored) -> Self {
        Self::LinkIgnored {
            via,
            target: printable(target.chars()),
            why,
        }
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redirect(url) => write!(f, "redirects to {url}"),
            Self::RedirectRefused(why) => write!(f, "redirect refused: {}", chain(why)),
            Self::Link { via, relation, url } => write!(f, "{via}: {url} ({relation})"),
            Self::LinkIgnored { via, target, why } => {
                write!(f, "{via}: <{target}> ignored: {}", chain(why))
            }
            Self::Malformed(error) => write!(f, "malformed: {error}"),
            Self::NoLink => f.write_str("no link"),
            Self::NotHtml => f.write_str("not HTML"),
            Self::Read => f.write_str("read"),
            Self::Unreadable(why) => write!(f, "not readable: {why}"),
        }
    }
}

/// An error and its causes as one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    printable(text.chars())
}

fn printable(text: impl Iterator<Item = char>) -> String {
    text.map(|char| if char.is_control() { '\u{fffd}' } else { char })
        .take(MAX_TEXT)
        .collect()
}
