//! Following, from server to server.
//!
//! When Bob follows Alice, Bob's server asks Alice's, and Alice's makes sure that Bob means it: it puts
//! a challenge to the server that Bob's entity names. What comes of it is a credential that both keep:
//! Bob's server reads with it what Alice shares with Bob, and Alice's signs the posts that it delivers.
//!
//! ```text
//! Bob's server                                       Alice's server
//! Discovery of Alice ──follow──▶ POST /followers ──▶ RequestFollow::receive ──confirm──▶ …
//! ChallengeFollower::receive  ◀── GET /notifications/Fb3?challenge=… ◀── … of a Discovery of Bob
//!      └─Challenge::answer──▶ 200, the challenge ──▶ Confirmed ──▶ a Follower, with a credential
//! Followed: id and credential ◀─────────────────────── 200, that Follower
//! ```
//!
//! Bob's server is challenged while its own request is still waiting. Later on it may
//! [read](crate::call::GetFollower), [change](crate::call::UpdateFollower) and
//! [delete](crate::call::DeleteFollower) its own record, by a [session](Followed::session) with the
//! credential; Alice's [delivers](crate::call::NotifyFollower) posts, and may
//! [ask again](crate::call::ChallengeFollower) whether they are still wanted.
//!
//! Source: tent.io 0.2, server-protocol; `docs/protocol.md` §6.8.
//!
//! ```
//! use tent_flow::Seed;
//! use tent_flow::script::{Answer, Script};
//! use tent_proto::call::{RequestFollow, UpdateFollower};
//! use tent_proto::discover;
//! use tent_proto::follow::{NotificationPath, follow};
//!
//! let mut alice = Script::new()
//!     .on("HEAD", "https://alice.example/", Answer::status(200)
//!         .header("link", r#"</tent/profile>; rel="https://tent.io/rels/profile""#))
//!     .on("GET", "https://alice.example/tent/profile", Answer::json(
//!         r#"{"https://tent.io/types/info/core/v0.1.0":
//!             {"entity": "https://alice.example", "servers": ["https://alice.example/tent"]}}"#))
//!     .on("POST", "https://alice.example/tent/followers", Answer::json(
//!         r#"{"id": "Zr9", "mac_key_id": "s:4f", "mac_key": "0f1e", "mac_algorithm": "hmac-sha-256"}"#));
//!
//! let discovery = alice.run(discover(&"https://alice.example".parse()?))?;
//! // The following is stored, with an id, before the other server is asked; it will ask back.
//! let path = NotificationPath::of(&"Fb3".into());
//! let request = RequestFollow::new("https://bob.example".parse()?, path);
//! let followed = alice.run(follow(&discovery, request))?;
//! assert_eq!(followed.id.as_str(), "Zr9");
//!
//! // From now on: essays alone.
//! # let mut alice = alice.on("PUT", "https://alice.example/tent/followers/Zr9", Answer::json("{}"));
//! let session = followed.session(Seed::new([7; 32]));
//! let mut changes = tent_proto::model::Follower::default();
//! changes.types = vec!["https://tent.io/types/post/essay/v0.1.x#meta".into()];
//! alice.run(session.call(UpdateFollower::new(followed.id, changes)))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(crate) mod challenge;
mod confirm;
mod path;
mod request;

use url::Url;

pub use self::challenge::{Challenge, InvalidChallenge};
pub use self::confirm::{Confirm, Confirmed, FollowRefused, confirm};
pub use self::path::{InvalidNotificationPath, NotificationPath};
pub use self::request::{Follow, Followed, follow};
use crate::{BuildError, Entity, Server};

/// The page at which a person's browser can follow an entity, where the person has an app for that:
/// what a "follow" button of another site leads to.
///
/// Source: `docs/protocol.md` §6.4.
///
/// ```
/// use tent_proto::follow::follow_page;
///
/// let page = follow_page(&"https://alice.example/tent".parse()?, &"https://bob.example".parse()?)?;
/// assert_eq!(page.as_str(), "https://alice.example/tent/follow?entity=https%3A%2F%2Fbob.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When the parts do not make a URL.
pub fn follow_page(server: &Server, entity: &Entity) -> Result<Url, BuildError> {
    server.endpoint("follow").pair("entity", entity).url()
}
