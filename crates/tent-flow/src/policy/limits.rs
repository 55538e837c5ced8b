//! What servers say of their limits.

use std::time::Duration;

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};

use super::epoch_seconds;
use crate::Moment;

/// What is known of a server's limit. Each part is what the server said last, or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Limits {
    /// How many requests a window allows.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: Option<u64>,
    /// When the window ends and all are there again.
    pub reset: Option<Moment>,
    /// How long a window is.
    pub window: Option<Duration>,
}

/// What is later than this counts as this late, so that a wrong header does not shut a server out.
const LONGEST: Duration = Duration::from_secs(86_400);

/// How long a server asks to be left alone: `Retry-After`, in seconds or as a date. A date that is
/// past is no time at all. It is compared with the server's own `Date`, where there is one.
///
/// Source: RFC 9110 §10.2.3.
///
/// ```
/// use std::time::Duration;
/// use http::{HeaderMap, HeaderValue};
/// use tent_flow::Moment;
/// use tent_flow::policy::retry_after;
///
/// let now = Moment::at_epoch_seconds(1_356_998_400);
/// let mut headers = HeaderMap::new();
/// headers.insert("retry-after", HeaderValue::from_static("Tue, 01 Jan 2013 00:01:00 GMT"));
/// assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(60)));
/// ```
pub fn retry_after(headers: &HeaderMap, now: Moment) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?;
    match seconds(value) {
        Some(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        None => {
            let until = Duration::from_secs(epoch_seconds(value)?);
            Some(until.saturating_sub(server_time(headers, now)))
        }
    }
    .map(|wait| wait.min(LONGEST))
}

/// What one answer says of the limit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Said {
    pub(super) limit: Option<u64>,
    pub(super) remaining: Option<u64>,
    pub(super) reset: Option<Reset>,
    pub(super) window: Option<Duration>,
}

/// The end of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reset {
    /// How far away it is; nothing when it is past.
    pub(super) left: Duration,
    /// When it is by the server's clock, since the epoch. It tells one window from another.
    pub(super) at: Duration,
    /// How much two answers of one window may differ in `at`.
    pub(super) blur: Duration,
}

impl Reset {
    /// Whether it ends the same window as the other, or an earlier one.
    pub(super) fn is_no_later(self, other: Self) -> bool {
        self.at <= other.at.saturating_add(self.blur.max(other.blur))
    }
}

impl Said {
    /// Reads `X-RateLimit-Limit`, `-Remaining` and `-Reset`, the same without `X-`, and the combined
    /// `RateLimit` and `RateLimit-Policy`. Each may be absent or unreadable without harm to the
    /// others. A reset may be seconds from now, seconds or milliseconds since the epoch, or a date.
    ///
    /// Source: draft-ietf-httpapi-ratelimit-headers-06, -07 and -10; Mastodon's documentation.
    pub(super) fn read(headers: &HeaderMap, now: Moment) -> Self {
        let mut said = Self::default();
        let mut policy = None;
        for (name, value) in headers {
            let name = name.as_str().trim_start_matches("x-");
            let Some(name) = name.strip_prefix("ratelimit") else {
                continue;
            };
            let Ok(value) = value.to_str() else { continue };
            match name {
                "-limit" => {
                    said.limit = whole(first_item(value)).or(said.limit);
                    said.window = window_of(first_item(value)).or(said.window);
                }
                "-remaining" => said.remaining = whole(first_item(value)).or(said.remaining),
                "-reset" => said.reset = reset(value, headers, now).or(said.reset),
                "-policy" => policy = Some(value),
                "" => said.read_combined(value, headers, now),
                _ => {}
            }
        }
        if let Some(policy) = policy {
            let name = headers
                .get("ratelimit")
                .and_then(least)
                .map(|(name, ..)| name);
            said.read_policy(policy, name.unwrap_or_default());
        }
        said
    }

