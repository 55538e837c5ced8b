//! Tent from the command line.

fn main() {}
