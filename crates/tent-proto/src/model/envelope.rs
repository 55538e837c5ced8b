//! Posts read no further than a scan of many needs.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Post;
use super::object::{Member, Name};
use crate::Timestamp;
use crate::json::{DecodeError, decode};

/// A post read no further than a scan of many needs: what tells it from others, when it is from, and
/// its content as JSON, all borrowed from the body that it came in.
///
/// A page takes half the time that whole posts take, and little memory beside the body: this is how
/// to read a big feed of which few posts are wanted. [`ScanPosts`](crate::call::ScanPosts)
/// asks for such pages. Those become posts by [`to_post`](Self::to_post).
///
/// What it reads, it reads as [`Post`] does (`docs/protocol.md` §9.1). All other members are looked at
/// only to see that they are JSON.
///
/// ```
/// use tent_proto::TypeUri;
/// use tent_proto::model::{Envelope, Status};
///
/// let body = br#"[
///     {"id":"a","type":"https://tent.io/types/post/photo/v0.1.0","content":{},"size":3},
///     {"id":"b","type":"https://tent.io/types/post/status/v0.1.0","content":{"text":"Hello"},"mood":7}
/// ]"#;
/// let status = TypeUri::status();
/// for envelope in Envelope::parse_page(body)? {
///     if envelope.post_type.as_deref() == Some(status.as_str()) {
///         assert_eq!(envelope.id.as_deref(), Some("b"));
///         assert_eq!(envelope.content::<Status>()?.text.as_deref(), Some("Hello"));
///         // Nothing is lost: the mood is there, too.
///         assert_eq!(envelope.to_post()?.extra.get("mood"), Some("7"));
///     }
/// }
/// # Ok::<(), tent_proto::json::DecodeError>(())
/// ```
///
/// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.4.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Envelope<'a> {
    /// Its id, given by the server of its entity.
    pub id: Option<Cow<'a, str>>,
    /// Who published it.
    pub entity: Option<Cow<'a, str>>,
    /// Its type, with a version.
    pub post_type: Option<Cow<'a, str>>,
    /// Its content, as JSON. Absent where a view leaves it out.
    pub content: Option<&'a RawValue>,
    /// When its entity says that it was published, in epoch seconds. For display.
    pub published_at: Option<Timestamp>,
    /// When the person's own server got it, in epoch seconds. For sorting; apps alone see it.
    pub received_at: Option<Timestamp>,
    /// When it last changed, in epoch seconds; apps alone see it.
    pub updated_at: Option<Timestamp>,
    /// Its version, from 1.
    pub version: Option<u64>,
    json: &'a str,
}

impl<'a> Envelope<'a> {
    /// Reads one post.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] names the place.
    pub fn parse(body: &'a [u8]) -> Result<Self, DecodeError> {
        let Members(envelope) = decode(body)?;
        let json: &RawValue = decode(body)?;
        Ok(Self {
            json: json.get(),
            ..envelope
        })
    }

    /// Reads a page of posts.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] names the place.
    pub fn parse_page(body: &'a [u8]) -> Result<Vec<Self>, DecodeError> {
        if let Some(envelopes) = std::str::from_utf8(body).ok().and_then(page) {
            return Ok(envelopes);
        }
        // Something is wrong: read as a whole, it has a place.
        decode::<Vec<Members<'_>>>(body)?;
        let posts: Vec<&RawValue> = decode(body)?;
        posts
            .into_iter()
            .map(|post| Self::parse(post.get().as_bytes()))
            .collect()
    }

    /// The JSON text of the whole post, just as it came.
    pub const fn as_json(&self) -> &'a str {
        self.json
    }

    /// Reads the content as some type, which may borrow from the body.
    ///
    /// # Errors
    ///
    /// When there is none, or it has another shape.
    pub fn content<T: Deserialize<'a>>(&self) -> Result<T, DecodeError> {
        let content = self.content.ok_or(DecodeError::Missing("content"))?;
        decode(content.get().as_bytes())
    }

    /// Reads the whole post.
    ///
    /// # Errors
    ///
    /// When a member that this envelope does not hold is not what it should be.
    pub fn to_post(&self) -> Result<Post, DecodeError> {
        decode(self.json.as_bytes())
    }
}

impl fmt::Debug for Envelope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("entity", &self.entity)
            .field("id", &self.id)
            .field("post_type", &self.post_type)
            .finish_non_exhaustive()
    }
}

/// Reads a page without looking at anything twice, if nothing is wrong with it.
fn page(text: &str) -> Option<Vec<Envelope<'_>>> {
    let mut envelopes = Vec::new();
    let mut rest = after_space(after_space(text).strip_prefix('[')?);
    if let Some(end) = rest.strip_prefix(']') {
        return after_space(end).is_empty().then_some(envelopes);
    }
    loop {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter();
        let Members(envelope) = values.next()?.ok()?;
        let (json, behind) = rest.split_at_checked(values.byte_offset())?;
        envelopes.push(Envelope { json, ..envelope });
        rest = after_space(behind);
        if let Some(end) = rest.strip_prefix(']') {
            return after_space(end).is_empty().then_some(envelopes);
        }
        rest = after_space(rest.strip_prefix(',')?);
    }
}

/// What comes after the white space of JSON.
fn after_space(text: &str) -> &str {
    text.trim_start_matches([' ', '\n', '\r', '\t'])
}

/// The members that an envelope has; it has no JSON text yet.
struct Members<'a>(Envelope<'a>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Envelope<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut envelope = Envelope::default();
                while let Some(Name(name)) = map.next_key()? {
                    match &*name {
                        "id" => envelope.id = text(&mut map)?,
                        "entity" => envelope.entity = text(&mut map)?,
                        "type" => envelope.post_type = text(&mut map)?,
                        "content" => envelope.content = map.next_value()?,
                        "published_at" => envelope.published_at = member(&mut map)?,
                        "received_at" => envelope.received_at = member(&mut map)?,
                        "updated_at" => envelope.updated_at = member(&mut map)?,
                        "version" => envelope.version = member(&mut map)?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(envelope)
            }
        }
        deserializer.deserialize_map(Object).map(Self)
    }
}

/// Reads a member just as a post does.
fn member<'de, A: MapAccess<'de>, T>(map: &mut A) -> Result<Option<T>, A::Error>
where
    Option<T>: Member,
{
    Ok(Member::read(map)?.unwrap_or_default())
}

/// Reads a text, borrowed where it has no escapes.
fn text<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Cow<'de, str>>, A::Error> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

    let text: Option<Text<'de>> = map.next_value()?;
    Ok(text.map(|Text(text)| text))
}
