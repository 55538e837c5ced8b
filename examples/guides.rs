//! The README and the guides, compiled and run as doctests.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(doctest)]
#[doc = include_str!("../docs/architecture.md")]
mod architecture {}

#[cfg(doctest)]
#[doc = include_str!("../docs/guide.md")]
mod guide {}

#[cfg(doctest)]
#[doc = include_str!("../docs/policy.md")]
mod policy {}

#[cfg(doctest)]
#[doc = include_str!("../docs/server.md")]
mod server {}
