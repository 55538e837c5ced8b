//! What stands between the parts.

use tent_flow::Seed;

use super::FormError;

/// What stands between the parts. One of our own is random, so that no file holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Boundary(String);

impl Boundary {
    pub(crate) fn new(seed: Seed) -> Self {
        let bytes = seed.into_bytes();
        let digits = bytes.iter().take(16).map(|byte| format!("{byte:02x}"));
        Self(format!("tent-{}", digits.collect::<String>()))
    }

    /// The boundary that a `Content-Type` names, with or without quotes (`docs/protocol.md` §6.6.7).
    pub(crate) fn of(content_type: &str) -> Result<Self, FormError> {
        let (essence, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        let is_form = essence
            .get(..10)
            .is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/"));
        if !is_form {
            return Err(FormError::MediaType);
        }
        let mut parameters = parameters.split(';');
        let boundary = parameters.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let is_it = name.trim().eq_ignore_ascii_case("boundary");
            is_it.then(|| value.trim().trim_matches('"'))
        });
        let is_mark = |byte| b"'()+_,-./:=? ".contains(&byte);
        boundary
            .filter(|text| (1..=70).contains(&text.len()) && !text.ends_with(' '))
            .filter(|text| {
                text.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
            })
            .map(|text| Self(text.to_owned()))
            .ok_or(FormError::Boundary)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_read_as_clients_write_it() {
        let read = |text: &str| Boundary::of(text).map(|boundary| boundary.0);
        for (text, boundary) in [
            // As the recorded requests have it.
            (
                "multipart/form-data;boundary=-----------TentAttachment",
                "-----------TentAttachment",
            ),
            ("multipart/form-data; boundary=b7f2", "b7f2"),
            (
                "Multipart/Form-Data; charset=utf-8; BOUNDARY=\"a b:c\"",
                "a b:c",
            ),
            ("multipart/mixed; boundary = x ; y=z", "x"),
        ] {
            assert_eq!(read(text).unwrap(), boundary, "{text}");
        }
        for text in [
            "application/json; boundary=x",
            "multipart",
            "",
            "é; boundary=x",
        ] {
            assert!(matches!(read(text), Err(FormError::MediaType)), "{text}");
        }
        let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
        for text in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"\"",
            "multipart/form-data; boundary=\"a\r\n\"",
            "multipart/form-data; boundary=\"a \"",
            "multipart/form-data; boundary=é",
            long.as_str(),
        ] {
            assert!(matches!(read(text), Err(FormError::Boundary)), "{text}");
        }
    }

    #[test]
    fn one_of_our_own_is_read_back() {
        let boundary = Boundary::new(Seed::new([7; 32]));
        assert_eq!(Boundary::of(&boundary.content_type()).unwrap(), boundary);
        assert_ne!(Boundary::new(Seed::new([8; 32])), boundary);
    }
}
