//! URLs below a server's root.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::BuildError;

/// Everything but the unreserved characters of RFC 3986.
pub(super) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The URL of a call under way: path segments first, then pairs of the query, each percent-encoded.
#[derive(Debug, Clone)]
#[must_use]
pub struct Endpoint<'a> {
    root: &'a Url,
    path: String,
    query: String,
    refused: Option<String>,
}

impl<'a> Endpoint<'a> {
    /// At a root.
    pub(super) fn below(root: &'a Url) -> Self {
        let path_of_root = root.path().trim_end_matches('/');
        let mut path = String::with_capacity(path_of_root.len() + 120);
        path.push_str(path_of_root);
        Self {
            root,
            path,
            query: String::new(),
            refused: None,
        }
    }

    /// Adds a segment of the path. A slash within it is encoded.
    pub fn segment(mut self, segment: &str) -> Self {
        if matches!(segment, "" | "." | "..") {
            self.refused.get_or_insert_with(|| segment.to_owned());
        }
        self.path.push('/');
        self.path.extend(utf8_percent_encode(segment, RESERVED));
        self
    }

    /// Adds a pair to the query.
    pub fn pair(mut self, name: &str, value: impl fmt::Display) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.extend(utf8_percent_encode(name, RESERVED));
        self.query.push('=');
        let value = value.to_string();
        self.query.extend(utf8_percent_encode(&value, RESERVED));
        self
    }

    /// Adds a pair to the query whose value is encoded already.
    pub(crate) fn encoded_pair(mut self, name: &str, value: &str) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.push_str(name);
        self.query.push('=');
        self.query.push_str(value);
        self
    }

    /// Adds a pair to the query when there is a value.
    pub fn pair_if(self, name: &str, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => self.pair(name, value),
            None => self,
        }
    }

    /// The URL.
    ///
    /// # Errors
    ///
    /// When a segment is empty, `.` or `..`: a URL would collapse it, and another resource would be
    /// signed and asked.
    pub fn url(self) -> Result<Url, BuildError> {
        if let Some(segment) = self.refused {
            return Err(BuildError::Segment(segment));
        }
        // The root is a URL already, so only what is new is parsed.
        let mut url = self.root.clone();
        url.set_path(&self.path);
        if !self.query.is_empty() {
            url.set_query(Some(&self.query));
        }
        Ok(url)
    }
}
