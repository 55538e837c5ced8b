//! Why a request could not be made.

use http::Method;
use tent_flow::UrlRefused;
use url::Url;

/// Why a request could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// There is no server to ask.
    #[error("the entity has no server")]
    NoServer,
    /// The call needs a credential, and the session has none.
    #[error("the call must be signed, and the session has no credential")]
    NoCredentials,
    /// The URL may not be asked.
    #[error("the server's URL may not be asked")]
    Refused(#[from] UrlRefused),
    /// A part of the path would be collapsed.
    #[error("{0:?} cannot be a part of a path")]
    Segment(String),
    /// A path leads out of the server's root.
    #[error(
        "the path {0:?} does not stay below the server's root, or is not written as a URL writes it"
    )]
    Path(String),
    /// The URL is of another origin than the server, so nothing signed may go there.
    #[error("{0} is not on the server that the session belongs to")]
    OtherOrigin(Box<Url>),
    /// What came out is not a URL.
    #[error("the URL is not valid")]
    Url(#[source] url::ParseError),
    /// The body could not be written.
    #[error("the body could not be written as JSON")]
    Json(#[source] serde_json::Error),
    /// A file cannot be attached.
    #[error("the attachment {0:?} {1}")]
    Attachment(String, &'static str),
    /// A call goes by way of a server that passes on `GET` alone.
    #[error("{0} is not passed on to the server of another entity, only GET is")]
    NotPassedOn(Method),
    /// A post of the draft that is not for everybody names no recipients, and so would be.
    #[error("the post is not for everybody, and without recipients it would be")]
    NoRecipients,
    /// A header could not be written.
    #[error("the {0} header could not be written")]
    Header(&'static str),
}
