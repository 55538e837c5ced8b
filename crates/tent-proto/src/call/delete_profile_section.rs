//! `DELETE /profile/:type`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::DecodeError;
use crate::{BuildError, Server, TypeUri};

/// `DELETE /profile/:type`: deletes a section of the profile, or one version of it. The last version
/// gone, the section is gone.
///
/// Since v0.2.
///
/// Needs the scope `write_profile`. It may be sent again, and is a `404` when it was carried out already.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.2.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteProfileSection {
    /// The type of the section.
    pub section: TypeUri,
    /// Which version, when not all.
    pub version: Option<u64>,
}

impl DeleteProfileSection {
    /// Deletes this section.
    pub const fn new(section: TypeUri) -> Self {
        Self {
            section,
            version: None,
        }
    }

    /// Deletes one version alone.
    #[must_use]
    pub const fn version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }
}

impl Call for DeleteProfileSection {
    type Answer = ();

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let section = server.endpoint("profile").segment(self.section.as_str());
        let url = section.pair_if("version", self.version).url()?;
        Ok(request(Method::DELETE, url))
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Receive for DeleteProfileSection {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [section] = request.matching(&Method::DELETE, "profile/:type")?;
        Ok(Self {
            version: request.parsed_parameter("version")?,
            ..Self::new(section.into())
        })
    }
}
