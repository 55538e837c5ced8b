//! A table of ratios: what our code costs, beside an anchor that does the least the work can take.
//!
//! Times alone say little on a shared machine. Both sides run in one program, in interleaved rounds,
//! and the best round of each is compared, so that what disturbs one side disturbs the other too. A
//! row that misses its mark says so; nothing fails.
//!
//! A bench is a `[[bench]]` with `harness = false`:
//!
//! ```
//! use tent_testkit::bench::{Table, Work};
//!
//! let text = "a,b,c";
//! let mut table = Table::start("splitting");
//! table.compare(
//!     Work::named("three fields").at_most(4.0).allocations_at_most(0),
//!     || text.split(',').count(),
//!     || text.bytes().filter(|byte| *byte == b',').count(),
//! );
//! ```
//!
//! `cargo bench` measures in full. Without its `--bench` argument, as when tests build and run the
//! benches too, each side runs once.

mod answer;
mod row;

use std::hint::black_box;
use std::time::{Duration, Instant};

use allocation_counter::AllocationInfo;

pub use self::answer::answer_of_one_kilobyte;
pub use self::row::Row;
use self::row::{Unit, cells};

/// How long a round should last, so that the clock's own grain does not matter.
const ROUND: Duration = Duration::from_millis(2);
const ROUNDS: usize = 101;
/// How many pairs of rounds, for work that waits.
const PAIRS: usize = 31;

/// What is measured, and what it may cost.
#[derive(Debug, Clone)]
#[must_use]
pub struct Work {
    name: String,
    ratio: Option<f64>,
    allocations: Option<Allocations>,
    units: (f64, f64),
    pairs: usize,
}

#[derive(Debug, Clone, Copy)]
enum Allocations {
    AtMost(u64),
    AtMostMore(u64),
}

impl Work {
    /// Some work, without limits.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ratio: None,
            allocations: None,
            units: (1.0, 1.0),
            pairs: PAIRS,
        }
    }

    /// Our side should take at most `ratio` times as long as the anchor.
    pub const fn at_most(mut self, ratio: f64) -> Self {
        self.ratio = Some(ratio);
        self
    }

    /// Our side should allocate at most `count` times.
    pub const fn allocations_at_most(mut self, count: u64) -> Self {
        self.allocations = Some(Allocations::AtMost(count));
        self
    }

    /// Our side should allocate at most `count` times more often than the anchor.
    pub const fn allocations_at_most_more(mut self, count: u64) -> Self {
        self.allocations = Some(Allocations::AtMostMore(count));
        self
    }

    /// One run of ours is so many units of work, such as bytes, and one of the anchor so many.
    /// Times and ratio are then those of one unit.
    pub const fn units(mut self, ours: f64, anchor: f64) -> Self {
        self.units = (ours, anchor);
        self
    }

    /// So many pairs of rounds are enough, since each takes seconds.
    pub const fn pairs(mut self, count: usize) -> Self {
        self.pairs = count;
        self
    }
}

/// A table that is printed row by row.
#[derive(Debug)]
pub struct Table {
    rounds: usize,
    rows: Vec<Row>,
}

impl Table {
    /// Prints the head of a table.
    pub fn start(title: &str) -> Self {
        let in_full = std::env::args().any(|argument| argument == "--bench");
        println!("\n{title}\n");
        println!(
            "{}",
            cells(["work", "ours", "anchor", "ratio", "at most", "allocations"])
        );
        println!("{}", cells(["---"; 6]).replace(' ', "-"));
        Self {
            rounds: if in_full { ROUNDS } else { 1 },
            rows: Vec::new(),
        }
    }

    /// Compares the best rounds of both sides, for work on the processor alone.
    ///
    /// A closure returns what it made, so that the compiler cannot leave the work out.
    pub fn compare<A, B>(
        &mut self,
        work: Work,
        mut ours: impl FnMut() -> A,
        mut anchor: impl FnMut() -> B,
    ) -> &Row {
        let allocations = (allocations_of(&mut ours), allocations_of(&mut anchor));
        let (many_ours, many_anchor) = if self.rounds == 1 {
            (1, 1)
        } else {
            (calibrate(&mut ours), calibrate(&mut anchor))
        };
        let mut best = (f64::INFINITY, f64::INFINITY);
        for _ in 0..self.rounds {
            best.0 = best.0.min(time(&mut ours, many_ours));
            best.1 = best.1.min(time(&mut anchor, many_anchor));
        }
        self.add(work, best, best.0 / best.1, Some(allocations))
    }

