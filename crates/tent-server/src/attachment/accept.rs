//! Which of several media types somebody wants.

use std::cmp::Reverse;

use http::HeaderMap;
use http::header::ACCEPT;

/// The ranges of an `Accept` header, in their order. None means that anything will do.
///
/// Source: RFC 9110 §12.5.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Accept(Vec<Range>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    /// In lower case, without parameters.
    media_type: String,
    /// In thousandths.
    quality: u16,
}

impl Accept {
    /// What cannot be read wants nothing.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(ACCEPT).iter();
        let ranges = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
        let ranges = ranges.filter(|range| !range.trim().is_empty());
        Self(ranges.map(Range::parse).collect())
    }

    /// The item that is wanted most, the first of those that are wanted alike. The first range decides
    /// when it names the type of one: clients of the reference server say what they want there.
    pub(super) fn choose<'a, T>(
        &self,
        items: &'a [T],
        media_type: impl Fn(&T) -> &str,
    ) -> Option<&'a T> {
        let first = self.0.first().filter(|range| range.quality > 0);
        let named = first.and_then(|range| {
            let mut items = items.iter();
            items.find(|item| media_type(item) == range.media_type)
        });
        let rated = items.iter().filter_map(|item| {
            let quality = self.quality(media_type(item));
            (quality > 0).then_some((Reverse(quality), item))
        });
        named.or_else(|| {
            rated
                .min_by_key(|(quality, _)| *quality)
                .map(|(_, item)| item)
        })
    }

    /// How much a type is wanted. Of the ranges that fit, the closest counts.
    fn quality(&self, media_type: &str) -> u16 {
        if self.0.is_empty() {
            return 1000;
        }
        let fitting = self.0.iter().filter_map(|range| {
            let closeness = range.closeness(media_type)?;
            Some((closeness, range.quality))
        });
        fitting.max().map_or(0, |(_, quality)| quality)
    }
}

impl Range {
    fn parse(text: &str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
        });
        Self {
            media_type,
            quality: quality.map_or(1000, thousandths),
        }
    }

    /// How closely the range fits a type, if it does.
    fn closeness(&self, media_type: &str) -> Option<u8> {
        if self.media_type == media_type {
            return Some(2);
        }
        match self.media_type.strip_suffix('*')? {
            "*/" => Some(0),
            kind if kind.ends_with('/') && media_type.starts_with(kind) => Some(1),
            _ => None,
        }
    }
}

/// Reads a weight; nonsense is none at all.
fn thousandths(text: &str) -> u16 {
    match text.parse::<f32>() {
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0).round() as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn choose<'a>(accept: &[&str], types: &[&'a str]) -> Option<&'a str> {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT, HeaderValue::from_str(value).unwrap());
        }
        Accept::of(&headers).choose(types, |one| one).copied()
    }

    #[test]
    fn one_type_is_given_to_whoever_may_want_it() {
        for accept in [
            &["image/png"][..],
            &["Image/PNG; q=0.5"],
            &["image/png;charset=utf-8, text/html"],
            &["text/html, image/png"],
            &["*/*"],
            &["image/*"],
            &["text/html, */*;q=0.001"],
            &["application/vnd.tent.v0+json", "image/*;q=0.1"],
            &[""],
            &[" , "],
            &[],
        ] {
            assert_eq!(
                choose(accept, &["image/png"]),
                Some("image/png"),
                "{accept:?}"
            );
        }
        for accept in [
            "application/vnd.tent.v0+json",
            "image/gif",
            "image/pn",
            "image",
            "image/*;q=0",
            "*/*, image/png;q=0",
            "image/png;q=0",
            "image/png;q=nan",
            "image/png;q=2",
            "*",
            "im*",
        ] {
            assert_eq!(choose(&[accept], &["image/png"]), None, "{accept:?}");
        }
    }

    #[test]
    fn of_several_types_the_one_that_is_wanted_most_is_given() {
        let types = ["image/png", "image/gif", "text/plain"];
        for (accept, chosen) in [
            ("image/gif", "image/gif"),
            ("image/*", "image/png"),
            ("*/*", "image/png"),
            ("text/*, image/*", "image/png"),
            ("image/*;q=0.2, text/*;q=0.3", "text/plain"),
            ("image/*, image/png;q=0.1", "image/gif"),
            ("image/png;q=0, */*", "image/gif"),
            // Named first, as the reference server takes it.
            ("text/plain;q=0.1, image/png", "text/plain"),
            ("text/html, image/gif;q=0.4, image/png;q=0.3", "image/gif"),
        ] {
            assert_eq!(choose(&[accept], &types), Some(chosen), "{accept}");
        }
        assert_eq!(choose(&[], &types), Some("image/png"));
        assert_eq!(choose(&["*/*"], &[]), None);
    }

    proptest! {
        #[test]
        fn any_header_can_be_read(accept in "[ -~]{0,40}") {
            choose(&[&accept], &["image/png", "image/gif"]);
        }

        #[test]
        fn what_is_named_first_is_given(
            index in 0..3_usize,
            rest in "(, ?[a-z*]{1,4}/[a-z*]{1,4}(;q=[01]\\.[0-9]{1,3})?){0,3}",
        ) {
            let types = ["a/a", "a/b", "b/b"];
            let accept = format!("{}{rest}", types[index]);
            prop_assert_eq!(choose(&[&accept], &types), Some(types[index]));
        }
    }
}
