//! Sequences of random faults on a fake clock, a hundred thousand with optimization, and what must hold whatever happens:
//! no post is published more often than the caller sent it, none that was acknowledged is lost, no flow
//! waits for ever, no signature and no nonce comes twice, and nothing signed reaches a host that the
//! profile does not name.

mod account;
mod sequence;

use std::thread;

use self::sequence::Sequence;

const SEQUENCES: u64 = if cfg!(debug_assertions) {
    2_000
} else {
    100_000
};

#[test]
fn whatever_happens_posts_are_published_once_and_keys_stay_where_they_belong() {
    let threads = thread::available_parallelism().map_or(1, |count| count.get() as u64);
    thread::scope(|scope| {
        for first in 0..threads {
            let seeds = (first..SEQUENCES).step_by(threads as usize);
            scope.spawn(move || seeds.for_each(|seed| Sequence::new(seed).play()));
        }
    });
}

/// The same seed gives the same sequence, so that one that fails can be looked at.
#[test]
fn a_sequence_can_be_played_again() {
    for seed in 0..50 {
        let [first, again] = [0, 1].map(|_| {
            let mut sequence = Sequence::new(seed);
            sequence.play();
            sequence.story()
        });
        assert_eq!(first, again, "{seed}");
    }
}
