//! What a process costs the computer, as Linux tells it.

use std::fs;
use std::time::Duration;

/// How many ticks of the processor's clock a second has, on every Linux of today.
const TICKS: u64 = 100;

/// The processor time that these processes have used so far.
pub(crate) fn processor(processes: &[u32]) -> Duration {
    let times = processes.iter().filter_map(|process| ticks(*process));
    Duration::from_millis(times.sum::<u64>() * 1_000 / TICKS)
}

fn ticks(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in parentheses, may hold anything. After it come the state and 10 more before the times.
    let (_, after) = text.rsplit_once(')')?;
    let mut times = after.split_whitespace().skip(11);
    let user: u64 = times.next()?.parse().ok()?;
    let system: u64 = times.next()?.parse().ok()?;
    Some(user + system)
}

/// What these processes hold in memory, in bytes.
pub(crate) fn memory(processes: &[u32]) -> u64 {
    let resident = |process: &u32| {
        let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    processes.iter().filter_map(resident).sum::<u64>() * 1_024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_something() {
        let this = [std::process::id()];
        while processor(&this).is_zero() {
            std::hint::black_box(fs::read("/proc/self/maps").unwrap());
        }
        assert!(memory(&this) > 100_000, "{}", memory(&this));
        assert_eq!(memory(&[u32::MAX]), 0, "there is no such process");
    }
}
