//! Buckets of tokens, one for each caller.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hash};
use std::sync::{Mutex, PoisonError};

use super::Limit;
use super::generations::Generations;
use super::line::{Empty, Line, Standing};

/// A bucket of tokens for each caller, all of one limit. A bucket that is not known is full.
#[derive(Debug)]
pub(super) struct Buckets {
    limit: Limit,
    hasher: RandomState,
    full_at: Mutex<Generations<i64>>,
}

impl Buckets {
    pub(super) fn of(limit: Limit) -> Self {
        Self {
            limit,
            hasher: RandomState::new(),
            full_at: Mutex::default(),
        }
    }

    /// Takes a token out of the caller's bucket.
    ///
    /// # Errors
    ///
    /// When it is empty: in how many seconds there will be one.
    pub(super) fn take(&self, caller: &(impl Hash + ?Sized), now: i64) -> Result<Standing, Empty> {
        let line = Line::of(self.limit, now);
        let key = self.hasher.hash_one(caller);
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.of(key, now, self.limit.seconds.into());
        *bucket = line.full_at(*bucket);
        let after = *bucket + line.step;
        if after > line.latest {
            return Err(line.empty(*bucket));
        }
        *bucket = after;
        Ok(line.standing(after))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limit::generations::REMEMBERED;

    const NOW: i64 = 1_356_998_400;

    #[test]
    fn a_bucket_is_emptied_at_once_and_fills_evenly() {
        let buckets = Buckets::of(Limit::new(4, 10));
        for remaining in [3, 2, 1, 0] {
            assert_eq!(buckets.take(&"a", NOW).unwrap().remaining, remaining);
        }
        let (standing, wait) = buckets.take(&"a", NOW).unwrap_err();
        assert_eq!((standing.remaining, standing.reset, wait), (0, NOW + 10, 3));
        assert!(buckets.take(&"a", NOW + 2).is_err());
        assert_eq!(buckets.take(&"a", NOW + 3).unwrap().remaining, 0);
        assert_eq!(
            buckets.take(&"b", NOW).unwrap().remaining,
            3,
            "others have their own"
        );
        assert_eq!(
            buckets.take(&"a", NOW + 100).unwrap().remaining,
            3,
            "no fuller than full"
        );
    }

    #[test]
    fn a_clock_that_was_set_back_shuts_nobody_out_for_longer() {
        let buckets = Buckets::of(Limit::new(2, 10));
        buckets.take(&"a", NOW + 100_000).unwrap();
        let (_, wait) = buckets.take(&"a", NOW).unwrap_err();
        assert_eq!(wait, 5);
        assert!(buckets.take(&"a", NOW + 5).is_ok());
    }

    #[test]
    fn who_is_slowed_is_remembered_and_only_so_many_are() {
        let buckets = Buckets::of(Limit::new(1, 1_000));
        buckets.take(&"slow", NOW).unwrap();
        for number in 0..3 * REMEMBERED {
            buckets.take(&number, NOW).unwrap();
            if number % 1_000 == 0 {
                assert!(buckets.take(&"slow", NOW).is_err());
            }
        }
        let full_at = buckets.full_at.lock().unwrap();
        assert!(full_at.young.len() + full_at.old.len() <= 2 * REMEMBERED);
    }

    proptest! {
        /// In any time no more are let in than a full bucket and what it gets meanwhile, and no fewer
        /// when each comes as soon as it was told to.
        #[test]
        fn as_many_as_the_limit_says_are_let_in(requests in 1..50_u32, seconds in 1..50_u32, pauses in prop::collection::vec(0..5_i64, 1..200)) {
            let buckets = Buckets::of(Limit::new(requests, seconds));
            let (mut now, mut taken) = (NOW, 0_i64);
            for pause in pauses {
                now += pause;
                match buckets.take(&"a", now) {
                    Ok(standing) => {
                        taken += 1;
                        prop_assert!((0..i64::from(requests)).contains(&standing.remaining));
                        prop_assert!(standing.reset > now && standing.reset <= now + i64::from(seconds));
                    }
                    Err((standing, wait)) => {
                        prop_assert_eq!(standing.remaining, 0);
                        prop_assert!(wait > 0 && wait <= i64::from(seconds));
                        now += wait;
                        prop_assert!(buckets.take(&"a", now).is_ok());
                        taken += 1;
                    }
                }
                let most = i64::from(requests) + (now - NOW) * i64::from(requests) / i64::from(seconds);
                prop_assert!(taken <= most);
            }
        }
    }
}
