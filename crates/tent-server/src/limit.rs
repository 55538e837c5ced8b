//! How many requests are taken, from whom, in what time.

mod bucket;
mod generations;
mod line;
mod shared;

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use self::bucket::Buckets;
use self::line::{Empty, Standing};
use self::shared::SharedBuckets;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::forwarded;
use crate::server::Shared;
use crate::storage::{Processes, StorageError};

/// So many requests, at once or spread, in so many seconds: a bucket of tokens that fills evenly.
///
/// ```
/// use tent_server::Limit;
///
/// assert_eq!("600/60".parse(), Ok(Limit::new(600, 60)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    requests: u32,
    seconds: u32,
}

/// A text that is no [`Limit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a limit is requests and seconds, such as 600/60")]
#[non_exhaustive]
pub struct LimitError;

impl Limit {
    /// So many requests in so many seconds; at least one of each.
    pub const fn new(requests: u32, seconds: u32) -> Self {
        let requests = if requests == 0 { 1 } else { requests };
        let seconds = if seconds == 0 { 1 } else { seconds };
        Self { requests, seconds }
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let (requests, seconds) = text.split_once('/').ok_or(LimitError)?;
        let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
        match (number(requests), number(seconds)) {
            (Some(requests), Some(seconds)) => Ok(Self::new(requests, seconds)),
            _ => Err(LimitError),
        }
    }
}

/// How many requests a server takes, from whom. What is beyond is answered with `429` and
/// `Retry-After`; every answer tells in `X-RateLimit-Limit`, `-Remaining` and `-Reset` how it stands.
///
/// The defaults are more than a person and their apps need, and less than what would harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Limits {
    credential: Option<Limit>,
    address: Option<Limit>,
    stranger: Option<Limit>,
}

impl Limits {
    /// None at all.
    pub const fn none() -> Self {
        Self {
            credential: None,
            address: None,
            stranger: None,
        }
    }

    /// For each credential: an app, or another server. By default 6,000 requests in 5 minutes.
    pub const fn credential(mut self, limit: Limit) -> Self {
        self.credential = Some(limit);
        self
    }

    /// For each address, for what is read without a credential. By default 3,000 requests in 5
    /// minutes. An IPv6 network of 64 bits counts as one address.
    pub const fn address(mut self, limit: Limit) -> Self {
        self.address = Some(limit);
        self
    }

    /// For each address, for what strangers can cause: registering apps, following, sending posts,
    /// signing in. By default 120 requests in 5 minutes.
    pub const fn stranger(mut self, limit: Limit) -> Self {
        self.stranger = Some(limit);
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::none()
            .credential(Limit::new(6_000, 300))
            .address(Limit::new(3_000, 300))
            .stranger(Limit::new(120, 300))
    }
}

/// What was taken within the limits: by this process, or by all that use the database.
#[derive(Debug)]
pub(crate) struct Taken {
    credential: Option<Kept>,
    address: Option<Kept>,
    stranger: Option<Kept>,
}

#[derive(Debug)]
enum Kept {
    Here(Buckets),
    Shared(Box<SharedBuckets>),
}

/// For whom a request counts.
#[derive(Debug, Hash)]
enum Payer<'a> {
    Credential(&'a str),
    Address(IpAddr),
    /// The address is not known: all are one.
    Anybody,
}

impl fmt::Display for Payer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credential(mac_id) => f.write_str(mac_id),
            Self::Address(address) => address.fmt(f),
            Self::Anybody => f.write_str("anybody"),
        }
    }
}

impl Taken {
    pub(crate) fn within(limits: Limits, processes: Option<&Arc<dyn Processes>>) -> Self {
        let kept = |limit: Option<Limit>, name| {
            let limit = limit?;
            Some(match processes {
                None => Kept::Here(Buckets::of(limit)),
                Some(processes) => {
                    let shared = SharedBuckets::of(limit, name, Arc::clone(processes));
                    Kept::Shared(Box::new(shared))
                }
            })
        };
        Self {
            credential: kept(limits.credential, "credential"),
            address: kept(limits.address, "address"),
            stranger: kept(limits.stranger, "stranger"),
        }
    }
}

impl Kept {
    async fn take(
        &self,
        payer: Payer<'_>,
        now: i64,
    ) -> Result<Result<Standing, Empty>, StorageError> {
        match self {
            Self::Here(buckets) => Ok(buckets.take(&payer, now)),
            Self::Shared(buckets) => buckets.take(&payer, now).await,
        }
    }
}

/// Finds out who is calling, and refuses what is too much of them. What comes with no credential that
/// is good, or with a bad signature, counts for the address that it comes from.
pub(crate) async fn keep(
    server: &Shared,
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::authenticate(&parts, server).await;
    let (kept, payer) = match caller.as_ref().ok().and_then(Caller::mac_id) {
        Some(mac_id) => (&server.taken.credential, Payer::Credential(mac_id)),
        None => {
            let address = forwarded::client(&parts, server).map(network);
            let kept = match parts.method.is_safe() {
                true => &server.taken.address,
                false => &server.taken.stranger,
            };
            (kept, address.map_or(Payer::Anybody, Payer::Address))
        }
    };
    let taken = match kept {
        Some(kept) => match kept.take(payer, server.now()).await {
            Ok(taken) => Some(taken),
            Err(error) => return ApiError::from(error).into_response(),
        },
        None => None,
    };
    let mut response = match (&taken, caller) {
        (Some(Err((_, wait))), _) => refusal(*wait),
        (_, Err(error)) => error.into_response(),
        (_, Ok(caller)) => {
            parts.extensions.insert(caller);
            next(Request::from_parts(parts, body)).await
        }
    };
    if let Some(Ok(standing) | Err((standing, _))) = taken {
        tell(standing, response.headers_mut());
    }
    response
}

/// The address, or the network of it that anybody has the whole of.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        address => address,
    }
}

fn refusal(wait: i64) -> Response {
    let error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests");
    let mut response = error.into_response();
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(wait));
    response
}

fn tell(standing: Standing, headers: &mut HeaderMap) {
    for (name, value) in [
        ("x-ratelimit-limit", standing.limit.into()),
        ("x-ratelimit-remaining", standing.remaining),
        ("x-ratelimit-reset", standing.reset),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_written_as_requests_and_seconds() {
        assert_eq!("1/3600".parse(), Ok(Limit::new(1, 3600)));
        for text in [
            "",
            "1",
            "/",
            "1/",
            "0/1",
            "1/0",
            "-1/1",
            "1/1/1",
            "4294967296/1",
        ] {
            assert_eq!(text.parse::<Limit>(), Err(LimitError), "{text:?}");
        }
    }

    #[test]
    fn a_network_counts_as_one_address() {
        let address = |text: &str| network(text.parse().unwrap());
        assert_eq!(address("2001:db8::1"), address("2001:db8::2:3"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
    }
}
