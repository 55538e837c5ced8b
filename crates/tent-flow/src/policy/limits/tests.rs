//! Header fields of limits, as servers write them.

use http::HeaderName;
use proptest::prelude::*;

use super::*;

const NOW: u64 = 1_356_998_400;

fn now() -> Moment {
    Moment::at_epoch_seconds(NOW)
}

fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
    let fields = fields.iter().map(|(name, value)| {
        let value = HeaderValue::from_str(value).unwrap();
        (HeaderName::from_static(name), value)
    });
    fields.collect()
}

/// Limit, remaining, seconds to the reset, seconds of the window.
fn read(fields: &[(&'static str, &str)]) -> (Option<u64>, Option<u64>, Option<u64>, Option<u64>) {
    let said = Said::read(&headers(fields), now());
    let left = said.reset.map(|reset| reset.left.as_secs());
    let window = said.window.map(|window| window.as_secs());
    (said.limit, said.remaining, left, window)
}

#[test]
fn every_spelling_of_a_limit_is_read() {
    let all = (Some(300), Some(12), Some(60), None);
    let windowed = (Some(300), Some(12), Some(60), Some(300));
    for (fields, expected) in [
        (
            &[
                ("x-ratelimit-limit", "300"),
                ("x-ratelimit-remaining", "12"),
                ("x-ratelimit-reset", "2013-01-01T00:01:00.000Z"),
            ][..],
            all,
        ),
        (
            &[
                ("x-ratelimit-limit", "300"),
                ("x-ratelimit-remaining", "12"),
                ("x-ratelimit-reset", "1356998460"),
            ],
            all,
        ),
        (
            &[
                ("x-ratelimit-limit", "300"),
                ("x-ratelimit-remaining", "12"),
                ("x-ratelimit-reset", "1356998460000"),
            ],
            all,
        ),
        (
            &[
                ("x-ratelimit-limit", "300"),
                ("x-ratelimit-remaining", "12"),
                ("x-ratelimit-reset", "60"),
            ],
            all,
        ),
        (
            &[
                ("x-ratelimit-limit", "300"),
                ("x-ratelimit-remaining", "12"),
                ("x-ratelimit-reset", "Tue, 01 Jan 2013 00:01:00 GMT"),
            ],
            all,
        ),
        (
            &[
                ("ratelimit-limit", "300, 300;w=300"),
                ("ratelimit-remaining", "12"),
                ("ratelimit-reset", "60"),
            ],
            all,
        ),
        (
            &[
                ("ratelimit-limit", "300;w=300"),
                ("ratelimit-remaining", "12"),
                ("ratelimit-reset", "60"),
            ],
            windowed,
        ),
        (
            &[
                ("ratelimit", "limit=300, remaining=12, reset=60"),
                ("ratelimit-policy", "300;w=300"),
            ],
            windowed,
        ),
        (
            &[
                ("ratelimit", "\"default\";r=12;t=60"),
                ("ratelimit-policy", "\"default\";q=300;w=300"),
            ],
            windowed,
        ),
        (
            &[
                ("ratelimit", "\"day\";r=900;t=9000, \"five\";r=12;t=60"),
                (
                    "ratelimit-policy",
                    "\"day\";q=9000;w=86400, \"five\";q=300;w=300",
                ),
            ],
            windowed,
        ),
    ] {
        assert_eq!(read(fields), expected, "{fields:?}");
    }
}

#[test]
fn each_header_may_be_missing_or_nonsense() {
    assert_eq!(read(&[]), (None, None, None, None));
    assert_eq!(
        read(&[("x-ratelimit-limit", "300")]),
        (Some(300), None, None, None)
    );
    assert_eq!(
        read(&[("x-ratelimit-remaining", "-3")]),
        (None, Some(0), None, None)
    );
    assert_eq!(
        read(&[("x-ratelimit-reset", "60")]),
        (None, None, Some(60), None)
    );
    let odd = [
        ("x-ratelimit-limit", "many"),
        ("x-ratelimit-remaining", "7"),
        ("x-ratelimit-reset", "soon"),
    ];
    assert_eq!(read(&odd), (None, Some(7), None, None));
    assert_eq!(
        read(&[("ratelimit", ";;=,,r=1"), ("ratelimit-policy", "\"\";w=x")]),
        (None, None, None, None)
    );
    for odd in ["-NaN", "-inf", "1e999"] {
        assert_eq!(
            read(&[("x-ratelimit-reset", odd)]),
            (None, None, None, None)
        );
    }
    assert_eq!(
        read(&[("x-ratelimit-reset", "1356998399")]),
        (None, None, Some(0), None)
    );
    assert_eq!(
        read(&[("x-ratelimit-reset", "99999999999")]),
        (None, None, Some(86_400), None)
    );
}

#[test]
fn the_servers_clock_counts_where_it_tells_its_time() {
    let fields = [
        ("date", "Tue, 01 Jan 2013 10:00:00 GMT"),
        ("x-ratelimit-reset", "2013-01-01T10:00:30Z"),
        ("retry-after", "Tue, 01 Jan 2013 10:00:20 GMT"),
    ];
    assert_eq!(read(&fields).2, Some(30));
    assert_eq!(
        retry_after(&headers(&fields), now()),
        Some(Duration::from_secs(20))
    );
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    for (value, wait) in [
        ("0", Some(0)),
        ("120", Some(120)),
        ("Tue, 01 Jan 2013 00:00:09 GMT", Some(9)),
        ("Mon, 31 Dec 2012 23:59:59 GMT", Some(0)),
        ("99999999", Some(86_400)),
        ("later", None),
        ("inf", None),
        ("-inf", None),
        ("-NaN", None),
        ("", None),
    ] {
        let headers = headers(&[("retry-after", value)]);
        assert_eq!(
            retry_after(&headers, now()),
            wait.map(Duration::from_secs),
            "{value:?}"
        );
    }
}

proptest! {
    #[test]
    fn no_header_panics_and_none_shuts_a_server_out(
        name in "(x-)?ratelimit(|-limit|-remaining|-reset|-policy)|retry-after|date",
        value in "[ -~]{0,30}|\"?[a-z]\"?;[rtqw]=[0-9.e-]{0,12}(, \"b\";[rt]=[0-9]{1,25})?|-?[0-9]{1,40}",
        seconds: u32,
    ) {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        let now = Moment::at_epoch_seconds(seconds.into());
        let said = Said::read(&headers, now);
        prop_assert!(said.reset.is_none_or(|reset| reset.left <= LONGEST));
        prop_assert!(said.window.is_none_or(|window| window <= LONGEST));
        prop_assert!(retry_after(&headers, now).is_none_or(|wait| wait <= LONGEST));
    }
}
