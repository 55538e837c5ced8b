//! A Tent server to embed or run.
