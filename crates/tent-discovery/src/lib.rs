//! From an entity URL to the links it publishes.
