//! Randomness, and what is made from it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use tent_proto::Secret;
use tent_proto::mac::{Algorithm, Credentials};

use crate::error::ApiError;

/// Random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], ApiError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| ApiError::internal(&error))?;
    Ok(bytes)
}

/// An identifier: 16 random bytes as 22 characters (`docs/protocol.md` §1.2).
pub(crate) fn id() -> Result<String, ApiError> {
    Ok(URL_SAFE_NO_PAD.encode(random::<16>()?))
}

/// A MAC id; the letter says what it stands for (`docs/protocol.md` §3.3).
fn mac_id(letter: char) -> Result<String, ApiError> {
    Ok(format!("{letter}:{}", id()?))
}

/// A MAC key: 32 hexadecimal digits, to be used as text.
fn mac_key() -> Result<Secret, ApiError> {
    let digits = random::<16>()?.map(|byte| format!("{byte:02x}"));
    Ok(Secret::new(digits.concat()))
}

/// A new credential, whose id has this letter.
pub(crate) fn credentials(letter: char) -> Result<Credentials, ApiError> {
    let credentials = Credentials::new(mac_id(letter)?, mac_key()?, Algorithm::HmacSha256);
    credentials.map_err(|error| ApiError::internal(&error))
}

/// A token that its holder alone knows, such as a code: 32 random bytes. Its [`hash`] is stored.
pub(crate) fn token() -> Result<String, ApiError> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// What is kept of a token.
pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// A token derived from another, from which that cannot be found out.
pub(crate) fn derived(purpose: &str, token: &str) -> String {
    let digest = Sha256::new()
        .chain_update(purpose)
        .chain_update("\n")
        .chain_update(token)
        .finalize();
    URL_SAFE_NO_PAD.encode(digest)
}
