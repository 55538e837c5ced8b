//! The head of a part.

use std::borrow::Cow;

use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::FormError;

/// The head of a part: what it is called, and what it is.
///
/// All of it is what the other side says. A file name is not to be taken for a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    headers: HeaderMap,
    name: Option<String>,
    file_name: Option<String>,
}

impl Part {
    pub(super) fn new(headers: HeaderMap) -> Result<Self, FormError> {
        let disposition = match headers.get(CONTENT_DISPOSITION) {
            Some(value) => text(value).ok_or(FormError::Head)?,
            None => "",
        };
        let (mut name, mut file_name) = (None, None);
        for (parameter, value) in parameters(disposition).ok_or(FormError::Head)? {
            let known = match parameter.to_ascii_lowercase().as_str() {
                "name" => &mut name,
                "filename" => &mut file_name,
                _ => continue,
            };
            // Of two names, one reader would take the first, and another the last.
            if known.replace(value.into_owned()).is_some() {
                return Err(FormError::Head);
            }
        }
        Ok(Self {
            headers,
            name,
            file_name,
        })
    }

    /// The header fields.
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Its name, such as `photos[0]`.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The category that its name stands for, without an index: `photos`.
    pub fn category(&self) -> Option<&str> {
        let name = self.name()?;
        let indexed = name
            .strip_suffix(']')
            .and_then(|name| name.rsplit_once('['));
        match indexed {
            Some((category, index)) if !index.is_empty() => {
                let is_index = index.bytes().all(|byte| byte.is_ascii_digit());
                Some(if is_index { category } else { name })
            }
            _ => Some(name),
        }
    }

    /// Its file name, as it was sent. Without one a part is no file.
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// Its media type, without parameters.
    pub fn media_type(&self) -> Option<&str> {
        let value = text(self.headers.get(CONTENT_TYPE)?)?;
        Some(value.split(';').next().unwrap_or(value).trim())
    }
}

fn text(value: &HeaderValue) -> Option<&str> {
    str::from_utf8(value.as_bytes()).ok()
}

/// Adds a line of the head.
pub(super) fn read_line(line: &[u8], headers: &mut HeaderMap) -> Result<(), FormError> {
    let colon = line
        .iter()
        .position(|byte| *byte == b':')
        .ok_or(FormError::Head)?;
    let (name, value) = (line.get(..colon), line.get(colon + 1..));
    let name = HeaderName::from_bytes(name.unwrap_or_default()).map_err(|_| FormError::Head)?;
    let value = value.unwrap_or_default().trim_ascii();
    let value = HeaderValue::from_bytes(value).map_err(|_| FormError::Head)?;
    headers
        .try_append(name, value)
        .map_err(|_| FormError::Head)?;
    Ok(())
}

/// The parameters of a field such as `form-data; name="a"; filename="b"`. Nothing when it is none.
fn parameters(field: &str) -> Option<Vec<(&str, Cow<'_, str>)>> {
    let mut parameters = Vec::new();
    let (_, mut rest) = field.split_once(';').unwrap_or((field, ""));
    loop {
        rest = rest.trim_start_matches([' ', '\t', ';']);
        if rest.is_empty() {
            return Some(parameters);
        }
        let (name, after) = rest.split_once('=')?;
        let (value, after) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let (value, after) = after.split_at(after.find(';').unwrap_or(after.len()));
                (Cow::Borrowed(value.trim()), after)
            }
        };
        parameters.push((name.trim(), value));
        rest = after;
    }
}

/// What stands before the closing quote, and what comes after it. Browsers of old send paths with
/// backslashes, so these escape only a quote or one another.
fn unquote(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let (mut value, mut rest) = (Cow::Borrowed(""), text);
    loop {
        let (before, after) = rest.split_at(rest.find(['"', '\\'])?);
        value += before;
        rest = after.get(1..)?;
        if after.starts_with('"') {
            return Some((value, rest));
        }
        match rest.strip_prefix(['"', '\\']) {
            Some(after) => {
                value += rest.get(..1)?;
                rest = after;
            }
            None => value += "\\",
        }
    }
}
