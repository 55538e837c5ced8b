//! A row of the table.

use std::fmt;

use super::{Allocations, Work};

/// One row: what was measured.
#[derive(Debug, Clone)]
pub struct Row {
    pub(super) work: Work,
    pub(super) unit: Unit,
    pub(super) ours: f64,
    pub(super) anchor: f64,
    pub(super) ratio: f64,
    pub(super) allocations: Option<(u64, u64)>,
}

/// What a row measures.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    Nanoseconds,
    Bytes,
}

impl Row {
    /// Our time, or heap, over the anchor's.
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
            &self.unit.show(self.ours),
            &self.unit.show(self.anchor),
            &format!("{:.2}", self.ratio),
            &most,
            &allocations,
        ]))
    }
}

pub(super) fn cells(texts: [&str; 6]) -> String {
    let [work, ours, anchor, ratio, most, allocations] = texts;
    format!("| {work:<52} | {ours:>9} | {anchor:>9} | {ratio:>6} | {most:>8} | {allocations:>16} |")
}

impl Unit {
    fn show(self, amount: f64) -> String {
        match (self, amount) {
            (Self::Nanoseconds, ..1e3) => format!("{amount:.1} ns"),
            (Self::Nanoseconds, ..1e6) => format!("{:.2} µs", amount / 1e3),
            (Self::Nanoseconds, _) => format!("{:.2} ms", amount / 1e6),
            (Self::Bytes, _) => format!("{:.1} KiB", amount / 1024.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(work: Work, ratio: f64, allocations: Option<(u64, u64)>) -> Row {
        Row {
            unit: Unit::Nanoseconds,
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
}
