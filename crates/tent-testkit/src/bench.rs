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

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long a round should last, so that the clock's own grain does not matter.
const ROUND: Duration = Duration::from_millis(2);
const ROUNDS: usize = 101;

/// What is measured, and what it may cost.
#[derive(Debug, Clone)]
#[must_use]
pub struct Work {
    name: String,
    ratio: Option<f64>,
    allocations: Option<Allocations>,
    units: (f64, f64),
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
        for round in 0..self.rounds.min(31) {
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

    /// The rows so far.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    fn add(
        &mut self,
        work: Work,
        (ours, anchor): (f64, f64),
        ratio: f64,
        allocations: Option<(u64, u64)>,
    ) -> &Row {
        let (our_units, anchor_units) = work.units;
        let row = Row {
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

/// One row: what was measured.
#[derive(Debug, Clone)]
pub struct Row {
    work: Work,
    /// In nanoseconds, as is the anchor.
    ours: f64,
    anchor: f64,
    ratio: f64,
    allocations: Option<(u64, u64)>,
}

impl Row {
    /// Our time over the anchor's.
    pub const fn ratio(&self) -> f64 {
        self.ratio
    }

    /// How often our side and the anchor allocated in one run, if that was counted.
    pub const fn allocations(&self) -> Option<(u64, u64)> {
        self.allocations
    }

    /// Whether every limit was kept.
    pub fn passed(&self) -> bool {
        let in_time = self.work.ratio.is_none_or(|most| self.ratio <= most);
        in_time && self.few_allocations()
    }

    fn few_allocations(&self) -> bool {
        match (self.work.allocations, self.allocations) {
            (Some(Allocations::AtMost(most)), Some((ours, _))) => ours <= most,
            (Some(Allocations::AtMostMore(most)), Some((ours, anchor))) => ours <= anchor + most,
            (_, None) | (None, _) => true,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = |kept: bool| if kept { "✓" } else { "✗" };
        let most = self.work.ratio.map_or_else(
            || "–".to_owned(),
            |most| format!("{most:.2} {}", mark(self.ratio <= most)),
        );
        let allocations = match (self.allocations, self.work.allocations) {
            (None, _) => "–".to_owned(),
            (Some((ours, anchor)), None) => format!("{ours} : {anchor}"),
            (Some((ours, anchor)), Some(limit)) => {
                let limit = match limit {
                    Allocations::AtMost(most) => format!("≤ {most}"),
                    Allocations::AtMostMore(more) => format!("≤ {}", anchor + more),
                };
                format!(
                    "{ours} : {anchor}, {limit} {}",
                    mark(self.few_allocations())
                )
            }
        };
        f.write_str(&cells([
            &self.work.name,
            &nanoseconds(self.ours),
            &nanoseconds(self.anchor),
            &format!("{:.2}", self.ratio),
            &most,
            &allocations,
        ]))
    }
}

fn cells(texts: [&str; 6]) -> String {
    let [work, ours, anchor, ratio, most, allocations] = texts;
    format!("| {work:<52} | {ours:>9} | {anchor:>9} | {ratio:>6} | {most:>8} | {allocations:>16} |")
}

fn nanoseconds(time: f64) -> String {
    match time {
        ..1e3 => format!("{time:.1} ns"),
        ..1e6 => format!("{:.2} µs", time / 1e3),
        _ => format!("{:.2} ms", time / 1e6),
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

/// The second run is counted: the first may fill what is kept.
fn allocations_of<T>(run: &mut impl FnMut() -> T) -> u64 {
    black_box(run());
    let counted = allocation_counter::measure(|| {
        black_box(run());
    });
    counted.count_total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(work: Work, ratio: f64, allocations: Option<(u64, u64)>) -> Row {
        Row {
            work,
            ours: ratio * 100.0,
            anchor: 100.0,
            ratio,
            allocations,
        }
    }

    #[test]
    fn a_row_says_which_limit_it_missed() {
        let work = Work::named("sign").at_most(1.2).allocations_at_most(1);
        let good = row(work.clone(), 1.1, Some((1, 0)));
        assert!(good.passed());
        assert!(
            good.to_string().contains("|   1.20 ✓ |     1 : 0, ≤ 1 ✓ |"),
            "{good}"
        );
        let slow = row(work.clone(), 1.3, Some((1, 0)));
        assert!(!slow.passed());
        assert!(slow.to_string().contains("|   1.30 |   1.20 ✗ |"), "{slow}");
        let wasteful = row(work, 1.1, Some((2, 0)));
        assert!(!wasteful.passed());
        assert!(wasteful.to_string().contains("2 : 0, ≤ 1 ✗"), "{wasteful}");
    }

    #[test]
    fn allocations_can_be_limited_beyond_the_anchor() {
        let work = Work::named("get").allocations_at_most_more(6);
        assert!(row(work.clone(), 9.0, Some((26, 20))).passed());
        assert!(!row(work.clone(), 0.5, Some((27, 20))).passed());
        assert!(row(work, 0.5, None).passed());
    }

    #[test]
    fn rows_are_aligned() {
        let widths = [
            row(Work::named("a"), 1.0, None),
            row(Work::named("b").at_most(1.0), 12.5, Some((12, 3))),
            row(Work::named("c").allocations_at_most(0), 0.1, Some((1, 1))),
        ]
        .map(|row| row.to_string().chars().count());
        assert_eq!(widths, [cells(["-"; 6]).chars().count(); 3]);
    }

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
}
