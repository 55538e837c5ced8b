//! The only door for randomness.

use zeroize::Zeroizing;

/// Randomness, drawn by a driver from the system's generator.
///
/// Whoever needs some (a session for its nonces, a login for its `state`) takes a seed of its own,
/// by value, so that none is used twice. It has no `Debug`, since what is made from it is secret.
///
/// ```
/// let seed = tent_flow::Seed::new([7; 32]);
/// assert_eq!(seed.into_bytes(), [7; 32]);
/// ```
#[expect(missing_debug_implementations, reason = "a seed is a secret")]
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// A seed of these bytes, which must come from a cryptographic generator, but in tests.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes. The seed is gone with this.
    pub fn into_bytes(self) -> [u8; 32] {
        *self.0
    }
}
