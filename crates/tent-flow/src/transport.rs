//! Why there was no whole answer.

use std::error::Error;
use std::fmt;
use std::io;

use crate::TooLarge;
use crate::address::AddressRefused;

type Cause = Box<dyn Error + Send + Sync>;

/// Why there was no whole answer, and whether the server can have seen the request.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    delivery: Delivery,
    cause: Option<Cause>,
}

/// What broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: the name is unknown, nobody listens, TLS failed.
    Connect,
    /// It took longer than allowed.
    Timeout,
    /// The connection broke, or what came is not HTTP.
    Broken,
    /// The answer is larger than whoever waits for it takes.
    TooLarge,
    /// The body to send could not be read.
    Source,
    /// The answer could not be written.
    Sink,
    /// The address rule forbids the server's address.
    AddressRefused,
    /// The request cannot be sent by this driver, as it is.
    Unsupported,
}

/// Whether the server can have seen the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "it can, or it cannot")]
pub enum Delivery {
    /// It cannot: the request never left.
    NotSent,
    /// It can: all or some of the request was under way.
    Possible,
}

impl TransportError {
    /// An error of this kind. Only a driver that is sure says [`Delivery::NotSent`].
    pub const fn new(kind: TransportErrorKind, delivery: Delivery) -> Self {
        Self {
            kind,
            delivery,
            cause: None,
        }
    }

    /// Adds what caused it.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Cause>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// There is no connection, so the request was not sent.
    pub fn connect(cause: impl Into<Cause>) -> Self {
        Self::new(TransportErrorKind::Connect, Delivery::NotSent).because(cause)
    }

    /// The connection broke, or what came is not HTTP. The request may have arrived.
    pub fn broken(cause: impl Into<Cause>) -> Self {
        Self::new(TransportErrorKind::Broken, Delivery::Possible).because(cause)
    }

    /// The address rule forbids the server's address.
    pub fn address_refused(refused: AddressRefused) -> Self {
        Self::new(TransportErrorKind::AddressRefused, Delivery::NotSent).because(refused)
    }

    /// The driver cannot do this; nothing was sent.
    pub fn unsupported(cause: impl Into<Cause>) -> Self {
        Self::new(TransportErrorKind::Unsupported, Delivery::NotSent).because(cause)
    }

    /// A [`Sink`](crate::Sink) failed while it took the answer.
    pub fn from_sink(error: io::Error) -> Self {
        let too_large = error.get_ref().is_some_and(|cause| cause.is::<TooLarge>());
        let kind = if too_large {
            TransportErrorKind::TooLarge
        } else {
            TransportErrorKind::Sink
        };
        Self::new(kind, Delivery::Possible).because(error)
    }

    /// What broke.
    pub const fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the server can have seen the request.
    pub const fn delivery(&self) -> Delivery {
        self.delivery
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Connect => "could not connect",
            TransportErrorKind::Timeout => "it took too long",
            TransportErrorKind::Broken => "the connection broke",
            TransportErrorKind::TooLarge => "the answer is too large",
            TransportErrorKind::Source => "the body to send could not be read",
            TransportErrorKind::Sink => "the answer could not be written",
            TransportErrorKind::AddressRefused => "its address may not be reached",
            TransportErrorKind::Unsupported => "the request cannot be sent",
        })
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}
