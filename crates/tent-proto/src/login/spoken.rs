//! A call that each dialect makes in its own way.

use bytes::Bytes;
use http::Response;
use tent_flow::{Request, Sink};

use crate::call::{Access, Call, Replay};
use crate::json::DecodeError;
use crate::{BuildError, Server};

/// One call in the dialect that the servers speak.
#[derive(Debug)]
pub(super) enum Spoken<V, D> {
    V0(V),
    Draft(D),
}

macro_rules! speak {
    ($spoken:expr, $call:ident => $said:expr) => {
        match $spoken {
            Spoken::V0($call) => $said,
            Spoken::Draft($call) => $said,
        }
    };
}

impl<V: Call, D: Call<Answer = V::Answer>> Call for Spoken<V, D> {
    type Answer = V::Answer;

    fn access(&self) -> Access {
        speak!(self, call => call.access())
    }

    fn replay(&self) -> Replay {
        speak!(self, call => call.replay())
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        speak!(self, call => call.request(server))
    }

    fn answer(&self, server: &Server, answer: Response<Bytes>) -> Result<V::Answer, DecodeError> {
        speak!(self, call => call.answer(server, answer))
    }

    fn sink(&self) -> Box<dyn Sink> {
        speak!(self, call => call.sink())
    }
}
