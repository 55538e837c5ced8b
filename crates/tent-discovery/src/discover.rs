//! The flow from a page to a document that it links to (docs/protocol.md §2).

mod conversation;
mod error;
mod page;
mod walk;

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};
use std::mem;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use tent_flow::{Flow, Input, Moment, SchemeRule, Step};
use url::Url;

use self::conversation::State;
pub use self::error::{
    DiscoverError, DiscoverFailure, LinkIgnored, NotRead, RedirectRefused, Unreadable,
};
use crate::reader::Reader;
use crate::trace::Trace;

/// How many redirects in a row are followed (docs/protocol.md §10.4).
pub const MAX_REDIRECTS: usize = 5;

/// How many links of a page are tried (docs/protocol.md §10.4).
pub const MAX_LINKS: usize = 5;

/// How large a document may be, in bytes: 1 MiB (docs/protocol.md §10.4).
pub const MAX_DOCUMENT: u64 = 1024 * 1024;

/// How a link is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a page has a head, with a field that is standard or not, and a body"
)]
pub enum Via {
    /// In a `Link` header field: `link-header`.
    LinkHeader,
    /// In a [header field that names targets](Discover::with_target_field): `target-field`.
    TargetField,
    /// In a `link` element of HTML: `html-link`.
    HtmlLink,
}

impl Display for Via {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::LinkHeader => "link-header",
            Self::TargetField => "target-field",
            Self::HtmlLink => "html-link",
        })
    }
}

/// What a discovery finds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Discovered<T> {
    /// What the reader made of the document.
    pub document: T,
    /// Where the document is, after redirects.
    pub url: Url,
    /// Where the page is, after redirects.
    pub page: Url,
    /// The relation of the link.
    pub relation: Cow<'static, str>,
    /// How the link is published.
    pub via: Via,
    /// What was done to find it.
    pub trace: Trace,
}

/// A header field whose value is a list of targets.
#[derive(Debug)]
struct TargetField {
    name: HeaderName,
    relation: Cow<'static, str>,
}

/// The flow from a page to a document that it links to.
///
/// It asks for the page with `HEAD`, and with `GET` when that brings no link, whatever the reason:
/// some servers refuse `HEAD`, and some hang. Only when the `HEAD` never left is there no `GET`, which
/// would not leave either. Links count in an answer of success only. Those of the header are taken, from
/// `Link` and from [fields that name targets](Self::with_target_field), or else those of the [HTML head](crate::html_link), never both. Each is asked for, in order,
/// until the reader accepts what is there.
///
/// References are resolved against the URL that was asked last. Redirects are followed by the flow
/// itself, each one checked. No URL is asked that the [scheme rule](Self::with_scheme_rule) refuses;
/// and unless that allows plain `http` everywhere, a page with TLS cannot lead to a URL without, not
/// even on loopback.
#[derive(Debug)]
pub struct Discover<R: Reader> {
    page: Url,
    relations: Vec<Cow<'static, str>>,
    fields: Vec<TargetField>,
    reader: R,
    page_accept: HeaderValue,
    scheme_rule: SchemeRule,
    time: Duration,
    state: State,
    trace: Trace,
    /// When the time is over, on the monotonic clock.
    deadline: Duration,
}

impl<R: Reader> Discover<R> {
    /// Looks for links with these relations on the page, the preferred relation first, and for a
    /// document behind them that the reader accepts.
    ///
    /// Plain `http` is asked on loopback only, and all of it may take 30 seconds.
    pub fn new<T: Into<Cow<'static, str>>>(
        mut page: Url,
        relations: impl IntoIterator<Item = T>,
        reader: R,
    ) -> Self {
        page.set_fragment(None);
        Self {
            page,
            relations: relations.into_iter().map(Into::into).collect(),
            fields: Vec::new(),
            reader,
            page_accept: HeaderValue::from_static(
                "text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
            ),
            scheme_rule: SchemeRule::default(),
            time: Duration::from_secs(30),
            state: State::Begin,
            trace: Trace::default(),
            deadline: Duration::ZERO,
        }
    }

    /// Takes a header field for links as well: its value is a list of URLs with commas between, each
    /// the target of a link with this relation. Where the relation stands among the others, and behind
    /// a `Link` field that has it, these links stand.
    ///
    /// ```
    /// use http::{HeaderName, HeaderValue};
    /// use tent_discovery::{Discover, Document, ReadError, Reader, Via};
    /// use tent_flow::script::{Answer, Script};
    ///
    /// # struct Card;
    /// # impl Reader for Card {
    /// #     type Document = String;
    /// #     fn accept(&self, _: &str) -> HeaderValue { HeaderValue::from_static("text/plain") }
    /// #     fn read(&self, document: &Document<'_>) -> Result<String, ReadError> {
    /// #         Ok(str::from_utf8(document.response.body())?.to_owned())
    /// #     }
    /// # }
    /// let found = Discover::new("https://alice.example/".parse()?, ["card"], Card)
    ///     .with_target_field(HeaderName::from_static("card-at"), "card");
    /// let mut script = Script::new()
    ///     .on("HEAD", "https://alice.example/", Answer::status(200).header("card-at", "/a, /b"))
    ///     .on("GET", "https://alice.example/a", Answer::status(404))
    ///     .on("GET", "https://alice.example/b", Answer::status(200).body("I am Alice."));
    /// assert_eq!(script.run(found).unwrap().via, Via::TargetField);
    /// # Ok::<(), url::ParseError>(())
    /// ```
    #[must_use]
    pub fn with_target_field(
        mut self,
        name: HeaderName,
        relation: impl Into<Cow<'static, str>>,
    ) -> Self {
        let relation = relation.into();
        self.fields.push(TargetField { name, relation });
        self
    }

    /// Says which URLs may be asked.
    #[must_use]
    pub const fn with_scheme_rule(mut self, rule: SchemeRule) -> Self {
        self.scheme_rule = rule;
        self
    }

    /// Limits the time for all of it. No single request gets more than a third, so that one server
    /// that hangs leaves time to ask another.
    #[must_use]
    pub const fn with_timeout(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Sets the `Accept` header that the page is asked for with, instead of one that prefers HTML.
    #[must_use]
    pub fn with_page_accept(mut self, accept: HeaderValue) -> Self {
        self.page_accept = accept;
        self
    }
}

impl<R: Reader> Flow for Discover<R> {
    type Output = Result<Discovered<R::Document>, DiscoverError>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        match (mem::take(&mut self.state), input) {
            (State::Begin, _) => self.begin(now),
            (state, Input::Ready) => self.ask(now, state),
            (state, Input::Failed(error)) => self.failed(now, state, error),
            (State::Page { walk, head }, Input::Response(response)) => {
                self.page_answered(now, walk, head, &response)
            }
            (State::Document { walk, link, links }, Input::Response(response)) => {
                self.document_answered(now, walk, link, links, &response)
            }
        }
    }
}
