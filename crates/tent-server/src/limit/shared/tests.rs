use std::sync::Mutex as Locked;

use proptest::prelude::*;
use tokio::sync::watch;

use super::*;
use crate::storage::processes::Changes;
use crate::storage::{Reply, Span};

const NOW: i64 = 1_356_998_400;

/// A bucket as the database has it, and how often it was asked.
#[derive(Debug, Default)]
struct Kept {
    bucket: Locked<(i64, u32)>,
    /// Whether it is out of room.
    is_full: bool,
}

impl Processes for Kept {
    fn take(&self, _: [u8; 32], span: Span) -> Reply<'static, Piece> {
        if self.is_full {
            return Box::pin(async { Err(DatabaseError::Full.into()) });
        }
        let mut kept = self.bucket.lock().unwrap();
        let from = kept.0.clamp(span.now, span.latest);
        let left = (span.latest - from) / span.step;
        let to = from + span.step * (left / 8).max(1).min(left);
        *kept = (to, kept.1 + 1);
        Box::pin(async move { Ok(Piece { from, to }) })
    }

    fn join(&self) -> Reply<'static, bool> {
        unreachable!()
    }

    fn entities_changed(&self) -> watch::Receiver<()> {
        unreachable!()
    }

    fn changes_since(&self, _: Option<i64>) -> Reply<'static, Changes> {
        unreachable!()
    }

    fn begin_attempt(&self, _: [u8; 32], _: i64) -> Reply<'static, Result<(), i64>> {
        unreachable!()
    }

    fn end_attempts(&self, _: [u8; 32]) -> Reply<'static, ()> {
        unreachable!()
    }
}

/// A bucket, and processes that share it.
fn processes<const COUNT: usize>(limit: Limit) -> (Arc<Kept>, [SharedBuckets; COUNT]) {
    let kept = Arc::new(Kept::default());
    let one = |_| SharedBuckets::of(limit, "credential", Arc::clone(&kept) as _);
    let all = array::from_fn(one);
    (kept, all)
}

fn take(buckets: &SharedBuckets, now: i64) -> Result<Standing, Empty> {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().unwrap();
    let taken = buckets.take(&Payer::Credential("u:1"), now);
    runtime.block_on(taken).unwrap()
}

#[test]
fn all_of_a_bucket_can_be_spent_and_the_database_is_asked_now_and_then() {
    let (kept, [one]) = processes(Limit::new(6_000, 300));
    for spent in 1..=6_000 {
        let standing = take(&one, NOW).unwrap();
        assert_eq!(standing.remaining, 6_000 - spent);
    }
    let (standing, wait) = take(&one, NOW).unwrap_err();
    assert_eq!((standing.remaining, standing.reset), (0, NOW + 300));
    assert_eq!(wait, 1);
    let asked = kept.bucket.lock().unwrap().1;
    assert!(asked < 100, "{asked}");
    for _ in 0..10 {
        take(&one, NOW).unwrap_err();
    }
    assert_eq!(
        kept.bucket.lock().unwrap().1,
        asked,
        "it is known to be empty"
    );
}

#[test]
fn whoever_is_refused_by_one_gets_what_the_other_has() {
    let (_, [one, other]) = processes(Limit::new(100, 50));
    let spent = (0..200).filter(|turn| {
        let buckets = [&one, &other][turn % 2];
        take(buckets, NOW).is_ok()
    });
    assert_eq!(spent.count(), 100);
    assert!(take(&one, NOW + 1).is_ok());
}

#[test]
fn a_process_keeps_to_the_limit_by_itself_when_the_database_is_full() {
    let full = Arc::new(Kept {
        is_full: true,
        ..Kept::default()
    });
    let one = SharedBuckets::of(Limit::new(100, 50), "credential", full);
    let spent = (0..200).filter(|_| take(&one, NOW).is_ok());
    assert_eq!(spent.count(), 100);
    let (_, wait) = take(&one, NOW).unwrap_err();
    assert_eq!(wait, 1);
    let spent = (0..200).filter(|_| take(&one, NOW + 10).is_ok());
    assert_eq!(spent.count(), 20);
}

#[test]
fn a_clock_that_was_set_back_shuts_nobody_out_for_longer() {
    let (_, [one]) = processes(Limit::new(2, 10));
    take(&one, NOW + 100_000).unwrap();
    let (_, wait) = take(&one, NOW).unwrap_err();
    assert_eq!(wait, 5);
    assert!(take(&one, NOW + 5).is_ok());
}

proptest! {
    /// In any time, processes together let in no more than a full bucket and what it gets meanwhile.
    #[test]
    fn no_more_than_the_limit_says_are_let_in(
        requests in 1..200_u32,
        seconds in 1..50_u32,
        asked in prop::collection::vec((0..3_usize, 0..3_i64), 1..400),
    ) {
        let (_, all) = processes::<3>(Limit::new(requests, seconds));
        let (mut now, mut taken) = (NOW, Vec::new());
        for (process, pause) in asked {
            now += pause;
            if let Ok(standing) = take(&all[process], now) {
                taken.push(now);
                prop_assert!((0..i64::from(requests)).contains(&standing.remaining));
                prop_assert!(standing.reset >= now && standing.reset <= now + i64::from(seconds));
            }
        }
        for (first, since) in taken.iter().enumerate() {
            for (last, until) in taken.iter().enumerate().skip(first) {
                let passed = until - since;
                let most = i64::from(requests) + passed * i64::from(requests) / i64::from(seconds);
                prop_assert!(((last - first + 1) as i64) <= most);
            }
        }
    }
}
