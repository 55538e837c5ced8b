//! Asking once whether there is something new.

use std::time::Duration;

use tent_flow::{Flow, Input, Moment, Step, ready};

use crate::call::{Change, Conditional};
use crate::list::List;
use crate::page::Page;
use crate::{CallError, Exchange};

/// The flow that pauses, and then asks for a page of a [`Feed`](super::Feed).
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct Poll<L> {
    pause: Option<Duration>,
    asked: Option<Duration>,
    exchange: Exchange<Conditional<L>>,
}

/// What a [`Poll`] came to, for the feed to take.
#[derive(Debug)]
pub struct Polled<L: List> {
    /// When it was asked and when there was an answer, on the monotonic clock.
    pub(super) asked: Duration,
    pub(super) answered: Duration,
    pub(super) outcome: Result<Change<Page<L::Item, L>>, CallError>,
}

impl<L> Poll<L> {
    pub(super) const fn new(pause: Option<Duration>, exchange: Exchange<Conditional<L>>) -> Self {
        Self {
            pause,
            asked: None,
            exchange,
        }
    }
}

impl<L: List> Flow for Poll<L> {
    type Output = Polled<L>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Polled<L>> {
        if let Some(pause) = self.pause.take() {
            return Step::wait(pause);
        }
        let asked = *self.asked.get_or_insert(now.mono);
        let outcome = ready!(self.exchange.step(now, input));
        Step::Done(Polled {
            asked,
            answered: now.mono,
            outcome,
        })
    }
}
