//! When what failed is tried again.

use std::time::Duration;

/// The longest wait after the first attempt, in seconds; each may be twice as long as the one before.
const FIRST: i64 = 30;
/// The longest wait of all.
const LONGEST: i64 = 6 * 60 * 60;
/// After how many seconds it is given up: three days.
const PATIENCE: i64 = 3 * 24 * 60 * 60;

/// When to try again what was tried `attempts` times before this one failed; `None` when that is not
/// worth it anymore. A wait is between half of its length and all of it, as `random` says, and no
/// shorter than the server `asked` for.
pub(super) fn next(
    queued_at: i64,
    now: i64,
    attempts: u32,
    asked: Option<Duration>,
    random: u64,
) -> Option<i64> {
    let end = queued_at.saturating_add(PATIENCE);
    if now >= end {
        return None;
    }
    let factor = 1_i64.checked_shl(attempts.min(30)).unwrap_or(i64::MAX);
    let longest = FIRST.saturating_mul(factor).min(LONGEST);
    let half = longest / 2;
    let wait = half + (random % (half.unsigned_abs() + 1)).cast_signed();
    let asked = asked.map_or(0, |asked| {
        i64::try_from(asked.as_secs()).unwrap_or(i64::MAX)
    });
    // The last attempt is at the very end, unless the server asked for more.
    Some(
        now.saturating_add(wait)
            .min(end)
            .max(now.saturating_add(asked.min(PATIENCE))),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUEUED: i64 = 1_356_998_400;

    #[test]
    fn waits_double_up_to_six_hours_and_end_after_three_days() {
        let mut now = QUEUED;
        let mut waits = Vec::new();
        while let Some(at) = next(QUEUED, now, waits.len() as u32, None, u64::MAX / 2 * 2) {
            waits.push(at - now);
            now = at;
            assert!(waits.len() < 40, "{waits:?}");
        }
        assert_eq!(now, QUEUED + PATIENCE);
        assert!(waits.len() > 15, "{waits:?}");
        assert!(waits[..9].iter().zip(&waits[1..]).all(|(a, b)| a < b));
    }

    #[test]
    fn what_the_server_asks_for_is_the_least() {
        let asked = Some(Duration::from_secs(7200));
        assert_eq!(next(QUEUED, QUEUED, 0, asked, 0), Some(QUEUED + 7200));
        let endless = Some(Duration::MAX);
        assert_eq!(next(QUEUED, QUEUED, 0, endless, 0), Some(QUEUED + PATIENCE));
    }

    proptest! {
        #[test]
        fn a_wait_is_at_least_half_of_its_length(attempts in 0_u32..100, random: u64) {
            let wait = next(QUEUED, QUEUED, attempts, None, random).unwrap() - QUEUED;
            let longest = (FIRST << attempts.min(20)).min(LONGEST);
            prop_assert!((longest / 2..=longest).contains(&wait), "{wait}");
        }

        #[test]
        fn there_is_an_end(late in 0_i64..2 * PATIENCE, attempts in 0_u32..100, random: u64) {
            let at = next(QUEUED, QUEUED + late, attempts, None, random);
            prop_assert_eq!(at.is_none(), late >= PATIENCE);
            prop_assert!(at.is_none_or(|at| at <= QUEUED + PATIENCE));
        }
    }
}
