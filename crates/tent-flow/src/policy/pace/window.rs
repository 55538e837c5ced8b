//! A window of a server's limit: what is left, until when, and whose turn is when.

use std::time::Duration;

use super::RateLimit;
use crate::Moment;
use crate::policy::Limits;
use crate::policy::limits::{Reset, Said};

#[derive(Debug, Default)]
pub(super) struct Window {
    limit: Option<u64>,
    /// How long a window is, as far as was said or seen.
    length: Option<Duration>,
    remaining: Option<u64>,
    reset: Option<End>,
    /// The end of the window before, as the server names it.
    before: Option<Reset>,
    /// How many requests are under way, and how many have a time to go.
    pub(super) sent: u64,
    pub(super) booked: u64,
    /// When the next one may go, and when any may, on the monotonic clock.
    pub(super) next: Duration,
    pub(super) closed_until: Duration,
}

/// The end of the window.
#[derive(Debug, Clone, Copy)]
struct End {
    moment: Moment,
    /// As the server names it; none when it is reckoned from the window before.
    named: Option<Reset>,
}

/// When a request may go, and when the one after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) at: Duration,
    pub(super) next: Duration,
}

/// What comes of asking.
pub(super) enum Verdict {
    Go,
    Later(Slot),
    Closed(Duration),
}

impl Window {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            limit: self.limit,
            remaining: self.remaining,
            reset: self.reset.map(|end| end.moment),
            window: self.length,
        }
    }

    /// Begins a new window when the last one is over. Until the server tells when the new one ends, it
    /// is taken to have begun just now.
    pub(super) fn turn_over(&mut self, now: Moment) {
        let Some(end) = self.reset.filter(|end| end.moment.mono <= now.mono) else {
            return;
        };
        self.before = end.named.or(self.before);
        self.remaining = self.limit;
        self.next = self.next.min(now.mono);
        let length = self.length.filter(|_| self.limit.is_some());
        self.reset = length.map(|length| End {
            moment: now.after(length),
            named: None,
        });
    }

    pub(super) fn admit(&mut self, now: Moment, rule: RateLimit, booked: Option<Slot>) -> Verdict {
        if rule == RateLimit::Throw {
            return Verdict::Go;
        }
        if let Some(wait) = self.closed(now) {
            return Verdict::Closed(wait);
        }
        match (rule, booked) {
            (RateLimit::Pace(_), Some(slot)) if slot.at > now.mono => Verdict::Later(slot),
            (RateLimit::Pace(factor), booked) => self.pace(now, factor, booked.is_some()),
            _ => Verdict::Go,
        }
    }

    /// For how long the server takes nothing, as far as it said.
    fn closed(&self, now: Moment) -> Option<Duration> {
        let used_up = self.reset.filter(|_| self.remaining == Some(0));
        let until = used_up.map_or(Duration::ZERO, |end| end.moment.mono);
        let until = until.max(self.closed_until);
        (until > now.mono).then(|| until - now.mono)
    }

    /// Books the next time to go: what is left of the limit is spread over what is left of the window.
    fn pace(&mut self, now: Moment, factor: f64, its_time_came: bool) -> Verdict {
        let (Some(remaining), Some(end)) = (self.remaining, self.reset) else {
            return Verdict::Go;
        };
        let end = end.moment.mono; // it is not over, or else there would be a new one
        let left = end.saturating_sub(now.mono);
        let free = remaining.saturating_sub(self.sent);
        if its_time_came && free > 0 {
            return Verdict::Go;
        }
        let unbooked = free.saturating_sub(self.booked);
        if unbooked == 0 {
            // What is under way may be counted in what remains already: answers will tell.
            let may_be_more = self.sent > 0 && remaining > self.booked;
            let soon = left.div_f64(remaining as f64 + 1.0).max(LEAST_WAIT);
            return Verdict::Closed(if may_be_more { soon } else { left });
        }
        let at = self.next.max(now.mono);
        if at >= end {
            return Verdict::Closed(left);
        }
        let factor = if factor > 0.0 { factor } else { 1.0 };
        let gap = (end - at).as_secs_f64() / unbooked as f64 / factor;
        let gap = Duration::try_from_secs_f64(gap).unwrap_or(left);
        let next = at.saturating_add(gap);
        self.next = next;
        if at == now.mono {
            Verdict::Go
        } else {
            Verdict::Later(Slot { at, next })
        }
    }

    pub(super) fn learn(&mut self, now: Moment, said: Said) {
        self.limit = said.limit.or(self.limit);
        match said.reset {
            Some(reset) => self.learn_of_window(now, reset, said),
            None => match said.remaining {
                Some(remaining) => self.remaining = Some(remaining),
                None => self.count_one(),
            },
        }
        self.length = said.window.or(self.length);
    }

    fn learn_of_window(&mut self, now: Moment, reset: Reset, said: Said) {
        let moment = now.after(reset.left);
        let named = Some(reset);
        if self.before.is_some_and(|before| reset.is_no_later(before)) {
            return; // it was under way when the window ended
        }
        if reset.left.is_zero() {
            self.before = named;
            self.reset = None;
            self.remaining = None;
            return;
        }
        match self.reset {
            Some(End {
                moment: known,
                named: Some(current),
            }) if reset.is_no_later(current) => {
                // An answer that was overtaken says that more is left than there is.
                match (said.remaining, self.remaining) {
                    (Some(said), Some(known)) => self.remaining = Some(said.min(known)),
                    (Some(said), None) => self.remaining = Some(said),
                    (None, _) => self.count_one(),
                }
                if moment.mono < known.mono {
                    self.reset = Some(End { moment, named });
                }
            }
            known => {
                self.before = known.and_then(|end| end.named).or(self.before);
                self.remaining = said.remaining;
                self.reset = Some(End { moment, named });
                self.length = self.length.max(Some(reset.left));
            }
        }
    }

    pub(super) const fn count_one(&mut self) {
        if let Some(remaining) = self.remaining {
            self.remaining = Some(remaining.saturating_sub(1));
        }
    }
}

/// So that no caller asks again and again within one moment.
const LEAST_WAIT: Duration = Duration::from_millis(1);
