//! The table.

use std::time::Duration;

use super::Case;
use crate::faults::Fault;

/// Less than any time that is waited for an answer.
const SHORT: Duration = Duration::from_millis(5);

/// All cases.
#[rustfmt::skip]
pub const CASES: &[Case] = &[
    Case::new("refused", "nobody listens", || vec![Fault::Refused],
        [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["no answer 1", "no answer 1"], ["ok 2", "no answer 3"]]),
    Case::new("reset_before", "reset before the request is read", || vec![Fault::ResetBefore],
        [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["unknown 1", "unknown 1"], ["unknown 1", "unknown 1"]]),
    Case::new("reset_during", "reset within the body of the request", || vec![Fault::ResetDuring],
        [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["unknown 1", "unknown 1"], ["unknown 1", "unknown 1"]]),
    Case::new("reset_after", "reset after the request", || vec![Fault::ResetAfter],
        [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["unknown 1, published", "unknown 1, published"], ["unknown 1, published", "unknown 1, published"]]),
    Case::new("silent", "accepts and never answers", || vec![Fault::Silent],
        [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["unknown 1", "unknown 1"], ["unknown 1", "unknown 1"]]),
    Case::new("late", "no answer in time, and the request arrives late", || vec![Fault::Late(usize::MAX)],
        [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["unknown 1, published late", "unknown 1, published late"], ["unknown 1, published late", "unknown 1, published late"]]),
    Case::new("truncated", "the answer breaks off", || vec![Fault::Truncated(1)],
        [["no answer 1", "no answer 1"], ["ok 2", "no answer 3"], ["unknown 1, published", "unknown 1, published"], ["unknown 1, published", "unknown 1, published"]]),
    Case::new("oversized", "the answer is too large", || vec![Fault::Oversized(1 << 30)],
        [["no answer 1", "no answer 1"], ["no answer 1", "no answer 1"], ["unknown 1, published", "unknown 1, published"], ["unknown 1, published", "unknown 1, published"]]),
    Case::new("slow", "latency", || vec![Fault::Delay(SHORT)],
        [["ok 1", "ok 1"], ["ok 1", "ok 1"], ["ok 1", "ok 1"], ["ok 1", "ok 1"]]),
    Case::new("slow_body", "the answer arrives slowly", || vec![Fault::SlowBody(SHORT)],
        [["ok 1", "ok 1"], ["ok 1", "ok 1"], ["ok 1", "ok 1"], ["ok 1", "ok 1"]]),
    Case::new("html", "HTML where JSON should be", || vec![Fault::Html],
        [["not read 1", "not read 1"], ["not read 1", "not read 1"], ["unknown 1, published", "unknown 1, published"], ["unknown 1, published", "unknown 1, published"]]),
    Case::new("half_json", "half of the JSON, in an answer that is whole", || vec![Fault::after(200, &[], "[{")],
        [["not read 1", "not read 1"], ["not read 1", "not read 1"], ["unknown 1, published", "unknown 1, published"], ["unknown 1, published", "unknown 1, published"]]),
    Case::new("content_type", "JSON said to be something else", || vec![Fault::content_type("text/html")],
        [["ok 1", "ok 1"], ["ok 1", "ok 1"], ["ok 1", "ok 1"], ["ok 1", "ok 1"]]),
    Case::new("status_500", "`500`", || vec![Fault::instead(500, &[], r#"{"error":"Internal Server Error"}"#)],
        [["500 1", "500 1"], ["ok 2", "500 3"], ["unknown 1", "unknown 1"], ["unknown 1", "unknown 1"]]),
    Case::new("status_501", "`501`", || vec![Fault::instead(501, &[], r#"{"error":"Not Implemented"}"#)],
        [["501 1", "501 1"], ["501 1", "501 1"], ["501 1", "501 1"], ["501 1", "501 1"]]),
    Case::new("bad_gateway", "`502` though it was carried out", || vec![Fault::after(502, &[], "")],
        [["502 1", "502 1"], ["ok 2", "502 3"], ["unknown 1, published", "unknown 1, published"], ["unknown 1, published", "unknown 1, published"]]),
    Case::new("status_503", "`503`", || vec![Fault::instead(503, &[], r#"{"error":"Busy"}"#)],
        [["503 1", "503 1"], ["ok 2", "503 3"], ["unknown 1", "unknown 1"], ["unknown 1", "unknown 1"]]),
    Case::new("status_503_with_time", "`503` with `Retry-After`", || vec![Fault::instead(503, &[("retry-after", "7")], r#"{"error":"Busy"}"#)],
        [["503 1", "503 1"], ["ok 2", "503 3"], ["unknown 1", "unknown 1"], ["unknown 1", "unknown 1"]]),
    Case::new("status_503_beyond_budget", "`503` with `Retry-After` beyond the budget", || vec![Fault::instead(503, &[("retry-after", "3600")], r#"{"error":"Busy"}"#)],
        [["503 1", "503 1"], ["503 1", "503 1"], ["unknown 1", "unknown 1"], ["unknown 1", "unknown 1"]]),
    Case::new("status_507", "`507` with `Retry-After`", || vec![Fault::instead(507, &[("retry-after", "60")], r#"{"error":"No room"}"#)],
        [["507 1", "507 1"], ["507 1", "507 1"], ["507 1", "507 1"], ["507 1", "507 1"]]),
    Case::new("status_429", "`429` alone", || vec![Fault::instead(429, &[], r#"{"error":"Slow down"}"#)],
        [["429 1", "429 1"], ["ok 2", "limited *"], ["429 1", "429 1"], ["ok 2", "limited *"]]),
    Case::new("retry_after", "`429` with `Retry-After` in seconds", || vec![Fault::instead(429, &[("retry-after", "7")], r#"{"error":"Slow down"}"#)],
        [["429 1", "429 1"], ["ok 2", "limited 129"], ["429 1", "429 1"], ["ok 2", "limited 129"]]),
    Case::new("retry_after_date", "`429` with `Retry-After` as a date", || vec![Fault::instead(429, &[("retry-after", "Tue, 01 Jan 2013 00:00:09 GMT"), ("date", "Tue, 01 Jan 2013 00:00:00 GMT")], r#"{"error":"Slow down"}"#)],
        [["429 1", "429 1"], ["ok 2", "limited 101"], ["429 1", "429 1"], ["ok 2", "limited 101"]]),
    Case::new("x_ratelimit_reset", "`429` with `X-RateLimit-Reset`", || vec![Fault::instead(429, &[("x-ratelimit-limit", "300"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "100")], r#"{"error":"Slow down"}"#)],
        [["429 1", "429 1"], ["ok 2", "limited 10"], ["429 1", "429 1"], ["ok 2", "limited 10"]]),
    Case::new("x_ratelimit_reset_date", "`429` with `X-RateLimit-Reset` as a date", || vec![Fault::instead(429, &[("x-ratelimit-reset", "2013-01-01T00:01:00Z")], r#"{"error":"Slow down"}"#)],
        [["429 1", "429 1"], ["ok 2", "limited *"], ["429 1", "429 1"], ["ok 2", "limited *"]]),
    Case::new("x_ratelimit_reset_epoch", "`429` with `X-RateLimit-Reset` since the epoch", || vec![Fault::instead(429, &[("x-ratelimit-reset", "1356998460"), ("date", "Tue, 01 Jan 2013 00:00:00 GMT")], r#"{"error":"Slow down"}"#)],
        [["429 1", "429 1"], ["ok 2", "limited 16"], ["429 1", "429 1"], ["ok 2", "limited 16"]]),
    Case::new("x_ratelimit_remaining", "`429` with `X-RateLimit-Remaining` alone", || vec![Fault::instead(429, &[("x-ratelimit-remaining", "0")], r#"{"error":"Slow down"}"#)],
        [["429 1", "429 1"], ["ok 2", "limited *"], ["429 1", "429 1"], ["ok 2", "limited *"]]),
    Case::new("ratelimit_reset", "`429` with `RateLimit-Reset`", || vec![Fault::instead(429, &[("ratelimit-limit", "300"), ("ratelimit-remaining", "0"), ("ratelimit-reset", "100")], r#"{"error":"Slow down"}"#)],
        [["429 1", "429 1"], ["ok 2", "limited 10"], ["429 1", "429 1"], ["ok 2", "limited 10"]]),
    Case::new("ratelimit", "`429` with `RateLimit`", || vec![Fault::instead(429, &[("ratelimit", "\"default\";r=0;t=60")], r#"{"error":"Slow down"}"#)],
        [["429 1", "429 1"], ["ok 2", "limited 16"], ["429 1", "429 1"], ["ok 2", "limited 16"]]),
    Case::new("reset_in_the_past", "`429` with a reset in the past", || vec![Fault::instead(429, &[("x-ratelimit-reset", "1356998399")], r#"{"error":"Slow down"}"#)],
        [["429 1", "429 1"], ["ok 2", "limited *"], ["429 1", "429 1"], ["ok 2", "limited *"]]),
    Case::new("unreadable_limits", "`429` with limits that cannot be read", || vec![Fault::instead(429, &[("retry-after", "soon"), ("x-ratelimit-reset", "-"), ("x-ratelimit-remaining", "many")], r#"{"error":"Slow down"}"#)],
        [["429 1", "429 1"], ["ok 2", "limited *"], ["429 1", "429 1"], ["ok 2", "limited *"]]),
    Case::new("status_429_beyond_budget", "`429` with `Retry-After` beyond what is waited", || vec![Fault::instead(429, &[("retry-after", "3600")], r#"{"error":"Slow down"}"#)],
        [["429 1", "429 1"], ["limited 1", "limited 1"], ["429 1", "429 1"], ["limited 1", "limited 1"]]),
    Case::new("redirect", "a redirect on the server", || vec![Fault::instead(307, &[("location", "/elsewhere")], "")],
        [["ok 2", "307 6"], ["ok 2", "307 6"], ["307 1", "307 1"], ["307 1", "307 1"]]),
    Case::new("redirect_elsewhere", "a redirect to another host", || vec![Fault::instead(302, &[("location", "https://evil.example/posts")], "")],
        [["302 1", "302 1"], ["302 1", "302 1"], ["302 1", "302 1"], ["302 1", "302 1"]]),
    Case::new("clock_behind", "our clock is ten hours slow", || vec![Fault::None],
        [["ok 2", "ok 2"], ["ok 2", "ok 2"], ["ok 2", "ok 2"], ["ok 2", "ok 2"]]).with_clock_ahead(-36_000),
    Case::new("clock_ahead", "our clock is ten hours fast", || vec![Fault::None],
        [["ok 2", "ok 2"], ["ok 2", "ok 2"], ["ok 2", "ok 2"], ["ok 2", "ok 2"]]).with_clock_ahead(36_000),
    Case::new("stale_without_date", "a stale timestamp, and no `Date`", || vec![Fault::instead(401, &[], r#"{"error":"Stale MAC Timestamp"}"#)],
        [["401 1", "401 1"], ["401 1", "401 1"], ["401 1", "401 1"], ["401 1", "401 1"]]),
    Case::new("used_nonce", "a nonce that was used", || vec![Fault::instead(401, &[("date", "Tue, 01 Jan 2013 10:00:00 GMT")], r#"{"error":"Replayed MAC Nonce"}"#)],
        [["401 1", "401 1"], ["401 1", "401 1"], ["401 1", "401 1"], ["401 1", "401 1"]]),
    Case::new("dead_credential", "a credential that is dead", || vec![Fault::instead(401, &[("date", "Tue, 01 Jan 2013 10:00:00 GMT")], r#"{"error":"Invalid MAC Key ID"}"#)],
        [["401 1", "401 1"], ["401 1", "401 1"], ["401 1", "401 1"], ["401 1", "401 1"]]),
    Case::new("status_404", "`404`", || vec![Fault::instead(404, &[], r#"{"error":"Not Found"}"#)],
        [["404 1", "404 1"], ["404 1", "404 1"], ["404 1", "404 1"], ["404 1", "404 1"]]),
    Case::new("one_of_three_down", "one server of three is down", || vec![Fault::Refused, Fault::None, Fault::None],
        [["no answer 1", "no answer 1"], ["ok 2", "ok 2"], ["no answer 1", "no answer 1"], ["ok 2", "ok 2"]]),
    Case::new("two_of_three_down", "two servers of three are down", || vec![Fault::Refused, Fault::Refused, Fault::None],
        [["no answer 1", "no answer 1"], ["ok 3", "ok 3"], ["no answer 1", "no answer 1"], ["ok 3", "ok 3"]]),
    Case::new("three_of_three_down", "all servers are down", || vec![Fault::Refused, Fault::Refused, Fault::Refused],
        [["no answer 1", "no answer 1"], ["ok 4", "no answer 9"], ["no answer 1", "no answer 1"], ["ok 4", "no answer 9"]]),
    Case::new("all_moved", "all servers are down, and the profile names another", || vec![Fault::Refused, Fault::Refused, Fault::None],
        [["no answer 1", "no answer 1"], ["ok 3", "ok 3"], ["no answer 1", "no answer 1"], ["ok 3", "ok 3"]]).moving(),
    Case::new("all_moved_and_down", "the server that the profile names now is down, too", || vec![Fault::Refused, Fault::Refused],
        [["no answer 1", "no answer 1"], ["ok 3", "no answer 4"], ["no answer 1", "no answer 1"], ["ok 3", "no answer 4"]]).moving(),
    Case::new("one_of_two_silent", "one server of two never answers", || vec![Fault::Silent, Fault::None],
        [["no answer 1", "no answer 1"], ["ok 2", "ok 2"], ["unknown 1", "unknown 1"], ["unknown 1", "unknown 1"]]),
    Case::new("one_of_two_busy", "one server of two says `503`", || vec![Fault::instead(503, &[], r#"{"error":"Busy"}"#), Fault::None],
        [["503 1", "503 1"], ["ok 2", "ok 2"], ["unknown 1", "unknown 1"], ["unknown 1", "unknown 1"]]),
    Case::new("down_and_busy", "one server is down and the other says `503`", || vec![Fault::Refused, Fault::instead(503, &[], r#"{"error":"Busy"}"#)],
        [["no answer 1", "no answer 1"], ["ok 3", "503 6"], ["no answer 1", "no answer 1"], ["unknown 2", "unknown 2"]]),
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
            half_json
            content_type
            status_500
            status_501
            bad_gateway
            status_503
            status_503_with_time
            status_503_beyond_budget
            status_507
            status_429
            retry_after
            retry_after_date
            x_ratelimit_reset
            x_ratelimit_reset_date
            x_ratelimit_reset_epoch
            x_ratelimit_remaining
            ratelimit_reset
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
            all_moved
            all_moved_and_down
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
