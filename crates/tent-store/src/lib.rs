//! Where Tent credentials live.
