//! What is installed here, and as whom it runs.

use std::path::PathBuf;
use std::{env, fs};

use crate::say;

/// The programs, if there are any, else it is said loudly.
pub(super) fn installed() -> Option<PathBuf> {
    let programs = programs();
    if programs.is_none() {
        assert!(
            env::var_os("TENT_REQUIRE_POSTGRES").is_none(),
            "PostgreSQL is not installed"
        );
        say("PostgreSQL is not installed: tests over it are LEFT OUT");
    }
    programs
}

/// Where Debian has the programs of its newest version, or else the search path some.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut versions: Vec<PathBuf> = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    versions.sort();
    let path = env::var_os("PATH").unwrap_or_default();
    versions
        .into_iter()
        .rev()
        .chain(env::split_paths(&path))
        .find(|folder| {
            ["initdb", "postgres", "psql"]
                .iter()
                .all(|program| folder.join(program).exists())
        })
}

/// What a command begins with, since PostgreSQL does not run as root.
pub(super) fn unprivileged() -> &'static str {
    if fs::metadata("/proc/self").is_ok_and(|itself| is_of_root(&itself)) {
        "setpriv --reuid=nobody --regid=nogroup --clear-groups"
    } else {
        ""
    }
}

#[cfg(unix)]
fn is_of_root(itself: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(itself) == 0
}

#[cfg(not(unix))]
fn is_of_root(_: &fs::Metadata) -> bool {
    false
}
