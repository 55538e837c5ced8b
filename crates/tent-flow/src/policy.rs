//! When to ask, when to wait, when to ask again, and whom: policy without a clock.
//!
//! These are the parts that a flow decides with. Each takes the time as a
//! [`Moment`](crate::Moment) and randomness as a number, and says how long to wait; the flow then
//! says [`Effect::Wait`](crate::Effect::Wait), so neither a lock nor a connection is held meanwhile.
//!
//! | part | decides |
//! | --- | --- |
//! | [`Limiter`] | when the next request may go, under the limits that a server tells |
//! | [`Limiters`] | whose limit is whose, for a client that has many sessions |
//! | [`Retry`] | whether to try again after a failure, and after how long |
//! | [`Health`] | how long a server that failed is rested |
//!
//! ```
//! use std::time::Duration;
//! use http::{HeaderMap, HeaderValue, StatusCode};
//! use tent_flow::Moment;
//! use tent_flow::policy::{Limiter, RateLimit};
//!
//! let limiter = Limiter::default();
//! let now = Moment::at_epoch_seconds(1_356_998_400);
//! let mut turn = limiter.turn();
//! assert_eq!(turn.ask(now, RateLimit::Wait), Ok(()));
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("x-ratelimit-remaining", HeaderValue::from_static("0"));
//! headers.insert("x-ratelimit-reset", HeaderValue::from_static("1356998407"));
//! turn.answered(now, StatusCode::OK, &headers);
//!
//! let mut turn = limiter.turn();
//! assert_eq!(turn.ask(now, RateLimit::Wait), Err(Duration::from_secs(7)));
//! let later = now.after(Duration::from_secs(7));
//! assert_eq!(turn.ask(later, RateLimit::Wait), Ok(()));
//! ```

mod date;
mod failover;
mod limiters;
mod limits;
mod pace;
mod retry;

pub use self::date::epoch_seconds;
pub use self::failover::Health;
pub use self::limiters::Limiters;
pub use self::limits::{Limits, retry_after};
pub use self::pace::{Limiter, RateLimit, Turn};
pub use self::retry::{Jitter, Retry};
