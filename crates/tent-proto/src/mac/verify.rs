//! Verifying: what a server checks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::Mac as _;

use super::credentials::KeyState;
use super::normalized::Fields;
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
        let mut room = [0; 33]; // what 44 characters of base64 could hold
        let decoded = BASE64.decode_slice(header.mac(), &mut room);
        let mac = &room[..decoded.map_err(|_| MacMismatch)?];
        let fits = |request: &Normalized<'_>| self.is_mac(mac, request.fields());
        if fits(request) || (request.has_ext() && fits(&request.with_ext(b""))) {
            Ok(())
        } else {
            Err(MacMismatch)
        }
    }

    /// Compares in constant time.
    fn is_mac(&self, mac: &[u8], fields: Fields<'_>) -> bool {
        match self.state() {
            KeyState::Sha1(keyed) => fields.feed(keyed).verify_slice(mac).is_ok(),
            KeyState::Sha256(keyed) => fields.feed(keyed).verify_slice(mac).is_ok(),
        }
    }
}
