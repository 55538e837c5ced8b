//! Making a call real: choosing a server, signing, sending, judging the answer.

use bytes::Bytes;
use http::{Response, StatusCode};
use tent_flow::{
    Delivery, Effect, Flow, Input, Moment, SchemeRule, Step, TransportError, TransportErrorKind,
};
use url::Url;

use crate::call::{Access, Call, Replay};
use crate::error::Refusal;
use crate::json::DecodeError;
use crate::mac::Stamp;
use crate::{BuildError, CallError, Server, Session};

/// The flow that makes one call.
///
/// Each attempt is signed anew, with the time of the step and a nonce of its own. The servers of the
/// entity are asked in their order, beginning with the one that answered last: another one is asked
/// when the request cannot have been received, or when sending it again is safe and there was no
/// answer, or one of 5xx but 501. What may have been received and may not be sent twice ends as
/// [`CallError::OutcomeUnknown`]. Redirects are not followed.
///
/// Source: `docs/protocol.md` §2.8 and §10.3.
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct Exchange<C> {
    session: Session,
    call: C,
    /// The server asked first.
    first: usize,
    /// How many were asked before the one that is asked now.
    asked: usize,
}

impl<C: Call> Flow for Exchange<C> {
    type Output = Result<C::Answer, CallError>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        match input {
            Input::Ready => self.send(now),
            Input::Response(answer) => self.judge(now, answer),
            Input::Failed(cause) => self.judge_failure(now, cause),
        }
    }
}

impl<C: Call> Exchange<C> {
    pub(crate) fn new(session: Session, call: C) -> Self {
        Self {
            first: session.preferred_server(),
            session,
            call,
            asked: 0,
        }
    }

    /// Says which schemes may be used, when not as the session says.
    pub(crate) fn with_scheme_rule(mut self, rule: SchemeRule) -> Self {
        self.session = self.session.with_scheme_rule(rule);
        self
    }

    /// Changes the call, which was not made yet.
    pub(crate) fn map_call(self, change: impl FnOnce(C) -> C) -> Self {
        Self {
            call: change(self.call),
            ..self
        }
    }

    pub(crate) const fn session(&self) -> &Session {
        &self.session
    }

    fn send(&self, now: Moment) -> Step<Result<C::Answer, CallError>> {
        match self.attempt(now) {
            Ok(effect) => Step::Do(effect),
            Err(error) => Step::Done(Err(error.into())),
        }
    }

    fn attempt(&self, now: Moment) -> Result<Effect, BuildError> {
        let server = self.server()?;
        let mut request = self.call.request(server)?;
        self.session.check(server, &request.url)?;
        let credentials = match self.call.access() {
            Access::Public => None,
            Access::Optional => self.session.signer(),
            Access::Signed => Some(self.session.signer().ok_or(BuildError::NoCredentials)?),
        };
        // Last of all, so that time and nonce are those of this attempt.
        if let Some((credentials, nonces)) = credentials {
            let nonce = nonces.next();
            let stamp = Stamp {
                timestamp: now.epoch_seconds(),
                nonce: nonce.as_str(),
            };
            let signed = credentials.sign_request(&mut request, stamp);
            signed.map_err(|_| BuildError::Header("Authorization"))?;
        }
        Ok(Effect::Send(request, self.call.sink()))
    }

    fn judge(
        &mut self,
        now: Moment,
        answer: Response<Bytes>,
    ) -> Step<Result<C::Answer, CallError>> {
        let status = answer.status();
        let is_busy = status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED;
        if is_busy && self.call.replay() == Replay::Always && self.turn_to_next() {
            return self.send(now);
        }
        self.session.prefer_server(self.index());
        Step::Done(if self.call.accepts(status) {
            self.read(answer)
        } else {
            self.refused(answer)
        })
    }

    fn read(&self, answer: Response<Bytes>) -> Result<C::Answer, CallError> {
        let read = self.call.answer(self.server()?, answer);
        read.map_err(|cause| self.not_understood(cause))
    }

    /// The error for an answer that lacks what it must have.
    pub(crate) fn not_understood(&self, cause: DecodeError) -> CallError {
        match self.url() {
            Ok(url) => CallError::Decode { url, cause },
            Err(error) => error.into(),
        }
    }

    fn refused(&self, answer: Response<Bytes>) -> Result<C::Answer, CallError> {
        // Built once more, only now that it is needed: a call that succeeds keeps no copy.
        let request = self.call.request(self.server()?)?;
        let refusal = Refusal::new(request.method, request.url, answer);
        Err(CallError::Refused(Box::new(refusal)))
    }

    fn judge_failure(
        &mut self,
        now: Moment,
        cause: TransportError,
    ) -> Step<Result<C::Answer, CallError>> {
        let is_safe = cause.delivery() == Delivery::NotSent || self.call.replay() == Replay::Always;
        let is_the_servers = !matches!(
            cause.kind(),
            TransportErrorKind::Source | TransportErrorKind::Sink | TransportErrorKind::TooLarge
        );
        if is_safe && is_the_servers && self.turn_to_next() {
            return self.send(now);
        }
        Step::Done(Err(match self.url() {
            Ok(url) if is_safe => CallError::NoAnswer { url, cause },
            Ok(url) => CallError::OutcomeUnknown { url, cause },
            Err(error) => error.into(),
        }))
    }

    /// Whether there is a server that was not asked yet.
    fn turn_to_next(&mut self) -> bool {
        self.asked += 1;
        let more = self.asked < self.session.servers().len();
        self.asked -= usize::from(!more);
        more
    }

    fn index(&self) -> usize {
        (self.first + self.asked) % self.session.servers().len().max(1)
    }

    fn server(&self) -> Result<&Server, BuildError> {
        let servers = self.session.servers();
        servers.get(self.index()).ok_or(BuildError::NoServer)
    }

    fn url(&self) -> Result<Box<Url>, BuildError> {
        Ok(Box::new(self.call.request(self.server()?)?.url))
    }
}
