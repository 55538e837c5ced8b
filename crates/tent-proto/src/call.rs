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
mod challenge_follower;
mod conditional;
mod count;
mod count_followers;
mod count_followings;
mod count_groups;
mod count_mentions;
mod count_posts;
mod count_versions;
mod create_authorization;
mod create_follower;
mod create_following;
mod create_group;
mod create_post;
mod delete_app;
mod delete_follower;
mod delete_following;
mod delete_group;
mod delete_post;
mod delete_profile_section;
mod exchange_code;
mod get_app;
mod get_attachment;
mod get_follower;
mod get_follower_by_entity;
mod get_following;
mod get_following_by_entity;
mod get_group;
mod get_post;
mod get_profile;
mod get_profile_section;
mod get_through_following;
mod import_post;
mod list_apps;
mod list_by_id;
mod list_followers;
mod list_followings;
mod list_groups;
mod list_mentions;
mod list_posts;
mod list_versions;
mod notify_follower;
mod put_profile_section;
mod receive;
mod register_app;
mod replace_attachments;
mod request_follow;
mod revert_post;
mod revoke_authorization;
mod scan_posts;
mod update_app;
mod update_authorization;
mod update_follower;
mod update_following;
mod update_group;
mod update_post;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LOCATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use tent_flow::sink::Memory;
use tent_flow::{Request, Sink};
use url::Url;

pub use self::api::Api;
pub use self::challenge_follower::ChallengeFollower;
pub use self::conditional::{Change, Conditional, Validator};
pub use self::count::Count;
pub use self::count_followers::CountFollowers;
pub use self::count_followings::CountFollowings;
pub use self::count_groups::CountGroups;
pub use self::count_mentions::CountMentions;
pub use self::count_posts::CountPosts;
pub use self::count_versions::CountVersions;
pub use self::create_authorization::CreateAuthorization;
pub use self::create_follower::CreateFollower;
pub use self::create_following::CreateFollowing;
pub use self::create_group::CreateGroup;
pub use self::create_post::CreatePost;
pub use self::delete_app::DeleteApp;
pub use self::delete_follower::DeleteFollower;
pub use self::delete_following::DeleteFollowing;
pub use self::delete_group::DeleteGroup;
pub use self::delete_post::DeletePost;
pub use self::delete_profile_section::DeleteProfileSection;
pub use self::exchange_code::ExchangeCode;
pub use self::get_app::GetApp;
pub use self::get_attachment::{DownloadAttachment, GetAttachment};
pub use self::get_follower::GetFollower;
pub use self::get_follower_by_entity::GetFollowerByEntity;
pub use self::get_following::GetFollowing;
pub use self::get_following_by_entity::GetFollowingByEntity;
pub use self::get_group::GetGroup;
pub use self::get_post::GetPost;
pub use self::get_profile::GetProfile;
pub use self::get_profile_section::GetProfileSection;
pub use self::get_through_following::GetThroughFollowing;
pub use self::import_post::ImportPost;
pub use self::list_apps::ListApps;
pub use self::list_by_id::{ListById, Listed, Relation};
pub use self::list_followers::ListFollowers;
pub use self::list_followings::ListFollowings;
pub use self::list_groups::ListGroups;
pub use self::list_mentions::ListMentions;
pub use self::list_posts::{ListPosts, SortBy};
pub use self::list_versions::ListVersions;
pub use self::notify_follower::NotifyFollower;
pub use self::put_profile_section::PutProfileSection;
pub use self::receive::{Receive, ReceiveError, Received};
pub use self::register_app::RegisterApp;
pub use self::replace_attachments::ReplaceAttachments;
pub use self::request_follow::RequestFollow;
pub use self::revert_post::RevertPost;
pub use self::revoke_authorization::RevokeAuthorization;
pub use self::scan_posts::{ScanPosts, ScannedPage};
pub use self::update_app::UpdateApp;
pub use self::update_authorization::UpdateAuthorization;
pub use self::update_follower::UpdateFollower;
pub use self::update_following::UpdateFollowing;
pub use self::update_group::UpdateGroup;
pub use self::update_post::UpdatePost;
use crate::json::DecodeError;
use crate::{BuildError, FindPost, Server, Session, Timestamp};

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

    /// Reads an answer of `server` whose status it [accepts](Self::accepts).
    ///
    /// # Errors
    ///
    /// When it is not what the protocol promises.
    fn answer(&self, server: &Server, answer: Response<Bytes>)
    -> Result<Self::Answer, DecodeError>;

    /// Whether a status is one of those that [`answer`](Self::answer) reads: mostly any of 2xx. All
    /// others end the call with [`CallError::Refused`](crate::CallError::Refused).
    fn accepts(&self, status: StatusCode) -> bool {
        status.is_success()
    }

    /// This call, if it is a read, but only for what has changed since this was the answer.
    fn if_changed(self, known: &Validator) -> Conditional<Self>
    where
        Self: Sized,
    {
        Conditional::new(self).since(known)
    }

    /// Where the body of the answer goes. Usually into memory, at most 16 MiB.
    fn sink(&self) -> Box<dyn Sink> {
        Box::new(Memory::with_limit(16 * 1024 * 1024))
    }

    /// The flow that looks for what the call made, for when no answer tells whether it did. `begun` is
    /// when it was sent, in epoch seconds by the server's clock. By default there is none.
    fn search(&self, session: &Session, begun: Timestamp) -> Option<FindPost> {
        let _ = (session, begun);
        None
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

/// Whether a segment names an entity, where an id could stand as well.
fn names_entity(segment: &str) -> bool {
    segment.starts_with("https://") || segment.starts_with("http://")
}

/// Whether a request asks for keys too, which makes the scope `read_secrets` effective
/// (`docs/protocol.md` §6.0).
fn wants_secrets(request: &Received<'_>) -> bool {
    request.parameter("secrets") == Some("true")
}

/// The last segment of what an answer says it is about, decoded: the id of an object that was asked
/// for by something else.
fn last_segment_of_location(answer: &Response<Bytes>) -> Option<String> {
    last_segment(answer.headers().get(CONTENT_LOCATION)?)
}

/// The last segment of the path of a URL, decoded.
pub(crate) fn last_segment(url: &HeaderValue) -> Option<String> {
    let path = url.to_str().ok()?.split(['?', '#']).next()?;
    let segment = path
        .rsplit('/')
        .next()
        .filter(|segment| !segment.is_empty())?;
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    Some(decoded.into_owned())
}
