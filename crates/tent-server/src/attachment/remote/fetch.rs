//! The call that fetches a file from another server.

use bytes::Bytes;
use http::{HeaderMap, Response};
use tent_flow::Sink;
use tent_proto::call::{Access, Call, GetAttachment, Replay};
use tent_proto::json::DecodeError;
use tent_proto::{BuildError, Server};

use super::pipe::Sender;

/// A [`GetAttachment`] whose file goes through a pipe.
#[derive(Debug)]
pub(super) struct Fetch {
    pub(super) file: GetAttachment,
    /// What else is asked, by header fields.
    pub(super) asked: HeaderMap,
    pub(super) sender: Sender,
}

impl Call for Fetch {
    type Answer = ();

    fn access(&self) -> Access {
        self.file.access()
    }

    fn replay(&self) -> Replay {
        match self.sender.has_begun() {
            true => Replay::OnlyIfUnsent,
            false => Replay::Always,
        }
    }

    fn request(&self, server: &Server) -> Result<tent_flow::Request, BuildError> {
        let mut request = self.file.request(server)?;
        request.headers.extend(self.asked.clone());
        Ok(request)
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }

    fn sink(&self) -> Box<dyn Sink> {
        Box::new(self.sender.clone())
    }
}
