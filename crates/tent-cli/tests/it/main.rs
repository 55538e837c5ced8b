//! The program, run as people and scripts run it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![warn(clippy::print_stderr)] // the harness keeps it to itself; `tent_testkit::say` is heard

mod accounts;
mod admin;
mod api;
mod attachments;
#[cfg(target_os = "linux")]
mod backups;
#[cfg(target_os = "linux")]
mod balancer;
#[cfg(unix)]
mod chromium;
mod crowd;
#[cfg(target_os = "linux")]
mod database;
mod demo;
mod discover;
mod disk;
mod edits;
mod feed;
mod full_disk;
mod import;
mod kills;
mod login;
mod mac;
#[cfg(target_os = "linux")]
mod migrations;
mod pages;
mod patience;
mod peer;
mod people;
mod post_lists;
mod posts;
#[cfg(target_os = "linux")]
mod processes;
mod profile;
mod reference;
mod serve;
mod serve_attachments;
mod serve_settings;
mod server;
mod tent;
mod thread;
mod usage;
