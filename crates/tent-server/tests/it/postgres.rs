//! The same over PostgreSQL, and what is so with PostgreSQL alone.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod approval;
mod apps;
mod attachment_limits;
mod attachment_reads;
mod attachment_remote;
mod attachment_sockets;
mod attachment_versions;
mod attachments;
mod authorizations;
mod body;
mod browser;
mod calls;
mod checklist;
mod delivery;
mod desk;
mod discovery;
mod draft;
mod edits;
mod exchange;
mod faults;
mod federation;
mod feed;
mod follow_page;
mod following;
mod form;
mod groups;
mod hosting;
mod limits;
mod log;
mod mac;
mod monitor;
mod neighbour;
mod old_client;
mod pages;
mod post_lists;
mod posts;
#[path = "postgres/processes.rs"]
mod processes;
mod profile;
mod serving;
mod settings;
mod sign_in;
#[path = "postgres/store.rs"]
mod store;
mod strangers;
mod through;
mod unread;
mod walk;
mod wire;
mod world;
