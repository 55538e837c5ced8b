//! The examples are run as their users run them, against a server in this process.

#![allow(clippy::unwrap_used)] // a test may

mod guide;
mod pair;
mod person;
mod run;
