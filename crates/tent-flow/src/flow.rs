//! The contract between a conversation and whoever performs it.

use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::{Moment, Request, Sink, TransportError};

/// A conversation with servers that does no I/O: it says what to do next and is told how that went.
///
/// A driver calls [`step`](Self::step) first with [`Input::Ready`], performs the [`Effect`] it gets
/// back, and calls again with the outcome, until the flow is [`Step::Done`]. There is one method, so
/// nothing can be called in the wrong order. A flow that is done must not be stepped again; it may
/// panic if it is.
///
/// Flows own what they work on, so that any driver can move them to another thread or task.
pub trait Flow: Send + 'static {
    /// What the conversation comes to, usually a `Result`.
    type Output: Send + 'static;

    /// Takes the outcome of the last effect and says what to do next.
    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output>;
}

/// What a flow is told.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a flow must answer every input")]
pub enum Input {
    /// Begin; or, after [`Effect::Wait`], the time has passed.
    Ready,
    /// The whole answer has arrived. Its body is what the [`Sink`] kept.
    Response(Response<Bytes>),
    /// There was no whole answer.
    Failed(TransportError),
}

/// What a flow says.
#[derive(Debug)]
#[must_use = "an effect that nobody performs leaves the flow waiting"]
#[expect(clippy::exhaustive_enums, reason = "a driver must handle every step")]
#[expect(
    clippy::large_enum_variant,
    reason = "a request in a box is one allocation more for every call"
)]
pub enum Step<T> {
    /// Do this, then step again with the outcome.
    Do(Effect),
    /// The conversation is over.
    Done(T),
}

impl<T> Step<T> {
    /// The step that sends `request` and has its answer written into `sink`.
    pub fn send(request: Request, sink: impl Sink + 'static) -> Self {
        Self::Do(Effect::Send(request, Box::new(sink)))
    }

    /// The step that lets `time` pass.
    pub const fn wait(time: Duration) -> Self {
        Self::Do(Effect::Wait(time))
    }

    /// Changes what the flow comes to, and leaves effects alone.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Step<U> {
        match self {
            Self::Do(effect) => Step::Do(effect),
            Self::Done(output) => Step::Done(change(output)),
        }
    }
}

/// Something only a driver can do.
///
/// A driver that does not know an effect answers it with
/// [`TransportError::unsupported`](TransportError::unsupported).
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a request in a box is one allocation more for every call"
)]
#[non_exhaustive]
pub enum Effect {
    /// Send the request once, follow no redirect, and write the body of the answer into the sink,
    /// whatever its status is.
    Send(Request, Box<dyn Sink>),
    /// Let this much time pass.
    Wait(Duration),
}

/// Runs a sub-flow within a flow: hands its effects on, and evaluates to its output once it is done.
///
/// ```
/// use tent_flow::{Flow, Input, Moment, Step, ready};
///
/// /// Runs another flow and counts the characters of what it says.
/// struct Count<F>(F);
///
/// impl<F: Flow<Output = String>> Flow for Count<F> {
///     type Output = usize;
///
///     fn step(&mut self, now: Moment, input: Input) -> Step<usize> {
///         let text = ready!(self.0.step(now, input));
///         Step::Done(text.chars().count())
///     }
/// }
/// ```
#[macro_export]
macro_rules! ready {
    ($step:expr) => {
        match $step {
            $crate::Step::Do(effect) => return $crate::Step::Do(effect),
            $crate::Step::Done(output) => output,
        }
    };
}
