//! The README and the guides, compiled and run as doctests.
