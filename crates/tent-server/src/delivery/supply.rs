//! What is taken from the queue, and read, before there is a place to send it.

mod ask;

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::mem;
use std::time::Duration;

use tokio::time::Instant;

use super::Context;
use super::places::MOST_TO_ONE;
use super::worker::Answer;
use crate::storage::{Delivery, Outgoing};

/// How many are leased.
pub(super) const LEASED: usize = 512;
/// How many of them may be for one server when more are taken.
const CROWDED: usize = 32;
/// How many are read at a time.
const READ: usize = 64;
/// For how long what was read is sent: it may be changed or deleted meanwhile.
const FRESH: Duration = Duration::from_secs(1);

/// What is leased and not sent yet.
#[derive(Default)]
pub(super) struct Supply {
    /// What is not read yet, in the order in which it became due.
    waiting: VecDeque<Delivery>,
    ready: VecDeque<Ready>,
    /// How much of both is for each origin.
    counts: HashMap<String, usize>,
    /// The sum of these, but no more for one origin than makes it crowded.
    spread: usize,
    rest: Rest,
    /// Whether more is being leased, or some is being read.
    leasing: bool,
    reading: bool,
    /// Whether something was queued since more is being leased.
    outdated: bool,
}

struct Ready {
    delivery: Delivery,
    outgoing: Outgoing,
    read_at: Instant,
}

/// What is known of the queue beyond what is leased.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Rest {
    #[default]
    Unknown,
    /// Something is due, unless others have taken it.
    More,
    /// Nothing is due but for these origins.
    Crowded(Vec<String>),
    /// The next is due then, in epoch seconds.
    Later(i64),
    /// There is none.
    Nothing,
}

/// What was leased, and what is known of the rest.
pub(super) type Lease = (Vec<Delivery>, Rest);

