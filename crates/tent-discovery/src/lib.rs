//! From an entity URL to the links it publishes.

pub mod html_link;
pub mod link_header;
mod relation;