    /// `"default";r=50;t=30`, or `limit=100, remaining=50, reset=30` as it was before.
    fn read_combined(&mut self, value: &str, headers: &HeaderMap, now: Moment) {
        for part in value.split([',', ';']) {
            match part.trim().split_once('=') {
                Some(("limit", number)) => self.limit = whole(number).or(self.limit),
                Some(("remaining", number)) => self.remaining = whole(number).or(self.remaining),
                Some(("reset", time)) => self.reset = reset(time, headers, now).or(self.reset),
                _ => {}
            }
        }
        if let Some((_, remaining, time)) = headers.get("ratelimit").and_then(least) {
            self.remaining = Some(remaining);
            self.reset = time
                .and_then(|time| reset(time, headers, now))
                .or(self.reset);
        }
    }

    /// `"default";q=100;w=60`, or `100;w=60` as it was before, of several the one of this name.
    fn read_policy(&mut self, value: &str, name: &str) {
        let policies = || value.split(',').map(str::trim);
        let named = policies().find(|policy| name_of(policy) == name);
        let Some(policy) = named.or_else(|| policies().next()) else {
            return;
        };
        let quota = parameter(policy, "q").unwrap_or_else(|| name_of(policy));
        self.limit = self.limit.or(whole(quota));
        self.window = window_of(policy).or(self.window);
    }
}

/// Of several limits in a `RateLimit` the one of which least is left: its name, what is left, and when
/// it is reset.
fn least(value: &HeaderValue) -> Option<(&str, u64, Option<&str>)> {
    let items = value.to_str().ok()?.split(',').map(str::trim);
    let limits = items.filter_map(|item| {
        let remaining = whole(parameter(item, "r")?)?;
        Some((name_of(item), remaining, parameter(item, "t")))
    });
    limits.min_by_key(|(_, remaining, _)| *remaining)
}

fn first_item(value: &str) -> &str {
    value.split(',').next().unwrap_or_default()
}

fn name_of(item: &str) -> &str {
    item.split(';').next().unwrap_or_default().trim()
}

fn parameter<'a>(item: &'a str, name: &str) -> Option<&'a str> {
    let parameters = item.split(';').skip(1);
    let mut pairs = parameters.filter_map(|parameter| parameter.trim().split_once('='));
    pairs
        .find(|(other, _)| *other == name)
        .map(|(_, value)| value)
}

fn window_of(item: &str) -> Option<Duration> {
    let window = Duration::try_from_secs_f64(seconds(parameter(item, "w")?)?).ok()?;
    Some(window.min(LONGEST))
}

/// The whole number at the beginning; less than nothing is nothing.
fn whole(text: &str) -> Option<u64> {
    Some(seconds(name_of(text))?.max(0.0) as u64)
}

fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    let number: f64 = text.parse().ok()?;
    let number = Some(number).filter(|number| is_number && number.is_finite())?;
    Some(number.clamp(0.0, 1e15))
}

fn reset(text: &str, headers: &HeaderMap, now: Moment) -> Option<Reset> {
    const EXACT: Duration = Duration::ZERO;
    let (at, blur) = match seconds(name_of(text)) {
        // From now: in whole seconds, so the end wanders with each answer.
        Some(seconds) if seconds < 1e9 => {
            let left = Duration::from_secs_f64(seconds).min(LONGEST);
            let at = wall(now).saturating_add(left);
            let blur = Duration::from_millis(1500).min(left / 2);
            return Some(Reset { left, at, blur });
        }
        Some(seconds) if seconds < 1e11 => (Duration::from_secs_f64(seconds), EXACT),
        Some(milliseconds) => (Duration::from_secs_f64(milliseconds / 1e3), EXACT),
        None => (Duration::from_secs(epoch_seconds(text)?), EXACT),
    };
    let left = at.saturating_sub(server_time(headers, now)).min(LONGEST);
    Some(Reset { left, at, blur })
}

/// The server's own time, as far as it tells, since its clock made the reset. `Date` lacks the
/// fraction of a second, so this is never late, and what is left never too short.
fn server_time(headers: &HeaderMap, now: Moment) -> Duration {
    let date = headers
        .get(DATE)
        .and_then(|date| epoch_seconds(date.to_str().ok()?));
    date.map_or_else(|| wall(now), Duration::from_secs)
}

fn wall(now: Moment) -> Duration {
    let since = now.wall.duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default()
}

#[cfg(test)]
mod tests;
