//! `tent-load chart`

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use plotters::prelude::*;

use crate::Outcome;

/// The size of a picture, in pixels.
const SIZE: (u32, u32) = (720, 420);

/// Draw the tables of a folder, each column beside a table of its own name
#[derive(Debug, Args)]
pub(crate) struct Chart {
    /// The folder with the tables, which gets the pictures
    #[arg(default_value = "docs/load")]
    folder: PathBuf,
}

/// A table as `report` writes it.
struct Table {
    varied: String,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    points: Vec<(f64, f64)>,
}

impl Chart {
    pub(crate) fn run(self) -> Outcome {
        for entry in fs::read_dir(&self.folder)? {
            let file = entry?.path();
            if file.extension().is_some_and(|extension| extension == "csv") {
                let table = Table::read(&fs::read_to_string(&file)?)?;
                table.draw(&file.with_extension("svg"))?;
            }
        }
        Ok(())
    }
}

impl Table {
    fn read(text: &str) -> Outcome<Self> {
        let mut lines = text.lines();
        let mut names = lines.next().ok_or("the table is empty")?.split(',');
        let varied = names.next().unwrap_or_default().to_owned();
        let mut columns: Vec<_> = names
            .map(|name| Column {
                name: name.to_owned(),
                points: Vec::new(),
            })
            .collect();
        for line in lines {
            let mut values = line.split(',').map(str::parse::<f64>);
            let size = values.next().ok_or("a row is empty")??;
            for (column, value) in columns.iter_mut().zip(values) {
                column.points.push((size, value?));
            }
        }
        Ok(Self { varied, columns })
    }

    /// Draws what of it is processor time.
    fn draw(&self, file: &Path) -> Outcome {
        let drawn = |column: &&Column| column.name.contains("processor time");
        let columns: Vec<_> = self.columns.iter().filter(drawn).collect();
        let points = columns.iter().flat_map(|column| &column.points);
        let (mut least, mut most, mut highest) = (f64::MAX, 1.0_f64, 1.0_f64);
        for (size, value) in points {
            (least, most, highest) = (least.min(*size), most.max(*size), highest.max(*value));
        }
        highest *= 1.1 + 0.12 * columns.len() as f64; // room for the names
        let area = SVGBackend::new(file, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .margin(16)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d((least..most * 1.01).log_scale(), 0.0..highest)?;
        chart
            .configure_mesh()
            .x_desc(&self.varied)
            .y_desc("microseconds of processor time")
            .x_label_formatter(&|size| format!("{size:.0}"))
            .y_label_formatter(&|value| format!("{value:.0}"))
            .light_line_style(TRANSPARENT)
            .draw()?;
        for (number, column) in columns.iter().enumerate() {
            let color = Palette99::pick(number).to_rgba();
            let (name, _) = column.name.split_once(':').unwrap_or(("each", ""));
            let line = LineSeries::new(column.points.iter().copied(), color.stroke_width(2));
            chart
                .draw_series(line.point_size(3))?
                .label(name)
                .legend(move |(x, y)| {
                    PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2))
                });
        }
        chart
            .configure_series_labels()
            .background_style(WHITE)
            .border_style(BLACK)
            .position(SeriesLabelPosition::UpperLeft)
            .draw()?;
        area.present()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_becomes_a_picture() {
        let folder = tempfile::tempdir().unwrap();
        let table = "posts,page: microseconds of processor time,page: ms for 50 %\n1000,400.5,2\n10000,410,2\n";
        fs::write(folder.path().join("posts.csv"), table).unwrap();
        let folder_of = Chart {
            folder: folder.path().to_owned(),
        };
        folder_of.run().unwrap();
        let picture = fs::read_to_string(folder.path().join("posts.svg")).unwrap();
        for text in ["posts", "page", "10000", "microseconds"] {
            assert!(picture.contains(text), "{text}");
        }
        assert!(picture.contains("<polyline"), "{picture}");
        assert!(Table::read("posts,a\n1,x\n").is_err());
    }
}
