//! A post and its attachments in one body (`multipart/form-data`, RFC 7578).
//!
//! [`CreatePost`](crate::call::CreatePost) writes one. A [`Reader`] reads one, piece by piece as it
//! comes, and holds no more of it than the head of a part.
//!
//! Source: tent.io 0.2, app-server; RFC 7578, RFC 2046 §5.1; `docs/protocol.md` §6.6.7.
//!
//! ```
//! use bytes::Bytes;
//! use tent_proto::multipart::{Event, Reader};
//!
//! let mut reader = Reader::new("multipart/form-data; boundary=b7f2")?;
//! let mut seen = Vec::new();
//! // As a connection gives it: cut anywhere.
//! for chunk in [
//!     "--b7f2\r\nContent-Disposition: form-data; name=\"photos[0]\"; file",
//!     "name=\"pier.png\"\r\nContent-Type: image/png\r\n\r\n\x01\x02\r",
//!     "\n--b7f2--\r\n",
//! ] {
//!     let mut chunk = Bytes::from(chunk);
//!     while let Some(event) = reader.next(&mut chunk)? {
//!         seen.push(match event {
//!             Event::Part(part) => {
//!                 assert_eq!(part.category(), Some("photos"));
//!                 assert_eq!(part.file_name(), Some("pier.png"));
//!                 assert_eq!(part.media_type(), Some("image/png"));
//!                 "a part"
//!             }
//!             Event::Bytes(_) => "some of it",
//!             Event::End => "its end",
//!             _ => "something new",
//!         });
//!     }
//! }
//! reader.finish()?; // it was all there
//! assert_eq!(seen, ["a part", "some of it", "its end"]);
//! # Ok::<(), tent_proto::multipart::FormError>(())
//! ```

mod boundary;
mod part;
mod read;
mod write;

pub(crate) use self::boundary::Boundary;
pub use self::part::Part;
pub use self::read::{Event, FormError, Reader};
pub(crate) use self::write::body;

#[cfg(test)]
mod tests;
