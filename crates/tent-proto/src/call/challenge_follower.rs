//! `GET /:notification_path?challenge=…`

use std::time::Duration;

use bytes::Bytes;
use http::header::ACCEPT;
use http::{HeaderValue, Method, Response, StatusCode};
use tent_flow::{Request, Sink};

use super::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::follow::{Challenge, NotificationPath, challenge};
use crate::json::DecodeError;
use crate::{BuildError, Server};

/// `GET /:notification_path?challenge=…`: asks the server of an entity that is said to follow whether
/// that is so. Its answer repeats the challenge. The call may take 10 seconds.
///
/// A server that knows the path gives [`Challenge::answer`], any other `404`. It does so while its own
/// [request](super::RequestFollow) is under way, and may be asked again later on.
///
/// Source: tent.io 0.2, server-protocol; `docs/protocol.md` §6.8.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChallengeFollower {
    /// What the request to follow said.
    pub notification_path: NotificationPath,
    /// What is to be repeated.
    pub challenge: Challenge,
}

impl ChallengeFollower {
    /// Puts this challenge.
    pub const fn new(notification_path: NotificationPath, challenge: Challenge) -> Self {
        Self {
            notification_path,
            challenge,
        }
    }
}

/// The challenge was not repeated.
#[derive(Debug, thiserror::Error)]
#[error("it does not begin with the challenge, or its status is not 200")]
struct NotRepeated;

impl Call for ChallengeFollower {
    type Answer = ();

    fn access(&self) -> Access {
        Access::Public
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let mut url = server.path(self.notification_path.as_str())?;
        url.set_query(Some(&format!("challenge={}", self.challenge.as_str())));
        Ok(Request::new(Method::GET, url)
            .with_header(ACCEPT, HeaderValue::from_static("text/plain"))
            .with_timeout(Duration::from_secs(10)))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<(), DecodeError> {
        let repeated = answer
            .body()
            .starts_with(self.challenge.as_str().as_bytes());
        if repeated && answer.status() == StatusCode::OK {
            Ok(())
        } else {
            Err(DecodeError::Unusable("challenge", Box::new(NotRepeated)))
        }
    }

    /// No more is read than the challenge is long.
    fn sink(&self) -> Box<dyn Sink> {
        Box::new(challenge::Beginning::of(self.challenge.as_str().len()))
    }
}

impl Receive for ChallengeFollower {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        if request.method() != Method::GET {
            return Err(ReceiveError::OtherCall);
        }
        let challenge = request.parsed_parameter("challenge")?;
        Ok(Self {
            notification_path: Received::segment(request.path())?,
            challenge: challenge.ok_or(ReceiveError::OtherCall)?,
        })
    }
}
