//! What the counts of lists share.

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::json::{DecodeError, decode};
use crate::list::List;
use crate::{BuildError, Server};

/// `HEAD` of a list: how many elements it has, whatever its pages hold. Since v0.2; servers of v0.1
/// tell it [below](Self::below) the list.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.2.
///
/// ```
/// # use tent_flow::script::{Answer, Script};
/// # use tent_proto::Session;
/// use tent_proto::call::ListFollowers;
///
/// # let entity = "https://alice.example".parse()?;
/// # let session = Session::anonymous(entity, vec!["https://alice.example/tent".parse()?]);
/// # let mut client = Script::new()
/// #     .on("HEAD", "https://alice.example/tent/followers", Answer::status(200).header("Count", "7"));
/// assert_eq!(client.run(session.total(ListFollowers::new()))?, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Count<L> {
    /// The list to count.
    pub list: L,
    /// Whether to ask with `GET` of the list's `count` instead.
    pub below: bool,
}

impl<L: List> Count<L> {
    /// Counts what this list holds.
    pub const fn new(list: L) -> Self {
        Self { list, below: false }
    }

    /// Asks with `GET` of the list's `count`, which servers of v0.1 know too. Versions and mentions of
    /// a post have none.
    #[must_use]
    pub const fn below(mut self) -> Self {
        self.below = true;
        self
    }
}

impl<L: List> Call for Count<L> {
    type Answer = u64;

    fn access(&self) -> Access {
        self.list.access()
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let mut request = self.list.request(server)?;
        if self.below {
            let path = request.url.path_segments_mut();
            path.map_err(|()| BuildError::Path("count".to_owned()))?
                .push("count");
        } else {
            request.method = Method::HEAD;
        }
        Ok(request)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<u64, DecodeError> {
        if self.below {
            return decode(answer.body());
        }
        let count = answer.headers().get("count");
        let count = count.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        count.ok_or(DecodeError::Header("Count"))
    }
}

impl<L: List> Receive for Count<L> {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let (list, below) = request.counted()?;
        let list = L::receive(&list)?;
        Ok(Self { list, below })
    }
}
