//! How often a feed asks.

use std::time::Duration;

/// The pause before the next round: short after something came, ever longer while nothing does.
#[derive(Debug)]
pub(super) struct Rhythm {
    least: Duration,
    most: Duration,
    /// `None` before the first round.
    next: Option<Duration>,
    /// For how long a server wants to be left alone.
    asked: Duration,
}

impl Rhythm {
    pub(super) fn new(least: Duration, most: Duration) -> Self {
        Self {
            least,
            most: most.max(least),
            next: None,
            asked: Duration::ZERO,
        }
    }

    /// How long to wait now, if at all.
    pub(super) fn pause(&mut self) -> Option<Duration> {
        let asked = std::mem::take(&mut self.asked);
        let pause = self.next?;
        Some(pause.max(asked))
    }

    pub(super) fn came(&mut self) {
        self.next = Some(self.least);
    }

    pub(super) fn quiet(&mut self) {
        let next = self.next.map_or(self.least, |next| next * 3 / 2);
        self.next = Some(next.clamp(self.least, self.most));
    }

    pub(super) fn failed(&mut self, asked: Duration) {
        let next = self.next.map_or(self.least, |next| next * 2);
        self.next = Some(next.clamp(self.least, self.most));
        self.asked = asked;
    }
}

impl Default for Rhythm {
    fn default() -> Self {
        Self::new(Duration::from_secs(2), Duration::from_secs(60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_within_bounds_and_shrink_at_once() {
        let second = Duration::from_secs(1);
        let mut rhythm = Rhythm::new(second, 3 * second);
        assert_eq!(rhythm.pause(), None);
        let mut after = |what: fn(&mut Rhythm)| {
            what(&mut rhythm);
            rhythm.pause().unwrap()
        };
        assert_eq!(after(Rhythm::quiet), second);
        assert_eq!(after(Rhythm::quiet), second * 3 / 2);
        for _ in 0..200 {
            after(Rhythm::quiet);
        }
        assert_eq!(after(Rhythm::quiet), 3 * second);
        assert_eq!(after(Rhythm::came), second);
        assert_eq!(after(|rhythm| rhythm.failed(Duration::ZERO)), 2 * second);
        assert_eq!(
            after(|rhythm| rhythm.failed(Duration::from_secs(9))),
            9 * second
        );
        assert_eq!(after(Rhythm::quiet), 3 * second);
    }
}
