//! Replaying.

use std::time::Duration;

use http::Method;
use tent_flow::{Effect, Flow, Input, Moment, Request, Series, Sink, Step, TransportError};

use super::difference::{difference, is_same};
use super::{Cassette, Exchange};

/// A flow that hears what was recorded; [`Cassette::replay`] makes one.
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct Replaying<F> {
    flow: F,
    cassette: Cassette,
    now: Option<Moment>,
}

impl<F> Replaying<F> {
    pub(super) const fn new(flow: F, cassette: Cassette) -> Self {
        Self {
            flow,
            cassette,
            now: None,
        }
    }
}

impl<F: Flow> Flow for Replaying<F> {
    type Output = F::Output;

    fn step(&mut self, _now: Moment, mut input: Input) -> Step<F::Output> {
        // The clock is that of the recording, and stands still but for waits.
        let mut now = self.now.unwrap_or_else(|| self.cassette.begins());
        loop {
            input = match self.flow.step(now, input) {
                Step::Do(Effect::Wait(time)) => {
                    now = now.after(time);
                    Input::Ready
                }
                Step::Do(Effect::Send(request, sink)) => {
                    let exchange = self.cassette.find(&request);
                    let late = exchange.at.saturating_sub(now.epoch_seconds());
                    now = now.after(Duration::from_secs(late));
                    hear(&exchange, &request.method, sink)
                }
                step => {
                    self.now = Some(now);
                    return step;
                }
            };
            self.now = Some(now);
        }
    }
}

fn hear(exchange: &Exchange, method: &Method, mut sink: Box<dyn Sink>) -> Input {
    let Some(answer) = &exchange.answer else {
        let failure = exchange.failure.as_ref();
        let error = failure.map_or_else(
            || TransportError::broken("nothing was recorded"),
            super::RecordedFailure::error,
        );
        return Input::Failed(error);
    };
    let (head, body) = answer.response().into_parts();
    sink.begin(&head);
    let has_body = method != Method::HEAD && !body.is_empty();
    let taken = if has_body {
        sink.chunk(&body).map(|_| ())
    } else {
        Ok(())
    };
    match taken.and_then(|()| sink.finish()) {
        Ok(kept) => Input::Response(http::Response::from_parts(head, kept)),
        Err(error) => Input::Failed(TransportError::from_sink(error)),
    }
}

impl Cassette {
    /// The time of the next exchange, or of the last.
    fn begins(&self) -> Moment {
        let tape = self.tape();
        let next = tape.played.iter().position(|played| !played);
        let exchange = next.map_or(tape.exchanges.last(), |next| tape.exchanges.get(next));
        Moment::at_epoch_seconds(exchange.map_or(0, |exchange| exchange.at))
    }

    /// Takes the first exchange that was recorded for this request, and not replayed yet.
    fn find(&self, request: &Request) -> Exchange {
        let asked = self.request(request);
        let mut tape = self.tape();
        let left = |played: &[bool]| {
            let left = played.iter().enumerate().filter(|(_, played)| !**played);
            left.map(|(index, _)| index).collect::<Vec<_>>()
        };
        let left = left(&tape.played);
        let exchanges = &tape.exchanges;
        let found = left
            .iter()
            .find(|index| is_same(&exchanges[**index].request, &asked));
        if let Some(&index) = found {
            tape.played[index] = true;
            return tape.exchanges[index].clone();
        }
        match left.first() {
            Some(&next) => {
                let difference = difference(&exchanges[next].request, &asked);
                panic!("the flow asks for something else than was recorded\n{difference}")
            }
            None => panic!("all that was recorded is replayed, but the flow asks\n  {asked}"),
        }
    }
}

/// A list whose pages are as they were recorded; [`Cassette::replay_series`] makes one.
#[derive(Debug)]
pub struct ReplayingSeries<S> {
    series: S,
    cassette: Cassette,
}

impl<S> ReplayingSeries<S> {
    pub(super) const fn new(series: S, cassette: Cassette) -> Self {
        Self { series, cassette }
    }
}

impl<S: Series> Series for ReplayingSeries<S> {
    type Item = S::Item;
    type Error = S::Error;
    type Flow = Replaying<S::Flow>;

    fn next(&mut self) -> Option<Self::Flow> {
        let flow = self.series.next()?;
        Some(self.cassette.replay(flow))
    }

    fn take(&mut self, page: <S::Flow as Flow>::Output) -> Result<Vec<S::Item>, S::Error> {
        self.series.take(page)
    }
}
