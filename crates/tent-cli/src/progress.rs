//! A bar that shows how far a file has got. It is drawn on standard error, and only on a terminal.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tent_flow::Progress;

/// How often it is drawn, at most.
const PAUSE: Duration = Duration::from_millis(100);

/// The bar. It is wiped away when it is dropped.
#[derive(Debug)]
pub(crate) struct Bar(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    is_shown: bool,
    last: Progress,
    drawn: Option<Instant>,
}

impl Bar {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            is_shown: io::stderr().is_terminal(),
            last: Progress::start(None),
            drawn: None,
        })))
    }

    /// What moves it.
    pub(crate) fn tell(&self) -> impl Fn(Progress) + Send + Sync + 'static {
        let state = Arc::clone(&self.0);
        move |progress| {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            state.last = progress;
            state.draw();
        }
    }

    /// What it was told last.
    pub(crate) fn last(&self) -> Progress {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).last
    }
}

impl State {
    fn draw(&mut self) {
        let is_due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= PAUSE);
        if self.is_shown && is_due {
            // A terminal that has gone shows nothing.
            let _ = write!(io::stderr(), "\r{}\x1b[K", Line(self.last));
            self.drawn = Some(Instant::now());
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.drawn.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K"); // as above
        }
    }
}

/// The bar as text.
struct Line(Progress);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WIDTH: u64 = 30;
        let Progress { bytes, total, .. } = self.0;
        let Some(total) = total.filter(|total| *total >= bytes) else {
            return write!(f, "{}", Size(bytes));
        };
        let share = |of: u64| {
            let share = u128::from(bytes) * u128::from(of) / u128::from(total.max(1));
            share as usize
        };
        let (percent, done) = if total == 0 {
            (100, WIDTH as usize)
        } else {
            (share(100), share(WIDTH))
        };
        let left = WIDTH as usize - done;
        write!(
            f,
            "{percent:3}% [{}{}] {} of {}",
            "#".repeat(done),
            ".".repeat(left),
            Size(bytes),
            Size(total)
        )
    }
}

/// A number of bytes, for people.
struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        let steps = self.0.max(1).ilog2() / 10;
        match units.get((steps as usize).wrapping_sub(1)) {
            Some(unit) => write!(
                f,
                "{:.1} {unit}",
                self.0 as f64 / 1024_f64.powi(steps as i32)
            ),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(bytes: u64, total: Option<u64>) -> String {
        let progress = Progress::start(total).and(bytes as usize);
        Line(progress).to_string()
    }

    #[test]
    fn the_bar_fills_as_the_file_comes() {
        let empty = ".".repeat(30);
        assert_eq!(
            line(0, Some(2048)),
            format!("  0% [{empty}] 0 bytes of 2.0 KiB")
        );
        let third = format!("{}{}", "#".repeat(10), ".".repeat(20));
        assert_eq!(
            line(1, Some(3)),
            format!(" 33% [{third}] 1 bytes of 3 bytes")
        );
        let full = "#".repeat(30);
        assert_eq!(
            line(0, Some(0)),
            format!("100% [{full}] 0 bytes of 0 bytes")
        );
        let all = u64::MAX;
        assert_eq!(
            line(all, Some(all)),
            format!("100% [{full}] 16.0 EiB of 16.0 EiB")
        );
    }

    #[test]
    fn without_a_total_it_counts() {
        assert_eq!(line(1023, None), "1023 bytes");
        assert_eq!(line(1536, None), "1.5 KiB");
        assert_eq!(line(2 << 30, None), "2.0 GiB");
        // More came than was announced.
        assert_eq!(line(5, Some(4)), "5 bytes");
    }
}
