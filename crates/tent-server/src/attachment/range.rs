//! Parts of files.

use http::HeaderMap;
use http::header::{IF_RANGE, RANGE};

/// What of a file somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    All,
    /// So many bytes from there; at least one.
    Part {
        start: u64,
        length: u64,
    },
    /// Something behind its end.
    Beyond,
}

/// What of a file of this length and tag a request wants. Whoever wants several parts, or says it in a
/// way that cannot be read, or has another file in mind, gets all of it.
///
/// Source: RFC 9110 §14.2 and §13.1.5.
pub(super) fn wanted(headers: &HeaderMap, length: u64, etag: &str) -> Wanted {
    let mut ranges = headers.get_all(RANGE).iter();
    let (Some(range), None) = (ranges.next(), ranges.next()) else {
        return Wanted::All;
    };
    let is_other = |condition: &http::HeaderValue| condition.as_bytes() != etag.as_bytes();
    if headers.get(IF_RANGE).is_some_and(is_other) {
        return Wanted::All;
    }
    let range = range.to_str().ok().and_then(Range::parse);
    range.map_or(Wanted::All, |range| range.within(length))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    From(u64),
    /// The last one included.
    Between(u64, u64),
    Last(u64),
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (unit, range) = text.split_once('=')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (first, last) = range.trim().split_once('-')?;
        match (first, last) {
            ("", last) => number(last).map(Self::Last),
            (first, "") => number(first).map(Self::From),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::Between(first, last))
            }
        }
    }

    fn within(self, length: u64) -> Wanted {
        let (start, end) = match self {
            Self::From(first) => (first, length),
            Self::Between(first, last) => (first, last.saturating_add(1).min(length)),
            Self::Last(count) => (length.saturating_sub(count), length),
        };
        match end.checked_sub(start) {
            None | Some(0) => Wanted::Beyond,
            Some(length) => Wanted::Part { start, length },
        }
    }
}

/// Reads digits, of which there may be any number.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn of_ten(range: &str) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_str(range).unwrap());
        wanted(&headers, 10, "\"tag\"")
    }

    #[test]
    fn a_range_is_part_of_a_file_or_beyond_it_or_none() {
        let huge = "9".repeat(30);
        for (range, start, length) in [
            ("bytes=0-0", 0, 1),
            ("bytes=2-4", 2, 3),
            ("Bytes = 2-4 ", 2, 3),
            ("bytes=9-", 9, 1),
            ("bytes=0-", 0, 10),
            ("bytes=8-99", 8, 2),
            (&format!("bytes=8-{huge}"), 8, 2),
            ("bytes=-3", 7, 3),
            ("bytes=-99", 0, 10),
        ] {
            assert_eq!(of_ten(range), Wanted::Part { start, length }, "{range}");
        }
        for range in [
            "bytes=10-",
            "bytes=10-12",
            "bytes=-0",
            &format!("bytes={huge}-"),
        ] {
            assert_eq!(of_ten(range), Wanted::Beyond, "{range}");
        }
        for range in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=4-2",
            "bytes=+1-2",
            "bytes=a-b",
            "bytes=1-2,4-5",
            "bytes=1-2-3",
            "lines=1-2",
        ] {
            assert_eq!(of_ten(range), Wanted::All, "{range}");
        }
    }

    #[test]
    fn a_range_counts_for_the_file_that_it_was_made_for() {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_static("bytes=1-2"));
        for (condition, is_part) in [
            ("\"tag\"", true),
            ("W/\"tag\"", false),
            ("\"other\"", false),
            ("Tue, 01 Jan 2013 00:00:00 GMT", false),
        ] {
            headers.insert(IF_RANGE, HeaderValue::from_static(condition));
            let wanted = wanted(&headers, 10, "\"tag\"");
            assert_eq!(wanted != Wanted::All, is_part, "{condition}");
        }
        headers.remove(IF_RANGE);
        headers.append(RANGE, HeaderValue::from_static("bytes=4-5"));
        assert_eq!(wanted(&headers, 10, "\"tag\""), Wanted::All);
    }

    proptest! {
        #[test]
        fn a_part_lies_within_the_file(range in "bytes=[0-9]{0,3}-[0-9]{0,3}", size in 0..500_u64) {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_str(&range).unwrap());
            if let Wanted::Part { start, length } = wanted(&headers, size, "") {
                prop_assert!(length > 0 && start + length <= size);
            }
        }
    }
}
