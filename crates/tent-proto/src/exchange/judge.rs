//! What an answer means.

use bytes::Bytes;
use http::header::{DATE, LOCATION};
use http::{HeaderMap, Method, Response, StatusCode};
use tent_flow::policy::{RateLimit, Turn, retry_after};
use tent_flow::{Moment, Step};
use tracing::debug;
use url::Url;

use super::Exchange;
use crate::call::Call;
use crate::{CallError, Refusal, Unconfirmed};

/// How many redirects of one call are followed.
const MOST_REDIRECTS: u32 = 5;

impl<C: Call> Exchange<C> {
    pub(super) fn judge(
        &mut self,
        now: Moment,
        turn: Turn,
        answer: Response<Bytes>,
    ) -> Step<Result<C::Answer, CallError>> {
        let status = answer.status();
        let asked = turn.answered(now, status, answer.headers());
        self.servers.note_clock(self.index, now, answer.headers());
        self.heard = true;
        if is_failure(status) {
            return self.judge_server_failure(now, answer);
        }
        self.servers.answered(self.index);
        if self.call.accepts(status) {
            return Step::Done(self.read(answer));
        }
        if let Some(url) = self.where_to(&answer) {
            self.count.redirects += 1;
            debug!(%url, "follows a redirect to");
            self.redirected = Some(Box::new(url));
            return self.ask_anew(now);
        }
        let may_be_repaired = status == StatusCode::UNAUTHORIZED
            && !self.count.repaired
            && answer.headers().contains_key(DATE);
        let refusal = match self.refusal(answer) {
            Ok(refusal) => refusal,
            Err(error) => return Step::Done(Err(error)),
        };
        if may_be_repaired
            && refusal.is_stale_timestamp()
            && self.servers.follow_its_clock(self.index)
        {
            self.count.repaired = true;
            debug!("signs by the server's clock");
            return self.ask_anew(now);
        }
        let waits = self.session.policy().rate_limit != RateLimit::Throw;
        if status == StatusCode::TOO_MANY_REQUESTS && waits {
            return self.judge_too_many(now, asked, refusal);
        }
        Step::Done(Err(CallError::Refused(refusal)))
    }

    fn read(&self, answer: Response<Bytes>) -> Result<C::Answer, CallError> {
        let read = self.call.answer(self.server()?, answer);
        read.map_err(|cause| match self.may_be_repeated() {
            true => self.not_understood(cause),
            false => self.outcome_unknown(Unconfirmed::Unreadable(cause)),
        })
    }

    fn refusal(&self, answer: Response<Bytes>) -> Result<Box<Refusal>, CallError> {
        let request = self.call.request(self.server()?)?;
        let url = self.redirected.as_deref().cloned();
        let refusal = Refusal::new(request.method, url.unwrap_or(request.url), answer);
        Ok(Box::new(refusal))
    }

    /// The server failed, or has no time. It is rested, and others are asked, unless it may have done what
    /// was asked and that may not be done twice.
    ///
    /// A `503` with `Retry-After` is no exception: proxies say so when an answer did not come in time.
    fn judge_server_failure(
        &mut self,
        now: Moment,
        answer: Response<Bytes>,
    ) -> Step<Result<C::Answer, CallError>> {
        let asked = retry_after(answer.headers(), now);
        self.servers.failed(self.index, now, asked);
        let may_be_repeated = self.may_be_repeated();
        if may_be_repeated && self.may_turn_to_another() {
            return self.choose(now);
        }
        match self.refusal(answer) {
            Ok(refusal) if !may_be_repeated => {
                Step::Done(Err(self.outcome_unknown(Unconfirmed::Failed(refusal))))
            }
            Ok(refusal) => self.try_again(now, asked, CallError::Refused(refusal)),
            Err(error) => Step::Done(Err(error)),
        }
    }

    /// It was too much. Nothing was done, so that any call can be made again.
    fn judge_too_many(
        &mut self,
        now: Moment,
        asked: Option<std::time::Duration>,
        refusal: Box<Refusal>,
    ) -> Step<Result<C::Answer, CallError>> {
        let wait = asked.unwrap_or_else(|| {
            let retry = self.session.policy().retry;
            let wait = retry.back_off(self.count.refusals, self.session.random(now));
            self.count.refusals = self.count.refusals.saturating_add(1);
            wait
        });
        match self.session.limiter(&self.servers, self.index) {
            Some(limiter) => self.queue(wait, limiter.turn(), Some(refusal)),
            None => Step::Done(Err(CallError::Refused(refusal))),
        }
    }

    /// Where the answer redirects to, if the call follows.
    fn where_to(&self, answer: &Response<Bytes>) -> Option<Url> {
        let is_redirect = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
        if !is_redirect || self.count.redirects == MOST_REDIRECTS {
            return None;
        }
        let server = self.server().ok()?;
        let request = self.call.request(server).ok()?;
        let base = self.redirected.as_deref().unwrap_or(&request.url);
        let url = target(answer.headers(), base)?;
        let is_safe = matches!(request.method, Method::GET | Method::HEAD);
        (is_safe && self.session.check(server, &url).is_ok()).then_some(url)
    }
}

/// Whether the server, or a proxy before it, failed, perhaps after it did what was asked. `501` and `507`
/// are answers: nothing was done, and doing it again unasked helps nobody (RFC 9110 §15.6.2, RFC 4918
/// §11.5).
fn is_failure(status: StatusCode) -> bool {
    let is_answer = matches!(
        status,
        StatusCode::NOT_IMPLEMENTED | StatusCode::INSUFFICIENT_STORAGE
    );
    status.is_server_error() && !is_answer
}

fn target(headers: &HeaderMap, base: &Url) -> Option<Url> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let mut url = base.join(location).ok()?;
    url.set_fragment(None);
    (url.username().is_empty() && url.password().is_none()).then_some(url)
}
