//! What the flow says and what it makes of the answers.

use std::{mem, vec};

use bytes::Bytes;
use http::header::ACCEPT;
use http::{Method, Response};
use tent_flow::sink::Memory;
use tent_flow::{Delivery, Moment, Request, Step, TransportError, TransportErrorKind};
use url::Url;

use super::page::{Candidate, Candidates};
use super::walk::Walk;
use super::{
    Discover, DiscoverError, DiscoverFailure, Discovered, MAX_DOCUMENT, NotRead, Unreadable,
};
use crate::html_link::{self, HeadSink};
use crate::reader::{Document, Reader};
use crate::trace::{Answer, Finding, TraceStep, chain};

type Next<R> = Step<Result<Discovered<<R as Reader>::Document>, DiscoverError>>;

/// What was asked last.
#[derive(Debug, Default)]
#[expect(
    clippy::large_enum_variant,
    reason = "a discovery has one state, which is moved a few times"
)]
pub(super) enum State {
    /// Nothing.
    #[default]
    Begin,
    /// The page.
    Page {
        walk: Walk,
        /// What came for `HEAD`, when this is the `GET`.
        head: Option<Answer>,
    },
    /// What a link leads to.
    Document {
        walk: Walk,
        link: Candidate,
        links: Links,
    },
}

/// The other links of the page.
#[derive(Debug)]
pub(super) struct Links {
    page: Url,
    untried: vec::IntoIter<Candidate>,
    refused: Vec<Unreadable>,
}

impl<R: Reader> Discover<R> {
    pub(super) fn begin(&mut self, now: Moment) -> Next<R> {
        self.deadline = now.mono.saturating_add(self.time);
        match self.scheme_rule.check(&self.page) {
            Ok(()) => self.ask_page(now, None),
            Err(refused) => self.fail(DiscoverFailure::Refused(refused)),
        }
    }

    fn ask_page(&mut self, now: Moment, head: Option<Answer>) -> Next<R> {
        let method = if head.is_none() {
            Method::HEAD
        } else {
            Method::GET
        };
        let walk = Walk::new(method, self.page.clone());
        self.ask(now, State::Page { walk, head })
    }

    fn ask_next(&mut self, now: Moment, mut links: Links) -> Next<R> {
        match links.untried.next() {
            Some(link) => {
                let walk = Walk::new(Method::GET, link.url.clone());
                self.ask(now, State::Document { walk, link, links })
            }
            None => self.fail(links.failure()),
        }
    }

    /// Sends the request of a state, unless the time is over.
    pub(super) fn ask(&mut self, now: Moment, state: State) -> Next<R> {
        let (walk, accept) = match &state {
            State::Begin => return self.begin(now),
            State::Page { walk, .. } => (walk, self.page_accept.clone()),
            State::Document { walk, link, .. } => (walk, self.reader.accept(&link.relation)),
        };
        let left = self.deadline.saturating_sub(now.mono);
        if left.is_zero() {
            let over = TransportError::new(TransportErrorKind::Timeout, Delivery::NotSent);
            return self.failed(now, state, over);
        }
        let request = Request::new(walk.method.clone(), walk.url.clone())
            .with_header(ACCEPT, accept)
            .with_timeout(left.min(self.time / 3));
        let step = match state {
            State::Document { .. } => Step::send(request, Memory::with_limit(MAX_DOCUMENT)),
            State::Begin | State::Page { .. } => Step::send(request, HeadSink::new()),
        };
        self.state = state;
        step
    }

    pub(super) fn failed(&mut self, now: Moment, state: State, error: TransportError) -> Next<R> {
        let answer = Answer::Nothing(chain(&error));
        match state {
            State::Begin => self.begin(now),
            State::Page { walk, head } => {
                self.trace.push(walk.trace(answer.clone()));
                // What never left will not leave a second time.
                let is_hopeless = error.delivery() == Delivery::NotSent && walk.is_at_start();
                if head.is_none() && !is_hopeless {
                    return self.ask_page(now, Some(answer));
                }
                self.fail(DiscoverFailure::Unreachable {
                    url: walk.url,
                    source: error,
                })
            }
            State::Document { walk, link, links } => {
                self.trace.push(walk.trace(answer));
                self.refuse(now, link, links, NotRead::Transport(error))
            }
        }
    }

