//! `GET /profile/:type`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::{DecodeError, decode};
use crate::model::Content;
use crate::{BuildError, Server, TypeUri};

/// `GET /profile/:type`: reads one section of the profile, or an earlier version of it. The answer is
/// the JSON of the section.
///
/// Since v0.2. The version in the type need not be the one stored. Versions are numbers from 1 on, and no
/// call lists them.
///
/// ```
/// # use tent_flow::script::{Answer, Script};
/// # let alice = "https://tent.io/types/info/basic/v0.1.0".replace('/', "%2F").replace(':', "%3A");
/// # let url = format!("https://alice.example/profile/{alice}");
/// # let mut client = Script::new().on("GET", &url, Answer::json(r#"{"name":"Alice"}"#));
/// # let session = tent_proto::Session::anonymous(
/// #     "https://alice.example".parse()?, vec!["https://alice.example".parse()?]);
/// use tent_proto::TypeUri;
/// use tent_proto::call::GetProfileSection;
/// use tent_proto::model::Basic;
///
/// let section = client.run(session.call(GetProfileSection::new(TypeUri::basic())))?;
/// assert_eq!(section.read::<Basic>()?.name.as_deref(), Some("Alice"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.2.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetProfileSection {
    /// The type of the section.
    pub section: TypeUri,
    /// Which version, when not the newest.
    pub version: Option<u64>,
}

impl GetProfileSection {
    /// Reads the newest version of this section.
    pub const fn new(section: TypeUri) -> Self {
        Self {
            section,
            version: None,
        }
    }

    /// Reads one version.
    #[must_use]
    pub const fn version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }
}

impl Call for GetProfileSection {
    type Answer = Content;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let section = server.endpoint("profile").segment(self.section.as_str());
        let url = section.pair_if("version", self.version).url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Content, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for GetProfileSection {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [section] = request.matching(&Method::GET, "profile/:type")?;
        Ok(Self {
            version: request.parsed_parameter("version")?,
            ..Self::new(section.into())
        })
    }
}
