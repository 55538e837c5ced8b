//! Redirects: followed, counted, checked (docs/protocol.md §2.7).

use std::mem;

use bytes::Bytes;
use http::header::LOCATION;
use http::{Method, Response, StatusCode};
use tent_flow::{SchemeRule, UrlRefused, is_loopback};
use url::Url;

use super::{MAX_REDIRECTS, RedirectRefused};
use crate::trace::{Answer, Finding, TraceStep};

/// A request and where it was redirected so far.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) method: Method,
    pub(super) url: Url,
    /// Where it was before, first to last.
    passed: Vec<Url>,
}

impl Walk {
    pub(super) const fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            passed: Vec::new(),
        }
    }

    /// Whether nothing redirected it yet.
    pub(super) const fn is_at_start(&self) -> bool {
        self.passed.is_empty()
    }

    /// What was asked and came, for the trace.
    pub(super) fn trace(&self, answer: Answer) -> TraceStep {
        TraceStep::new(self.method.clone(), self.url.clone(), answer)
    }

    /// Goes where the answer sends it; `false` when the answer is none that sends elsewhere.
    pub(super) fn follow(
        &mut self,
        rule: SchemeRule,
        response: &Response<Bytes>,
        step: &mut TraceStep,
    ) -> Result<bool, RedirectRefused> {
        let followed = self.go(rule, response);
        match &followed {
            Ok(true) => step.note(Finding::Redirect(self.url.clone())),
            Ok(false) => {}
            Err(refused) => step.note(Finding::RedirectRefused(refused.clone())),
        }
        followed
    }

    fn go(
        &mut self,
        rule: SchemeRule,
        response: &Response<Bytes>,
    ) -> Result<bool, RedirectRefused> {
        if !matches!(
            response.status(),
            StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT
        ) {
            return Ok(false);
        }
        let location = response
            .headers()
            .get(LOCATION)
            .ok_or(RedirectRefused::NoLocation)?;
        let location = String::from_utf8_lossy(location.as_bytes());
        let mut url = self.url.join(&location)?;
        url.set_fragment(None);
        check(rule, &self.url, &url)?;
        if url == self.url || self.passed.contains(&url) {
            return Err(RedirectRefused::Loop);
        }
        if self.passed.len() >= MAX_REDIRECTS {
            return Err(RedirectRefused::TooMany);
        }
        self.passed.push(mem::replace(&mut self.url, url));
        Ok(true)
    }
}

/// Says whether one may go on from a URL to another: the rule allows it, and TLS is not given up on
/// the way, which a page anywhere could ask for to reach into this machine.
pub(super) fn check(rule: SchemeRule, from: &Url, to: &Url) -> Result<(), UrlRefused> {
    rule.check(to)?;
    let gives_up_tls = from.scheme() == "https" && to.scheme() == "http";
    if gives_up_tls && rule != SchemeRule::HttpAnywhere && !is_loopback(from) {
        let host = to.host_str().unwrap_or_default();
        return Err(UrlRefused::Plaintext(host.to_owned()));
    }
    Ok(())
}