    pub(super) fn page_answered(
        &mut self,
        now: Moment,
        mut walk: Walk,
        head: Option<Answer>,
        response: &Response<Bytes>,
    ) -> Next<R> {
        let answer = Answer::Status(response.status());
        let mut step = walk.trace(answer.clone());
        let followed = walk.follow(self.scheme_rule, response, &mut step);
        let found = match followed {
            Ok(false) => self.find(&walk, response, &mut step),
            _ => Vec::new(),
        };
        self.trace.push(step);
        match (followed, head) {
            (Ok(true), head) => self.ask(now, State::Page { walk, head }),
            (Ok(false), _) if !found.is_empty() => {
                let links = Links {
                    page: walk.url,
                    untried: found.into_iter(),
                    refused: Vec::new(),
                };
                self.ask_next(now, links)
            }
            (_, None) => self.ask_page(now, Some(answer)),
            (Ok(false), Some(head)) => {
                let (url, get) = (self.page.clone(), answer);
                self.fail(DiscoverFailure::NoLink { url, head, get })
            }
            (Err(source), Some(_)) => {
                let url = walk.url;
                self.fail(DiscoverFailure::Redirect { url, source })
            }
        }
    }

    /// The links of a page, from its header or else from its HTML.
    fn find(
        &self,
        walk: &Walk,
        response: &Response<Bytes>,
        step: &mut TraceStep,
    ) -> Vec<Candidate> {
        let mut candidates = Candidates {
            rule: self.scheme_rule,
            relations: &self.relations,
            fields: &self.fields,
            page: &walk.url,
            locate: &|relation, target| self.reader.locate(relation, target),
            step,
            found: Vec::new(),
        };
        if response.status().is_success() {
            candidates.in_header(response.headers());
            if candidates.found.is_empty() && walk.method == Method::GET {
                if html_link::is_html(response.headers()) {
                    candidates.in_html(response.body());
                } else {
                    candidates.step.note(Finding::NotHtml);
                }
            }
        }
        if candidates.found.is_empty() {
            candidates.step.note(Finding::NoLink);
        }
        candidates.found
    }

    pub(super) fn document_answered(
        &mut self,
        now: Moment,
        mut walk: Walk,
        link: Candidate,
        links: Links,
        response: &Response<Bytes>,
    ) -> Next<R> {
        let mut step = walk.trace(Answer::Status(response.status()));
        let followed = walk.follow(self.scheme_rule, response, &mut step);
        let read = match followed {
            Ok(true) => {
                self.trace.push(step);
                return self.ask(now, State::Document { walk, link, links });
            }
            Err(refused) => Err(NotRead::Redirect(refused)),
            Ok(false) if !response.status().is_success() => Err(NotRead::Status(response.status())),
            Ok(false) => self.read(&walk.url, &link, response, &mut step),
        };
        self.trace.push(step);
        match read {
            Ok(document) => Step::Done(Ok(Discovered {
                document,
                url: walk.url,
                page: links.page,
                relation: link.relation,
                via: link.via,
                trace: mem::take(&mut self.trace),
            })),
            Err(why) => self.refuse(now, link, links, why),
        }
    }

    fn read(
        &self,
        url: &Url,
        link: &Candidate,
        response: &Response<Bytes>,
        step: &mut TraceStep,
    ) -> Result<R::Document, NotRead> {
        let read = self.reader.read(&Document {
            relation: &link.relation,
            url,
            response,
        });
        step.note(match &read {
            Ok(_) => Finding::Read,
            Err(error) => Finding::Unreadable(chain(error.as_ref())),
        });
        read.map_err(NotRead::Document)
    }

    /// Writes down what is wrong with a link, and goes on to the next.
    fn refuse(&mut self, now: Moment, link: Candidate, mut links: Links, why: NotRead) -> Next<R> {
        links.refused.push(Unreadable { url: link.url, why });
        self.ask_next(now, links)
    }

    fn fail(&mut self, failure: DiscoverFailure) -> Next<R> {
        let trace = mem::take(&mut self.trace);
        Step::Done(Err(DiscoverError::new(failure, trace)))
    }
}

impl Links {
    /// Why none of them led to a document.
    fn failure(mut self) -> DiscoverFailure {
        let is_silent = self.refused.iter().all(|link| link.why.is_silence());
        if is_silent && !self.refused.is_empty() {
            let first = self.refused.swap_remove(0); // there is one
            if let NotRead::Transport(source) = first.why {
                let url = first.url;
                return DiscoverFailure::Unreachable { url, source };
            }
        }
        DiscoverFailure::NoneReadable {
            url: self.page,
            links: self.refused,
        }
    }
}
