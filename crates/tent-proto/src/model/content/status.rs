//! Statuses.

use crate::TypeUri;
use crate::model::object::object;
use crate::model::{Content, Post};

object! {
    /// The content of a status: a short text, or a place, or both.
    ///
    /// ```
    /// use tent_proto::Post;
    /// use tent_proto::model::Status;
    ///
    /// let post = Post::from(Status::new("On the quay").at(3.7219, 51.0543)).public();
    /// assert_eq!(
    ///     post.content.unwrap().as_json(),
    ///     r#"{"text":"On the quay","location":{"type":"Point","coordinates":[3.7219,51.0543]}}"#
    /// );
    /// ```
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.11.1.
    pub struct Status {
        /// The text, at most 256 characters.
        pub text: Option<String> = "text",
        /// A GeoJSON point, as it came. In which order it has latitude and longitude is uncertain.
        pub location: Option<Content> = "location",
    }
}

impl Status {
    /// A status of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            ..Self::default()
        }
    }

    /// Says where, in degrees of WGS 84: longitude first, as GeoJSON has it (RFC 7946 §3.1.1). What is no
    /// finite number says nothing.
    #[must_use]
    pub fn at(mut self, longitude: f64, latitude: f64) -> Self {
        if longitude.is_finite() && latitude.is_finite() {
            let point = format!(r#"{{"type":"Point","coordinates":[{longitude},{latitude}]}}"#);
            self.location = Content::from_json(point).ok(); // finite numbers are JSON
        }
        self
    }

    /// The two numbers of the place, in degrees. Longitude comes first by the schema, latitude by the
    /// published example: which it is cannot be told from them.
    pub fn coordinates(&self) -> Option<(f64, f64)> {
        #[derive(serde::Deserialize)]
        struct Point {
            coordinates: Vec<f64>,
        }
        let Point { coordinates } = self.location.as_ref()?.read().ok()?;
        match coordinates[..] {
            [first, second, ..] => Some((first, second)), // height may follow
            _ => None,
        }
    }
}

impl From<Status> for Post {
    fn from(status: Status) -> Self {
        Self::of(TypeUri::status(), &status)
    }
}