impl Supply {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.ready.is_empty()
    }

    /// Lets go of all, which is still leased.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.ready.clear();
        self.counts.clear();
        self.spread = 0;
    }

    /// Lets go of what is for this server.
    pub(super) fn clear_of(&mut self, origin: &str) {
        self.waiting.retain(|delivery| delivery.origin != origin);
        self.ready.retain(|ready| ready.delivery.origin != origin);
        self.spread -= self.counts.remove(origin).unwrap_or_default().min(CROWDED);
    }

    fn count(&mut self, origin: &str) {
        let count = match self.counts.get_mut(origin) {
            Some(count) => count,
            None => self.counts.entry(origin.to_owned()).or_default(),
        };
        *count += 1;
        self.spread += usize::from(*count <= CROWDED);
    }

    /// One is no longer here.
    fn discount(&mut self, origin: &str) {
        let Some(count) = self.counts.get_mut(origin) else {
            return; // it was let go of, while it was being read
        };
        self.spread -= usize::from(*count <= CROWDED);
        *count -= 1;
        if *count == 0 {
            self.counts.remove(origin);
        }
    }

    /// The queue is another than it was.
    pub(super) fn changed(&mut self) {
        self.rest = Rest::Unknown;
        self.outdated = self.leasing;
    }

    /// What became of attempts is noted: some may be due again.
    pub(super) fn noted(&mut self) {
        self.outdated = self.leasing;
        if matches!(self.rest, Rest::Later(_) | Rest::Nothing) {
            self.rest = Rest::Unknown;
        }
    }

    /// How long until the next is due, when that is what is waited for.
    pub(super) fn pause(&self, now: i64) -> Option<Duration> {
        match self.rest {
            Rest::Later(at) => Some(Duration::from_secs(
                at.saturating_sub(now).max(0).unsigned_abs(),
            )),
            _ => None,
        }
    }

    /// Leases more, unless that is under way, or there is enough, or none.
    pub(super) fn lease(
        &mut self,
        context: &Context,
    ) -> Option<impl Future<Output = Answer> + use<>> {
        if self.leasing || self.spread > LEASED / 2 {
            return None;
        }
        let crowded = self.crowded();
        let is_sure = match &self.rest {
            Rest::Crowded(but) if *but == crowded => return None,
            Rest::Later(_) | Rest::Nothing => return None,
            Rest::Crowded(_) | Rest::Unknown => false,
            Rest::More => true,
        };
        self.leasing = true;
        let (context, room) = (context.clone(), LEASED - self.spread);
        Some(async move { Answer::Leased(ask::lease(&context, room, crowded, is_sure).await) })
    }

    /// Takes what was leased.
    pub(super) fn leased(&mut self, lease: Option<Lease>) {
        self.leasing = false;
        let is_outdated = mem::take(&mut self.outdated);
        let Some((leased, rest)) = lease else {
            return;
        };
        for delivery in leased {
            self.count(&delivery.origin);
            self.waiting.push_back(delivery);
        }
        if !is_outdated || rest == Rest::More {
            self.rest = rest;
        }
    }

    /// Reads some of what waits, unless that is under way, or enough is ready: no more for one server
    /// than it is sent at a time.
    pub(super) fn read(
        &mut self,
        context: &Context,
    ) -> Option<impl Future<Output = Answer> + use<>> {
        if self.reading || self.ready.len() >= READ / 2 {
            return None;
        }
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for ready in &self.ready {
            *counts.entry(&ready.delivery.origin).or_default() += 1;
        }
        let mut room = READ - self.ready.len();
        let chosen = self.waiting.iter().map(|delivery| {
            let count = counts.entry(&delivery.origin).or_default();
            let is_chosen = room > 0 && *count < MOST_TO_ONE;
            *count += usize::from(is_chosen);
            room -= usize::from(is_chosen);
            is_chosen
        });
        let mut chosen = chosen.collect::<Vec<_>>().into_iter();
        let (chosen, waiting) = mem::take(&mut self.waiting)
            .into_iter()
            .partition::<VecDeque<_>, _>(|_| chosen.next().unwrap_or_default());
        self.waiting = waiting;
        if chosen.is_empty() {
            return None;
        }
        self.reading = true;
        Some(ask::read(context.clone(), chosen.into()))
    }

    /// Takes what was read, and gives back what is not needed anymore.
    pub(super) fn ready(&mut self, read: Vec<(Delivery, Option<Outgoing>)>) -> Vec<Delivery> {
        self.reading = false;
        let (read_at, mut done) = (Instant::now(), Vec::new());
        for (delivery, outgoing) in read {
            match outgoing {
                Some(outgoing) => self.ready.push_back(Ready {
                    delivery,
                    outgoing,
                    read_at,
                }),
                None => {
                    self.discount(&delivery.origin);
                    done.push(delivery);
                }
            }
        }
        done
    }

    /// Gives what can be sent, in the order in which it became due, each with the place that there is
    /// for it. What was read too long ago is read again.
    pub(super) fn take<P>(
        &mut self,
        mut place: impl FnMut(&str) -> Option<P>,
    ) -> Vec<(Delivery, Outgoing, P)> {
        let (mut taken, mut stale) = (Vec::new(), VecDeque::new());
        for ready in mem::take(&mut self.ready) {
            if ready.read_at.elapsed() > FRESH {
                stale.push_back(ready.delivery);
            } else if let Some(place) = place(&ready.delivery.origin) {
                self.discount(&ready.delivery.origin);
                taken.push((ready.delivery, ready.outgoing, place));
            } else {
                self.ready.push_back(ready);
            }
        }
        if !stale.is_empty() {
            stale.append(&mut self.waiting);
            self.waiting = stale;
        }
        taken
    }

    /// The origins for which enough is leased.
    fn crowded(&self) -> Vec<String> {
        let crowded = self.counts.iter().filter(|(_, count)| **count >= CROWDED);
        let mut crowded: Vec<_> = crowded.map(|(origin, _)| origin.clone()).collect();
        crowded.sort_unstable();
        crowded
    }
}

#[cfg(test)]
mod tests;
