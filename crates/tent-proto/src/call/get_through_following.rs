//! `GET /followings/:id/…`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::{Request, Sink};

use super::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::json::DecodeError;
use crate::{BuildError, FollowingId, Server};

/// `GET /followings/:id/…`: reads from the server of an entity that the person follows, by way of the
/// person's own server, which signs as the follower that it is there. So one sees what the entity
/// shares with the person.
///
/// Any call that is a `GET` can be made so. The answer is the other server's: posts are of the
/// followed entity, and to go on from a page is to make another call of the same kind through the
/// following.
///
/// ```
/// use tent_flow::script::{Answer, Script};
/// use tent_proto::call::{GetThroughFollowing, ListPosts};
/// use tent_proto::Session;
///
/// let session = Session::anonymous(
///     "https://alice.example".parse()?,
///     vec!["https://tent.alice.example".parse()?],
/// );
/// let mut server = Script::new().on(
///     "GET",
///     "https://tent.alice.example/followings/f0Qy/posts?limit=5",
///     Answer::json(r#"[{"id":"p1","entity":"https://bob.example"}]"#),
/// );
/// let posts = ListPosts::new().limit(5);
/// let page = server.run(session.call(GetThroughFollowing::new("f0Qy", posts)))?;
/// assert_eq!(page.items[0].entity.as_ref().unwrap().as_str(), "https://bob.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The reference server has it, undocumented, and passes on the header fields `Accept` and
/// `If-Modified-Since` alone.
///
/// Source: `docs/protocol.md` §6.4.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetThroughFollowing<C> {
    /// By way of which following.
    pub id: FollowingId,
    /// What to ask the followed entity's server.
    pub call: C,
}

impl<C> GetThroughFollowing<C> {
    /// Makes this call by way of this following.
    pub fn new(id: impl Into<FollowingId>, call: C) -> Self {
        Self {
            id: id.into(),
            call,
        }
    }

    /// The followed entity's server, as it appears below the person's own.
    fn beyond(&self, server: &Server) -> Result<Server, BuildError> {
        let url = server
            .endpoint("followings")
            .segment(self.id.as_str())
            .url()?;
        let path = url.path().to_owned();
        Server::try_from(url).map_err(|_| BuildError::Path(path))
    }
}

impl<C: Call> Call for GetThroughFollowing<C> {
    type Answer = C::Answer;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let request = self.call.request(&self.beyond(server)?)?;
        match request.method {
            Method::GET => Ok(request),
            other => Err(BuildError::NotPassedOn(other)),
        }
    }

    fn answer(&self, server: &Server, answer: Response<Bytes>) -> Result<C::Answer, DecodeError> {
        let beyond = self.beyond(server);
        self.call.answer(beyond.as_ref().unwrap_or(server), answer)
    }

    fn sink(&self) -> Box<dyn Sink> {
        self.call.sink()
    }
}

impl<C: Receive> Receive for GetThroughFollowing<C> {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let mut parts = request.path().splitn(3, '/');
        let (Some("followings"), Some(id), Some(path)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(ReceiveError::OtherCall);
        };
        let own = Received::new(
            request.method(),
            id,
            None,
            request.headers(),
            request.body(),
        )?;
        let [id] = own.matching(&Method::GET, ":id")?;
        let passed_on = Received::new(
            request.method(),
            path,
            request.query(),
            request.headers(),
            request.body(),
        )?;
        Ok(Self::new(id, C::receive(&passed_on)?))
    }
}
