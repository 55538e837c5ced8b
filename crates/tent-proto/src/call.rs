//! Calls: one file each.
//!
//! A call knows how its request is built and how its answer is read, and nothing of signing, waiting,
//! trying again or choosing a server: an [`Exchange`](crate::Exchange) does those for all calls.
//!
//! A call of one's own is one `impl`:
//!
//! ```
//! use bytes::Bytes;
//! use http::{Method, Response};
//! use tent_flow::Request;
//! use tent_proto::call::{Access, Call, Replay, request};
//! use tent_proto::json::{DecodeError, decode};
//! use tent_proto::{BuildError, Server};
//!
//! /// `GET /followers/count`: how many follow the entity.
//! #[derive(Debug)]
//! struct CountFollowers;
//!
//! impl Call for CountFollowers {
//!     type Answer = u64;
//!
//!     fn access(&self) -> Access {
//!         Access::Optional
//!     }
//!
//!     fn replay(&self) -> Replay {
//!         Replay::Always
//!     }
//!
//!     fn request(&self, server: &Server) -> Result<Request, BuildError> {
//!         let url = server.endpoint("followers").segment("count").url()?;
//!         Ok(request(Method::GET, url))
//!     }
//!
//!     fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<u64, DecodeError> {
//!         decode(answer.body())
//!     }
//! }
//! ```

mod api;
mod count_posts;
mod create_post;
mod delete_app;
mod exchange_code;
mod get_app;
mod get_post;
mod get_profile;
mod list_groups;
mod list_posts;
mod register_app;
mod revoke_authorization;
mod update_app;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, Response};
use serde::Serialize;
use tent_flow::sink::Memory;
use tent_flow::{Request, Sink};
use url::Url;

pub use self::api::Api;
pub use self::count_posts::CountPosts;
pub use self::create_post::CreatePost;
pub use self::delete_app::DeleteApp;
pub use self::exchange_code::ExchangeCode;
pub use self::get_app::GetApp;
pub use self::get_post::GetPost;
pub use self::get_profile::GetProfile;
pub use self::list_groups::ListGroups;
pub use self::list_posts::{ListPosts, SortBy};
pub use self::register_app::RegisterApp;
pub use self::revoke_authorization::RevokeAuthorization;
pub use self::update_app::UpdateApp;
use crate::json::DecodeError;
use crate::{BuildError, Server};

/// Tent's media type, for v0.1 and v0.2 (`docs/protocol.md` §1.4).
pub const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/vnd.tent.v0+json");

/// One kind of request, and how its answer is read.
pub trait Call: Send + 'static {
    /// What a successful answer says.
    type Answer: Send + 'static;

    /// Whether the request is signed.
    fn access(&self) -> Access;

    /// Whether the request may be sent again after it might have been received.
    fn replay(&self) -> Replay;

    /// Builds the request to one server, but for its signature.
    ///
    /// # Errors
    ///
    /// When the parts given do not make a request.
    fn request(&self, server: &Server) -> Result<Request, BuildError>;

    /// Reads an answer of `server` whose status is 2xx.
    ///
    /// # Errors
    ///
    /// When it is not what the protocol promises.
    fn answer(&self, server: &Server, answer: Response<Bytes>)
    -> Result<Self::Answer, DecodeError>;

    /// Where the body of the answer goes. Usually into memory, at most 16 MiB.
    fn sink(&self) -> Box<dyn Sink> {
        Box::new(Memory::with_limit(16 * 1024 * 1024))
    }
}

/// Whether a call is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "never, maybe, always")]
pub enum Access {
    /// Never.
    Public,
    /// When the session has a credential. Without one the answer holds what everybody may see.
    Optional,
    /// Always; a session without a credential refuses the call.
    Signed,
}

/// Whether a call may be sent again after it might have been received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "it may, or it may not")]
pub enum Replay {
    /// It may: doing it twice is doing it once.
    Always,
    /// Only when it cannot have been received.
    OnlyIfUnsent,
}

/// A request that accepts Tent's media type.
pub fn request(method: Method, url: Url) -> Request {
    Request::new(method, url).with_header(ACCEPT, MEDIA_TYPE)
}

/// A request with a body in Tent's media type.
///
/// # Errors
///
/// When `body` cannot be written as JSON.
pub fn request_with_json(
    method: Method,
    url: Url,
    body: &impl Serialize,
) -> Result<Request, BuildError> {
    let body = serde_json::to_vec(body).map_err(BuildError::Json)?;
    Ok(request(method, url)
        .with_header(CONTENT_TYPE, MEDIA_TYPE)
        .with_body(body))
}
