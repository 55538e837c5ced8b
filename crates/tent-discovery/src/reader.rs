//! Who reads what the links point to.

use std::error::Error;

use bytes::Bytes;
use http::{HeaderValue, Response};
use url::Url;

/// Why a document was not accepted; any error, or a text.
pub type ReadError = Box<dyn Error + Send + Sync>;

/// Reads the documents that links point to, and so decides which link is the right one.
pub trait Reader: Send + 'static {
    /// What it makes of a document.
    type Document: Send + 'static;

    /// The `Accept` header that documents behind links of this relation are asked for with.
    fn accept(&self, relation: &str) -> HeaderValue;

    /// Where the document is that a link of this relation is about: its target, unless the relation
    /// has it lead to something else from which the document is found.
    fn locate(&self, relation: &str, target: Url) -> Url {
        let _ = relation;
        target
    }

    /// Reads a document. It came with a 2xx status and is at most
    /// [`MAX_DOCUMENT`](crate::MAX_DOCUMENT) bytes long.
    ///
    /// # Errors
    ///
    /// When it is not what is looked for. The next link is tried then.
    fn read(&self, document: &Document<'_>) -> Result<Self::Document, ReadError>;
}

/// A document that a link points to.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Document<'a> {
    /// The relation of the link, as it was looked for.
    pub relation: &'a str,
    /// The URL it came from, after redirects.
    pub url: &'a Url,
    /// The answer.
    pub response: &'a Response<Bytes>,
}
