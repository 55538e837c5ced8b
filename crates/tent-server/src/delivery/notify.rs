//! `POST` of a post to whoever is to have it.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Response};
use tent_flow::Request;
use tent_proto::call::{Access, Call, MEDIA_TYPE, Replay, request};
use tent_proto::follow::NotificationPath;
use tent_proto::json::DecodeError;
use tent_proto::{BuildError, Server};
use url::Url;

/// The delivery of a post in the words in which it is stored: to the server of a follower, as
/// [`NotifyFollower`](tent_proto::call::NotifyFollower), to that of somebody else, or to an app.
///
/// Source: `docs/protocol.md` §6.9.
#[derive(Debug, Clone)]
pub(super) struct Notify {
    place: Place,
    post: Bytes,
}

#[derive(Debug, Clone)]
enum Place {
    /// Below the API root of the entity.
    Path(NotificationPath),
    Posts,
    /// Where an app wants it.
    Url(Url),
}

impl Notify {
    pub(super) fn follower(path: Option<NotificationPath>, post: String) -> Self {
        Self {
            place: path.map_or(Place::Posts, Place::Path),
            post: post.into(),
        }
    }

    pub(super) fn mentioned(post: String) -> Self {
        Self::follower(None, post)
    }

    pub(super) fn app(url: Url, post: String) -> Self {
        Self {
            place: Place::Url(url),
            post: post.into(),
        }
    }
}

impl Call for Notify {
    type Answer = ();

    /// Strangers get posts unsigned.
    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = match &self.place {
            Place::Path(path) => server.path(path.as_str())?,
            Place::Posts => server.endpoint("posts").url()?,
            Place::Url(url) => url.clone(),
        };
        Ok(request(Method::POST, url)
            .with_header(CONTENT_TYPE, MEDIA_TYPE)
            .with_body(self.post.clone()))
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}
