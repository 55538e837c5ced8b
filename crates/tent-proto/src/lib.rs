//! Tent's types, MAC signing, and one file per call.
