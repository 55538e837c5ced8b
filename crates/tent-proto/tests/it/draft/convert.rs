//! Objects of the draft become those of the later dialects, and come back (`docs/protocol.md` §8.6).

mod objects;
mod properties;
