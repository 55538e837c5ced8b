//! `GET /posts`, read no further than needed

use bytes::Bytes;
use http::Response;
use http::header::LINK;
use tent_flow::Request;

use super::{Access, Call, ListPosts, Replay};
use crate::json::DecodeError;
use crate::model::Envelope;
use crate::{BuildError, Page, Server};

/// `GET /posts`: lists posts, newest first, in pages that are read as [`Envelope`]s: for passing
/// through big feeds of which few posts are wanted.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.1 and §6.6.2.
///
/// ```
/// # use tent_flow::script::{Answer, Script};
/// # use tent_proto::Session;
/// use tent_proto::call::{ListPosts, ScanPosts};
///
/// # let entity = "https://alice.example".parse()?;
/// # let session = Session::anonymous(entity, vec!["https://alice.example/tent".parse()?]);
/// # let mut client = Script::new()
/// #     .on("GET", "https://alice.example/tent/posts?limit=200",
/// #         Answer::json(r#"[{"id":"c","published_at":3},{"id":"b","published_at":2}]"#)
/// #             .header("link", r#"</tent/posts?limit=200&before_id=b>; rel="next""#))
/// #     .on("GET", "https://alice.example/tent/posts?limit=200&before_id=b",
/// #         Answer::json("[]").header("link", r#"</tent/posts?limit=200&since_id=b>; rel="prev""#));
/// let mut wanted = Vec::new();
/// let mut next = Some(ScanPosts::new(ListPosts::new().limit(200)));
/// while let Some(scan) = next {
///     let page = client.run(session.call(scan))?;
///     for envelope in page.envelopes()? {
///         if envelope.published_at.is_some_and(|time| time.epoch_seconds() % 2 == 0) {
///             wanted.push(envelope.to_post()?);
///         }
///     }
///     next = page.next;
/// }
/// assert_eq!(wanted.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanPosts {
    list: ListPosts,
}

impl ScanPosts {
    /// Passes through this list.
    pub const fn new(list: ListPosts) -> Self {
        Self { list }
    }
}

/// A page of posts as it came, and the scans that go on from it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ScannedPage {
    /// The body, a list in JSON.
    pub body: Bytes,
    /// The page of what is older.
    pub next: Option<ScanPosts>,
    /// The page of what is newer, which may still be empty.
    pub previous: Option<ScanPosts>,
}

impl ScannedPage {
    /// The posts, newest first, borrowed from the body.
    ///
    /// # Errors
    ///
    /// When the body is not a list of posts.
    pub fn envelopes(&self) -> Result<Vec<Envelope<'_>>, DecodeError> {
        Envelope::parse_page(&self.body)
    }
}

impl Call for ScanPosts {
    type Answer = ScannedPage;

    fn access(&self) -> Access {
        self.list.access()
    }

    fn replay(&self) -> Replay {
        self.list.replay()
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        self.list.request(server)
    }

    fn answer(&self, server: &Server, answer: Response<Bytes>) -> Result<ScannedPage, DecodeError> {
        let body = answer.body().clone();
        // Where there are links, they alone say how the list goes on. In v0.1 the posts do.
        let page = match answer.headers().contains_key(LINK) {
            true => answer.map(|_| Bytes::from_static(b"[]")),
            false => answer,
        };
        let Page { next, previous, .. } = self.list.answer(server, page)?;
        Ok(ScannedPage {
            body,
            next: next.map(Self::new),
            previous: previous.map(Self::new),
        })
    }
}
