//! The table.

use std::time::Duration;

use super::Case;
use crate::faults::Fault;

/// Less than any time that is waited for an answer.
const SHORT: Duration = Duration::from_millis(5);

/// All cases.
#[rustfmt::skip]
pub const CASES: &[Case] = &[
    Case {
        name: "refused",
        what: "nobody listens",
        servers: || vec![Fault::Refused],
        ahead: 0,
        expected: [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["no answer 1", "no answer 1"], ["ok 2", "no answer 3"]],
    },
    Case {
        name: "reset_before",
        what: "reset before the request is read",
        servers: || vec![Fault::ResetBefore],
        ahead: 0,
        expected: [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["unknown 1", "unknown 1"], ["unknown 1", "unknown 1"]],
    },
    Case {
        name: "reset_during",
        what: "reset within the body of the request",
        servers: || vec![Fault::ResetDuring],
        ahead: 0,
        expected: [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["unknown 1", "unknown 1"], ["unknown 1", "unknown 1"]],
    },
    Case {
        name: "reset_after",
        what: "reset after the request",
        servers: || vec![Fault::ResetAfter],
        ahead: 0,
        expected: [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["unknown 1, published", "unknown 1, published"], ["unknown 1, published", "unknown 1, published"]],
    },
    Case {
        name: "silent",
        what: "accepts and never answers",
        servers: || vec![Fault::Silent],
        ahead: 0,
        expected: [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["unknown 1", "unknown 1"], ["unknown 1", "unknown 1"]],
    },
    Case {
        name: "late",
        what: "no answer in time, and the request arrives late",
        servers: || vec![Fault::Late(usize::MAX)],
        ahead: 0,
        expected: [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["unknown 1, published late", "unknown 1, published late"], ["unknown 1, published late", "unknown 1, published late"]],
    },
    Case {
        name: "truncated",
        what: "the answer breaks off",
        servers: || vec![Fault::Truncated(1)],
        ahead: 0,
        expected: [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["unknown 1, published", "unknown 1, published"], ["unknown 1, published", "unknown 1, published"]],
    },
    Case {
        name: "oversized",
        what: "the answer is too large",
        servers: || vec![Fault::Oversized(1 << 30)],
        ahead: 0,
        expected: [["no answer 1", "no answer 1"], ["no answer 1", "no answer 1"], ["unknown 1, published", "unknown 1, published"], ["unknown 1, published", "unknown 1, published"]],
    },
    Case {
        name: "slow",
        what: "latency",
        servers: || vec![Fault::Delay(SHORT)],
        ahead: 0,
        expected: [["ok 1", "ok 1"], ["ok 1", "ok 1"], ["ok 1", "ok 1"], ["ok 1", "ok 1"]],
    },
    Case {
        name: "slow_body",
        what: "the answer arrives slowly",
        servers: || vec![Fault::SlowBody(SHORT)],
        ahead: 0,
        expected: [["ok 1", "ok 1"], ["ok 1", "ok 1"], ["ok 1", "ok 1"], ["ok 1", "ok 1"]],
    },
    Case {
        name: "html",
        what: "HTML where JSON should be",
        servers: || vec![Fault::Html],
        ahead: 0,
        expected: [["not read 1", "not read 1"], ["not read 1", "not read 1"], ["not read 1, published", "not read 1, published"], ["not read 1, published", "not read 1, published"]],
    },
    Case {
        name: "content_type",
        what: "JSON said to be something else",
        servers: || vec![Fault::content_type("text/html")],
        ahead: 0,
        expected: [["ok 1", "ok 1"], ["ok 1", "ok 1"], ["ok 1", "ok 1"], ["ok 1", "ok 1"]],
    },
    Case {
        name: "status_500",
        what: "`500`",
        servers: || vec![Fault::instead(500, &[], r#"{"error":"Internal Server Error"}"#)],
        ahead: 0,
        expected: [["500 1", "500 1"], ["ok 2", "500 3"], ["500 1", "500 1"], ["500 1", "500 1"]],
    },
    Case {
        name: "status_501",
        what: "`501`",
        servers: || vec![Fault::instead(501, &[], r#"{"error":"Not Implemented"}"#)],
        ahead: 0,
        expected: [["501 1", "501 1"], ["501 1", "501 1"], ["501 1", "501 1"], ["501 1", "501 1"]],
    },
    Case {
        name: "bad_gateway",
        what: "`502` though it was carried out",
        servers: || vec![Fault::after(502, &[], "")],
        ahead: 0,
        expected: [["502 1", "502 1"], ["ok 2", "502 3"], ["502 1, published", "502 1, published"], ["502 1, published", "502 1, published"]],
    },
    Case {
        name: "status_503",
        what: "`503`",
        servers: || vec![Fault::instead(503, &[], r#"{"error":"Busy"}"#)],
        ahead: 0,
        expected: [["503 1", "503 1"], ["ok 2", "503 3"], ["503 1", "503 1"], ["503 1", "503 1"]],
    },
    Case {
        name: "status_503_with_time",
        what: "`503` with `Retry-After`",
        servers: || vec![Fault::instead(503, &[("retry-after", "7")], r#"{"error":"Busy"}"#)],
        ahead: 0,
        expected: [["503 1", "503 1"], ["ok 2", "503 3"], ["503 1", "503 1"], ["503 1", "503 1"]],
    },
    Case {
        name: "status_503_beyond_budget",
        what: "`503` with `Retry-After` beyond the budget",
        servers: || vec![Fault::instead(503, &[("retry-after", "3600")], r#"{"error":"Busy"}"#)],
        ahead: 0,
        expected: [["503 1", "503 1"], ["503 1", "503 1"], ["503 1", "503 1"], ["503 1", "503 1"]],
    },
    Case {
        name: "status_429",
        what: "`429` alone",
        servers: || vec![Fault::instead(429, &[], r#"{"error":"Slow down"}"#)],
        ahead: 0,
        expected: [["429 1", "429 1"], ["ok 2", "limited *"], ["429 1", "429 1"], ["ok 2", "limited *"]],
    },
    Case {
        name: "retry_after",
        what: "`429` with `Retry-After` in seconds",
        servers: || vec![Fault::instead(429, &[("retry-after", "7")], r#"{"error":"Slow down"}"#)],
        ahead: 0,
        expected: [["429 1", "429 1"], ["ok 2", "limited 129"], ["429 1", "429 1"], ["ok 2", "limited 129"]],
    },
    Case {
        name: "retry_after_date",
        what: "`429` with `Retry-After` as a date",
        servers: || vec![Fault::instead(429, &[("retry-after", "Tue, 01 Jan 2013 00:00:09 GMT"), ("date", "Tue, 01 Jan 2013 00:00:00 GMT")], r#"{"error":"Slow down"}"#)],
        ahead: 0,
        expected: [["429 1", "429 1"], ["ok 2", "limited 101"], ["429 1", "429 1"], ["ok 2", "limited 101"]],
    },
    Case {
        name: "x_ratelimit_reset",
        what: "`429` with `X-RateLimit-Reset`",
        servers: || vec![Fault::instead(429, &[("x-ratelimit-limit", "300"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "100")], r#"{"error":"Slow down"}"#)],
        ahead: 0,
        expected: [["429 1", "429 1"], ["ok 2", "limited 10"], ["429 1", "429 1"], ["ok 2", "limited 10"]],
    },
    Case {
        name: "x_ratelimit_reset_date",
        what: "`429` with `X-RateLimit-Reset` as a date",
        servers: || vec![Fault::instead(429, &[("x-ratelimit-reset", "2013-01-01T00:01:00Z")], r#"{"error":"Slow down"}"#)],
        ahead: 0,
        expected: [["429 1", "429 1"], ["ok 2", "limited *"], ["429 1", "429 1"], ["ok 2", "limited *"]],
    },
    Case {
        name: "ratelimit",
        what: "`429` with `RateLimit`",
        servers: || vec![Fault::instead(429, &[("ratelimit", "\"default\";r=0;t=60")], r#"{"error":"Slow down"}"#)],
        ahead: 0,
        expected: [["429 1", "429 1"], ["ok 2", "limited 16"], ["429 1", "429 1"], ["ok 2", "limited 16"]],
    },
    Case {
        name: "reset_in_the_past",
        what: "`429` with a reset in the past",
        servers: || vec![Fault::instead(429, &[("x-ratelimit-reset", "1356998399")], r#"{"error":"Slow down"}"#)],
        ahead: 0,
        expected: [["429 1", "429 1"], ["ok 2", "limited *"], ["429 1", "429 1"], ["ok 2", "limited *"]],
    },
    Case {
        name: "unreadable_limits",
        what: "`429` with limits that cannot be read",
        servers: || vec![Fault::instead(429, &[("retry-after", "soon"), ("x-ratelimit-reset", "-"), ("x-ratelimit-remaining", "many")], r#"{"error":"Slow down"}"#)],
        ahead: 0,
        expected: [["429 1", "429 1"], ["ok 2", "limited *"], ["429 1", "429 1"], ["ok 2", "limited *"]],
    },
    Case {
        name: "status_429_beyond_budget",
        what: "`429` with `Retry-After` beyond what is waited",
        servers: || vec![Fault::instead(429, &[("retry-after", "3600")], r#"{"error":"Slow down"}"#)],
        ahead: 0,
        expected: [["429 1", "429 1"], ["limited 1", "limited 1"], ["429 1", "429 1"], ["limited 1", "limited 1"]],
    },
    Case {
        name: "redirect",
        what: "a redirect on the server",
        servers: || vec![Fault::instead(307, &[("location", "/elsewhere")], "")],
        ahead: 0,
        expected: [["ok 2", "307 6"], ["ok 2", "307 6"], ["307 1", "307 1"], ["307 1", "307 1"]],
    },
    Case {
        name: "redirect_elsewhere",
        what: "a redirect to another host",
        servers: || vec![Fault::instead(302, &[("location", "https://evil.example/posts")], "")],
        ahead: 0,
        expected: [["302 1", "302 1"], ["302 1", "302 1"], ["302 1", "302 1"], ["302 1", "302 1"]],
    },
    Case {
        name: "clock_behind",
        what: "our clock is ten hours slow",
        servers: || vec![Fault::None],
        ahead: -36000,
        expected: [["ok 2", "ok 2"], ["ok 2", "ok 2"], ["ok 2", "ok 2"], ["ok 2", "ok 2"]],
    },
    Case {
        name: "clock_ahead",
        what: "our clock is ten hours fast",
        servers: || vec![Fault::None],
        ahead: 36000,
        expected: [["ok 2", "ok 2"], ["ok 2", "ok 2"], ["ok 2", "ok 2"], ["ok 2", "ok 2"]],
    },
    Case {
        name: "stale_without_date",
        what: "a stale timestamp, and no `Date`",
        servers: || vec![Fault::instead(401, &[], r#"{"error":"Stale MAC Timestamp"}"#)],
        ahead: 0,
        expected: [["401 1", "401 1"], ["401 1", "401 1"], ["401 1", "401 1"], ["401 1", "401 1"]],
    },
    Case {
        name: "used_nonce",
        what: "a nonce that was used",
        servers: || vec![Fault::instead(401, &[("date", "Tue, 01 Jan 2013 10:00:00 GMT")], r#"{"error":"Replayed MAC Nonce"}"#)],
        ahead: 0,
        expected: [["401 1", "401 1"], ["401 1", "401 1"], ["401 1", "401 1"], ["401 1", "401 1"]],
    },
    Case {
        name: "dead_credential",
        what: "a credential that is dead",
        servers: || vec![Fault::instead(401, &[("date", "Tue, 01 Jan 2013 10:00:00 GMT")], r#"{"error":"Invalid MAC Key ID"}"#)],
        ahead: 0,
        expected: [["401 1", "401 1"], ["401 1", "401 1"], ["401 1", "401 1"], ["401 1", "401 1"]],
    },
    Case {
        name: "status_404",
        what: "`404`",
        servers: || vec![Fault::instead(404, &[], r#"{"error":"Not Found"}"#)],
        ahead: 0,
        expected: [["404 1", "404 1"], ["404 1", "404 1"], ["404 1", "404 1"], ["404 1", "404 1"]],
    },
    Case {
        name: "one_of_three_down",
        what: "one server of three is down",
        servers: || vec![Fault::Refused, Fault::None, Fault::None],
        ahead: 0,
        expected: [["no answer 1", "no answer 1"], ["ok 2", "ok 2"], ["no answer 1", "no answer 1"], ["ok 2", "ok 2"]],
    },
    Case {
        name: "two_of_three_down",
        what: "two servers of three are down",
        servers: || vec![Fault::Refused, Fault::Refused, Fault::None],
        ahead: 0,
        expected: [["no answer 1", "no answer 1"], ["ok 3", "ok 3"], ["no answer 1", "no answer 1"], ["ok 3", "ok 3"]],
    },
    Case {
        name: "three_of_three_down",
        what: "all servers are down",
        servers: || vec![Fault::Refused, Fault::Refused, Fault::Refused],
        ahead: 0,
        expected: [["no answer 1", "no answer 1"], ["ok 4", "no answer 9"], ["no answer 1", "no answer 1"], ["ok 4", "no answer 9"]],
    },
    Case {
        name: "one_of_two_silent",
        what: "one server of two never answers",
        servers: || vec![Fault::Silent, Fault::None],
        ahead: 0,
        expected: [["no answer 1", "no answer 1"], ["ok 2", "ok 2"], ["unknown 1", "unknown 1"], ["unknown 1", "unknown 1"]],
    },
    Case {
        name: "one_of_two_busy",
        what: "one server of two says `503`",
        servers: || vec![Fault::instead(503, &[], r#"{"error":"Busy"}"#), Fault::None],
        ahead: 0,
        expected: [["503 1", "503 1"], ["ok 2", "ok 2"], ["503 1", "503 1"], ["503 1", "503 1"]],
    },
    Case {
        name: "down_and_busy",
        what: "one server is down and the other says `503`",
        servers: || vec![Fault::Refused, Fault::instead(503, &[], r#"{"error":"Busy"}"#)],
        ahead: 0,
        expected: [["no answer 1", "no answer 1"], ["ok 3", "503 6"], ["no answer 1", "no answer 1"], ["503 2", "503 2"]],
    },
];

/// Makes four tests of each case, for a [`Ground`](crate::matrix::Ground).
#[macro_export]
macro_rules! fault_matrix {
    ($ground:ty) => {
        $crate::fault_matrix! { $ground:
            refused
            reset_before
            reset_during
            reset_after
            silent
            late
            truncated
            oversized
            slow
            slow_body
            html
            content_type
            status_500
            status_501
            bad_gateway
            status_503
            status_503_with_time
            status_503_beyond_budget
            status_429
            retry_after
            retry_after_date
            x_ratelimit_reset
            x_ratelimit_reset_date
            ratelimit
            reset_in_the_past
            unreadable_limits
            status_429_beyond_budget
            redirect
            redirect_elsewhere
            clock_behind
            clock_ahead
            stale_without_date
            used_nonce
            dead_credential
            status_404
            one_of_three_down
            two_of_three_down
            three_of_three_down
            one_of_two_silent
            one_of_two_busy
            down_and_busy
        }
    };
    ($ground:ty: $($case:ident)*) => {
        $(
            mod $case {
                #[allow(unused_imports, reason = "the ground may be named by a full path")]
                use super::*;

                #[test]
                fn get_off() {
                    $crate::matrix::check::<$ground>(stringify!($case), $crate::matrix::Cell::GetOff);
                }

                #[test]
                fn get_default() {
                    $crate::matrix::check::<$ground>(stringify!($case), $crate::matrix::Cell::GetDefault);
                }

                #[test]
                fn post_off() {
                    $crate::matrix::check::<$ground>(stringify!($case), $crate::matrix::Cell::PostOff);
                }

                #[test]
                fn post_default() {
                    $crate::matrix::check::<$ground>(stringify!($case), $crate::matrix::Cell::PostDefault);
                }
            }
        )*
    };
}
