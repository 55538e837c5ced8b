//! Dialects of the protocol.

use serde::{Deserialize, Serialize};

/// A dialect of the protocol: which calls a server knows, and in which form.
///
/// The shape of a profile tells which it is: an object since v0.1, a list in the draft before it.
///
/// Source: `docs/protocol.md` §1.6.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Dialect {
    /// v0.1 and v0.2.
    #[default]
    V0,
    /// The [draft](crate::draft) before v0.1.
    Draft,
}

impl Dialect {
    pub(crate) fn is_v0(&self) -> bool {
        *self == Self::V0
    }
}
