//! The calls of the draft, one file each. They implement the same [`Call`](crate::call::Call) as
//! those of the later dialects, and a session makes them the same way.

mod create_follower;
mod create_following;
mod create_post;
mod delete_follower;
mod delete_following;
mod exchange_code;
mod get_follower;
mod get_post;
mod get_profile;
mod list_followers;
mod list_followings;
mod list_posts;
mod notify_posts;
mod notify_removals;
mod register_app;
mod update_app;
mod update_follower;
mod update_following;
mod update_profile;

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use tent_flow::Request;
use url::Url;

pub use self::create_follower::CreateFollower;
pub use self::create_following::CreateFollowing;
pub use self::create_post::CreatePost;
pub use self::delete_follower::DeleteFollower;
pub use self::delete_following::DeleteFollowing;
pub use self::exchange_code::ExchangeCode;
pub use self::get_follower::GetFollower;
pub use self::get_post::GetPost;
pub use self::get_profile::GetProfile;
pub use self::list_followers::ListFollowers;
pub use self::list_followings::ListFollowings;
pub use self::list_posts::ListPosts;
pub use self::notify_posts::NotifyPosts;
pub use self::notify_removals::NotifyRemovals;
pub use self::register_app::RegisterApp;
pub use self::update_app::UpdateApp;
pub use self::update_follower::UpdateFollower;
pub use self::update_following::UpdateFollowing;
pub use self::update_profile::UpdateProfile;
use crate::BuildError;

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Whether the servers of other entities are asked too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fetch {
    /// They are not, as when nothing is said.
    False,
    /// They are, when the own server has nothing; for a list, in addition to it.
    True,
    /// They are, instead of the own server.
    Force,
}

impl fmt::Display for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::False => "false",
            Self::True => "true",
            Self::Force => "force",
        })
    }
}

/// A text that does not say whether other servers are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither false nor true nor force")]
#[non_exhaustive]
pub struct FetchError;

impl FromStr for Fetch {
    type Err = FetchError;

    fn from_str(text: &str) -> Result<Self, FetchError> {
        match text {
            "false" => Ok(Self::False),
            "true" => Ok(Self::True),
            "force" => Ok(Self::Force),
            _ => Err(FetchError),
        }
    }
}

/// A request for an answer that has a body.
fn accepting(request: Request) -> Request {
    request.with_header(ACCEPT, JSON)
}

/// A request with a JSON body.
fn with_json(method: Method, url: Url, body: &impl Serialize) -> Result<Request, BuildError> {
    let body = serde_json::to_vec(body).map_err(BuildError::Json)?;
    let request = Request::new(method, url);
    Ok(request.with_header(CONTENT_TYPE, JSON).with_body(body))
}

/// The document escapes dots too.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

pub(super) fn escaped(value: &str) -> String {
    utf8_percent_encode(value, ESCAPED).to_string()
}

/// The id of what was created: from the body, which the document does not show, or from the
/// `Location`, which its companion pages do.
fn created(answer: &Response<Bytes>) -> Option<String> {
    #[derive(Deserialize)]
    struct Created {
        id: String,
    }
    if let Ok(Created { id }) = serde_json::from_slice(answer.body()) {
        return Some(id);
    }
    crate::call::last_segment(answer.headers().get(LOCATION)?)
}