    /// Compares pairs of rounds, each side once per pair, and takes the median of their ratios, for
    /// work that waits: a round is the closure's to make, such as a thousand requests of which 64
    /// are under way, within `block_on`. Allocations on other threads cannot be counted, so none are.
    pub fn compare_pairs<A, B>(
        &mut self,
        work: Work,
        mut ours: impl FnMut() -> A,
        mut anchor: impl FnMut() -> B,
    ) -> &Row {
        let _ = (time(&mut ours, 1), time(&mut anchor, 1)); // connections and caches are warm now
        let mut pairs = Vec::with_capacity(self.rounds);
        for round in 0..self.rounds.min(work.pairs) {
            // Neither side is always the first.
            pairs.push(if round % 2 == 0 {
                let first = time(&mut ours, 1);
                (first, time(&mut anchor, 1))
            } else {
                let first = time(&mut anchor, 1);
                (time(&mut ours, 1), first)
            });
        }
        pairs.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        let middle = pairs[pairs.len() / 2]; // there is at least one round
        self.add(work, middle, middle.0 / middle.1, None)
    }

    /// Compares how much of the heap each side has in use at its peak, in bytes. It does not vary.
    pub fn compare_heaps<A, B>(
        &mut self,
        work: Work,
        mut ours: impl FnMut() -> A,
        mut anchor: impl FnMut() -> B,
    ) -> &Row {
        let ours = counted(&mut ours).bytes_max as f64;
        let anchor = counted(&mut anchor).bytes_max as f64;
        self.add_in(Unit::Bytes, work, (ours, anchor), ours / anchor, None)
    }

    /// The rows so far.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    fn add(
        &mut self,
        work: Work,
        times: (f64, f64),
        ratio: f64,
        allocations: Option<(u64, u64)>,
    ) -> &Row {
        self.add_in(Unit::Nanoseconds, work, times, ratio, allocations)
    }

    fn add_in(
        &mut self,
        unit: Unit,
        work: Work,
        (ours, anchor): (f64, f64),
        ratio: f64,
        allocations: Option<(u64, u64)>,
    ) -> &Row {
        let (our_units, anchor_units) = work.units;
        let row = Row {
            unit,
            ours: ours / our_units,
            anchor: anchor / anchor_units,
            ratio: ratio / our_units * anchor_units,
            allocations,
            work,
        };
        println!("{row}");
        self.rows.push(row);
        &self.rows[self.rows.len() - 1]
    }
}

/// How many runs fill a round.
fn calibrate<T>(run: &mut impl FnMut() -> T) -> u32 {
    let mut many = 1;
    while many < 1 << 24 && time(run, many) * f64::from(many) < ROUND.as_nanos() as f64 {
        many *= 2;
    }
    many
}

/// Nanoseconds for one of so many runs.
fn time<T>(run: &mut impl FnMut() -> T, many: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..many {
        black_box(run());
    }
    start.elapsed().as_nanos() as f64 / f64::from(many)
}

fn allocations_of<T>(run: &mut impl FnMut() -> T) -> u64 {
    counted(run).count_total
}

/// The second run is counted: the first may fill what is kept.
fn counted<T>(run: &mut impl FnMut() -> T) -> AllocationInfo {
    black_box(run());
    allocation_counter::measure(|| {
        black_box(run());
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_run_and_allocations_are_counted() {
        let mut table = Table::start("test");
        let row = table.compare(
            Work::named("boxes").units(2.0, 1.0),
            || (Box::new(1_u8), Box::new(2_u8)),
            || Box::new(1_u8),
        );
        assert_eq!(row.allocations(), Some((2, 1)));
        assert!((row.ratio - row.ours / row.anchor).abs() < 1e-9);
        let (mut ours, mut anchor) = (0, 0);
        table.compare_pairs(Work::named("pairs"), || ours += 1, || anchor += 1);
        assert_eq!((ours, anchor), (2, 2));
        assert_eq!(table.rows().len(), 2);
    }

    #[test]
    fn a_heap_is_measured_at_its_peak() {
        let mut table = Table::start("test");
        let row = table.compare_heaps(
            Work::named("one after the other").at_most(1.5),
            || (drop(vec![1_u8; 3000]), vec![1_u8; 2000]),
            || vec![1_u8; 1000],
        );
        assert!((row.ratio() - 3.0).abs() < 1e-9 && !row.passed());
        assert!(
            row.to_string().contains("|   2.9 KiB |   1.0 KiB |"),
            "{row}"
        );
    }
}
