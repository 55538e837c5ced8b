//! Verifying: what a server checks.

use subtle::ConstantTimeEq;

use super::{Credentials, Header, Normalized};

/// The MAC of a request is not the one its credential makes: another key, or another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the MAC does not fit the request and the key")]
#[non_exhaustive]
pub struct MacMismatch;

impl Credentials {
    /// Verifies the MAC of a header over the request it came with, in constant time, without
    /// allocating.
    ///
    /// An `ext` attribute counts as the draft says, and is also let pass when it was sent but not
    /// signed, as the reference server does (`docs/protocol.md` §5.5).
    ///
    /// This says nothing of the timestamp and the nonce: a server checks the one against its clock
    /// and remembers the other (`docs/protocol.md` §5.3).
    ///
    /// # Errors
    ///
    /// [`MacMismatch`], whatever the reason.
    pub fn verify(&self, header: &Header<'_>, request: &Normalized<'_>) -> Result<(), MacMismatch> {
        let fits = |request: &Normalized<'_>| -> bool {
            let expected = self.mac(request);
            expected.as_bytes().ct_eq(header.mac().as_bytes()).into()
        };
        if fits(request) || (request.has_ext() && fits(&request.with_ext(b""))) {
            Ok(())
        } else {
            Err(MacMismatch)
        }
    }
}
