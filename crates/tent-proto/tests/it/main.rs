//! The protocol core against vectors and a scripted peer.

#![allow(clippy::unwrap_used)] // a test may

mod apps;
mod attachments;
mod bad_json;
mod calls;
mod conditional;
mod discover;
mod draft;
mod envelope;
mod exchange;
mod feed;
mod follow;
mod login;
mod lossless;
mod mac;
mod matrix;
mod oddities;
mod paging;
mod policy;
mod post;
mod posts;
mod profile;
mod receive;
mod relations;
mod renewal;
mod simulation;
mod thread;
mod views;
