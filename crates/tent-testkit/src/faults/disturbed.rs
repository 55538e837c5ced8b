//! Flows that meet faults.

use std::mem;
use std::ops::ControlFlow;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use tent_flow::sink::Memory;
use tent_flow::{
    Delivery, Effect, Flow, Input, Moment, Request, Series, Sink, Step, TransportError,
    TransportErrorKind,
};

use super::altered::{Altered, alter, feed};
use super::{Fault, Faults};

/// A flow that meets [`Faults`]; [`Faults::under`] makes one.
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct Disturbed<F> {
    flow: F,
    faults: Faults,
    stage: Stage,
}

type Sending = (Request, Box<dyn Sink>);

/// What the driver does next, or what the flow hears at once.
type Next = ControlFlow<Effect, Input>;

/// What the next input is about.
#[derive(Debug, Default)]
enum Stage {
    /// Whatever the flow asked for.
    #[default]
    Undisturbed,
    /// Late requests that arrive before the flow's own.
    Overtaken(Vec<Request>, Box<Sending>),
    /// The request, which takes its time.
    Delayed(Box<Sending>),
    /// The answer, to which this happens.
    Sent(Fault),
    /// A pause, after which this is what the flow hears.
    Paused(Input),
}

impl<F: Flow> Flow for Disturbed<F> {
    type Output = F::Output;

    fn step(&mut self, now: Moment, input: Input) -> Step<F::Output> {
        let mut input = match mem::take(&mut self.stage) {
            Stage::Undisturbed => input,
            Stage::Overtaken(late, sending) => match self.overtaken(late, sending) {
                ControlFlow::Break(effect) => return Step::Do(effect),
                ControlFlow::Continue(heard) => heard,
            },
            Stage::Delayed(sending) => return self.sent(*sending, Fault::None),
            Stage::Sent(fault) => match self.answered(fault, input) {
                ControlFlow::Break(wait) => return Step::wait(wait),
                ControlFlow::Continue(heard) => heard,
            },
            Stage::Paused(heard) => heard,
        };
        loop {
            let effect = match self.flow.step(self.faults.shift(now), input) {
                Step::Do(Effect::Send(request, sink)) => {
                    let late = self.faults.overtaken();
                    self.overtaken(late, Box::new((request, sink)))
                }
                step => return step,
            };
            input = match effect {
                ControlFlow::Break(effect) => return Step::Do(effect),
                ControlFlow::Continue(heard) => heard,
            };
        }
    }
}

impl<F: Flow> Disturbed<F> {
    pub(super) const fn new(flow: F, faults: Faults) -> Self {
        Self {
            flow,
            faults,
            stage: Stage::Undisturbed,
        }
    }

    /// Lets late requests arrive, and then turns to the flow's own.
    fn overtaken(&mut self, mut late: Vec<Request>, sending: Box<Sending>) -> Next {
        if late.is_empty() {
            return self.disturb(*sending);
        }
        let request = late.remove(0);
        self.stage = Stage::Overtaken(late, sending);
        ControlFlow::Break(unheard(request))
    }

    fn disturb(&mut self, (request, sink): Sending) -> Next {
        let fault = self.faults.next(&request.method, &request.url);
        let timeout = self.faults.timeout_of(&request);
        let heard = match fault {
            Fault::Delay(time) => {
                self.stage = Stage::Delayed(Box::new((request, sink)));
                return ControlFlow::Break(Effect::Wait(time));
            }
            Fault::Refused => TransportError::connect("nobody listens"),
            Fault::ResetBefore | Fault::ResetDuring => TransportError::broken("it was reset"),
            Fault::Silent => return ControlFlow::Break(self.unanswered(timeout)),
            Fault::Late(requests) => {
                self.faults.keep(requests, request);
                return ControlFlow::Break(self.unanswered(timeout));
            }
            Fault::Instead(response) => match feed(sink, &request.method, *response) {
                Ok(response) => return ControlFlow::Continue(Input::Response(response)),
                Err(error) => error,
            },
            fault => {
                let sink = Altered::new(sink, fault.clone(), &request.method);
                self.stage = Stage::Sent(fault);
                return ControlFlow::Break(Effect::Send(request, Box::new(sink)));
            }
        };
        ControlFlow::Continue(Input::Failed(heard))
    }

    fn sent(&mut self, (request, sink): Sending, fault: Fault) -> Step<F::Output> {
        self.stage = Stage::Sent(fault);
        Step::Do(Effect::Send(request, sink))
    }

    fn unanswered(&mut self, timeout: Duration) -> Effect {
        let error = TransportError::new(TransportErrorKind::Timeout, Delivery::Possible);
        self.stage = Stage::Paused(Input::Failed(error));
        Effect::Wait(timeout)
    }

    /// What the flow hears of an answer, or how long it takes until it does.
    fn answered(&mut self, fault: Fault, input: Input) -> ControlFlow<Duration, Input> {
        let Input::Response(response) = input else {
            return ControlFlow::Continue(input);
        };
        let (mut head, body) = response.into_parts();
        alter(&fault, &mut head);
        let response: Response<Bytes> = Response::from_parts(head, body);
        match fault {
            Fault::ResetAfter => broken("it was reset"),
            Fault::Truncated(_) => broken("it broke off"),
            Fault::SlowBody(time) => {
                self.stage = Stage::Paused(Input::Response(response));
                ControlFlow::Break(time)
            }
            _ => ControlFlow::Continue(Input::Response(response)),
        }
    }
}

fn broken<T>(why: &'static str) -> ControlFlow<T, Input> {
    ControlFlow::Continue(Input::Failed(TransportError::broken(why)))
}

/// Sends a request whose answer nobody waits for any more.
fn unheard(request: Request) -> Effect {
    Effect::Send(request, Box::new(Memory::with_limit(u64::MAX)))
}

/// A list whose pages meet [`Faults`]; [`Faults::under_series`] makes one.
#[derive(Debug)]
pub struct DisturbedSeries<S> {
    series: S,
    faults: Faults,
}

impl<S> DisturbedSeries<S> {
    pub(super) const fn new(series: S, faults: Faults) -> Self {
        Self { series, faults }
    }
}

impl<S: Series> Series for DisturbedSeries<S> {
    type Item = S::Item;
    type Error = S::Error;
    type Flow = Disturbed<S::Flow>;

    fn next(&mut self) -> Option<Self::Flow> {
        let flow = self.series.next()?;
        Some(self.faults.under(flow))
    }

    fn take(&mut self, page: <S::Flow as Flow>::Output) -> Result<Vec<S::Item>, S::Error> {
        self.series.take(page)
    }
}

/// The flow that lets late requests arrive, and says how many were answered; [`Faults::deliver`] makes
/// one.
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct Deliver {
    late: std::vec::IntoIter<Request>,
    answered: usize,
}

impl Deliver {
    pub(super) fn new(late: Vec<Request>) -> Self {
        Self {
            late: late.into_iter(),
            answered: 0,
        }
    }
}

impl Flow for Deliver {
    type Output = usize;

    fn step(&mut self, _now: Moment, input: Input) -> Step<usize> {
        self.answered += usize::from(matches!(input, Input::Response(_)));
        match self.late.next() {
            Some(request) => Step::Do(unheard(request)),
            None => Step::Done(self.answered),
        }
    }
}
