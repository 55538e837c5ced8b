//! MAC request authentication, per draft-ietf-oauth-v2-http-mac-01 (`docs/protocol.md` §5).
//!
//! A request is signed with a shared key. The signature covers the time, a nonce, the method, the
//! request target, the host and the port; not the body.
//!
//! ```
//! use tent_proto::mac::{Algorithm, Credentials, Header, Normalized, Stamp};
//!
//! let credentials = Credentials::new(
//!     "u:7nC2wq0Yd1kR5sV8xZ3bLg",
//!     "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
//!     Algorithm::HmacSha256,
//! )?;
//! let url = "https://tent.alice.example/".parse()?;
//! let stamp = Stamp { timestamp: 1356998402, nonce: "k3Jd9sQ9" };
//!
//! // The client's side: the value of the Authorization header.
//! let text = credentials.sign(&http::Method::HEAD, &url, stamp);
//! assert!(text.ends_with(r#"mac="SxtGOMbn/9EwJXtOtd+dGjvC7Z9Ax4jll2WAXViMu1U=""#));
//!
//! // The server's side.
//! let header = Header::parse(&text)?;
//! let request = Normalized::new(&header, "HEAD", "/", "tent.alice.example", 443);
//! assert!(credentials.verify(&header, &request).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing here knows the rest of Tent: a timestamp and a nonce are arguments, and a URL is a
//! [`url::Url`].

mod algorithm;
mod credentials;
mod decimal;
mod header;
mod nonce;
mod normalized;
mod sign;
mod verify;

pub use self::algorithm::{Algorithm, UnknownAlgorithm};
pub use self::credentials::{Credentials, CredentialsError};
pub use self::header::{Header, HeaderError};
pub use self::nonce::{Nonce, Nonces};
pub use self::normalized::Normalized;
pub use self::sign::Stamp;
pub use self::verify::MacMismatch;
