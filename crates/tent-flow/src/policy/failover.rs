//! Resting a server that failed.

use std::time::Duration;

use crate::Moment;

/// How a server is doing. One that failed is rested, at first for half a minute, then twice as long
/// each time, up to ten minutes; then it is tried again, by one caller, before the others come.
///
/// To rest is to come last: when all servers rest, they are asked all the same.
#[derive(Debug, Clone, Copy, Default)]
pub struct Health {
    failures: u32,
    /// On the monotonic clock, as all times here.
    rests_until: Duration,
}

const FIRST_REST: Duration = Duration::from_secs(30);
const LONGEST_REST: Duration = Duration::from_secs(600);

impl Health {
    /// Until when it rests, on the monotonic clock. `None` when it does not.
    pub fn rests_until(&self, now: Moment) -> Option<Duration> {
        (self.rests_until > now.mono).then_some(self.rests_until)
    }

    /// It is about to be asked. When it failed before, others go elsewhere until it has answered.
    pub fn asked(&mut self, now: Moment) {
        if self.failures > 0 && self.rests_until <= now.mono {
            self.rests_until = now.mono.saturating_add(FIRST_REST);
        }
    }

    /// It answered.
    pub const fn answered(&mut self) {
        self.failures = 0;
        self.rests_until = Duration::ZERO;
    }

    /// It did not answer, or had no time; it may have asked to be left alone for so long.
    pub fn failed(&mut self, now: Moment, asked: Option<Duration>) {
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let rest = FIRST_REST.saturating_mul(factor).min(LONGEST_REST);
        let rest = rest.max(asked.unwrap_or_default().min(LONGEST_REST));
        self.failures = self.failures.saturating_add(1);
        self.rests_until = now.mono.saturating_add(rest);
    }

    /// Which of several servers, most preferred first, to ask next: the first that does not rest, or
    /// else the one whose rest is over first. Servers that `skip` are left out.
    pub fn choose(
        servers: impl IntoIterator<Item = Self>,
        now: Moment,
        skip: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let servers = servers.into_iter().enumerate();
        servers
            .filter(|(index, _)| !skip(*index))
            .min_by_key(|(_, health)| health.rests_until(now))
            .map(|(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::at_epoch_seconds(0).after(Duration::from_secs(seconds))
    }

    #[test]
    fn rest_grows_until_there_is_an_answer() {
        let mut health = Health::default();
        let mut now = at(0);
        for rest in [30, 60, 120, 240, 480, 600, 600] {
            health.failed(now, None);
            let until = now.after(Duration::from_secs(rest));
            assert_eq!(health.rests_until(now), Some(until.mono));
            assert_eq!(health.rests_until(until), None);
            now = until;
        }
        health.answered();
        health.failed(now, None);
        assert_eq!(
            health.rests_until(now),
            Some(now.mono + Duration::from_secs(30))
        );
    }

    #[test]
    fn a_server_may_ask_for_a_longer_rest_within_bounds() {
        for (asked, rest) in [(5, 30), (90, 90), (86_400, 600)] {
            let mut health = Health::default();
            health.failed(at(0), Some(Duration::from_secs(asked)));
            assert_eq!(health.rests_until(at(0)), Some(Duration::from_secs(rest)));
        }
    }

    #[test]
    fn the_first_that_does_not_rest_is_chosen_and_else_the_one_that_rested_longest() {
        let resting = |at_seconds| {
            let mut health = Health::default();
            health.failed(at(at_seconds), None);
            health
        };
        let fresh = Health::default();
        let choose =
            |servers: &[Health], skip| Health::choose(servers.to_vec(), at(20), |i| i == skip);
        assert_eq!(choose(&[fresh, fresh], 9), Some(0));
        assert_eq!(choose(&[fresh, fresh], 0), Some(1));
        assert_eq!(choose(&[resting(10), fresh, fresh], 9), Some(1));
        assert_eq!(choose(&[resting(10), resting(5), resting(5)], 9), Some(1));
        assert_eq!(choose(&[fresh], 0), None);
        assert_eq!(choose(&[], 9), None);
    }

    #[test]
    fn one_caller_tries_a_rested_server() {
        let mut health = Health::default();
        health.asked(at(0));
        assert_eq!(health.rests_until(at(0)), None);
        health.failed(at(0), None);
        health.asked(at(31));
        assert!(health.rests_until(at(31)).is_some());
        health.answered();
        assert_eq!(health.rests_until(at(31)), None);
    }
}
