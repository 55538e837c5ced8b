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
    let times = fields(process)?;
    let [user, system, ended_user, ended_system] = [11, 12, 13, 14].map(|place| times.get(place));
    // With those of children that have ended, and were waited for.
    let all = [user?, system?, ended_user?, ended_system?];
    all.into_iter().map(|ticks| ticks.parse::<u64>().ok()).sum()
}

/// What Linux tells of a process, from its state on.
fn fields(process: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in parentheses, may hold anything.
    let (_, after) = text.rsplit_once(')')?;
    Some(after.split_whitespace().map(str::to_owned).collect())
}

/// A process and those that it has begun.
pub(crate) fn family(process: u32) -> Vec<u32> {
    let parent = Some(process.to_string());
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let all = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let children =
        all.filter(|one| fields(*one).and_then(|fields| fields.get(1).cloned()) == parent);
    children.chain([process]).collect()
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
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        assert!(family(this[0]).contains(&child.id()));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!family(this[0]).contains(&child.id()));
    }
}
