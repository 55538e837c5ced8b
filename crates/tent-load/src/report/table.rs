//! Tables of figures.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::Outcome;

/// A table that is written down row by row.
pub(super) struct Table(fs::File);

impl Table {
    pub(super) fn create(folder: &Path, varied: &str, columns: &str) -> Outcome<Self> {
        let mut file = fs::File::create(folder.join(format!("{varied}.csv")))?;
        writeln!(file, "{varied},{columns}")?;
        println!("\n{varied},{columns}");
        Ok(Self(file))
    }

    pub(super) fn row(&mut self, size: u64, columns: &[f64]) -> Outcome {
        let columns: Vec<_> = columns
            .iter()
            .map(|column| format!("{column:.2}"))
            .collect();
        let row = format!("{size},{}", columns.join(","));
        println!("{row}");
        writeln!(self.0, "{row}")?;
        Ok(())
    }
}
