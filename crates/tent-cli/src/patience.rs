//! What `--rate-limit` and `--retries` ask for, and what is told of it.

use std::time::Duration;

use clap::ValueEnum;
use tent_flow::policy::{RateLimit, Retry};
use tent_proto::{Policy, WaitReason, Waiting};

use crate::arguments::Everywhere;
use crate::output::tell;
use crate::plain::plain;

/// What to do about a server's limit: fail when it was too much, wait then, or spread requests so
/// that it never is. The variants have no texts, since long and short help would differ by them.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum RateLimitMode {
    Throw,
    Wait,
    Pace,
}

/// How often is tried again, unless it is said.
pub(crate) const RETRIES: u32 = Retry::times(2).most_times();

/// Shorter waits are not worth a line.
const WORTH_TELLING: Duration = Duration::from_secs(2);

/// What is done about limits and failures.
pub(crate) fn policy(settings: &Everywhere) -> Policy {
    let rule = match settings.rate_limit {
        RateLimitMode::Throw => RateLimit::Throw,
        RateLimitMode::Wait => RateLimit::Wait,
        RateLimitMode::Pace => RateLimit::pace(),
    };
    let tells_each_request = settings.verbose > 0; // and so each wait, too
    Policy::default()
        .rate_limit(rule)
        .retry(Retry::times(settings.retries))
        .on_wait(move |wait| {
            if !tells_each_request && wait.time >= WORTH_TELLING {
                tell(&plain(&waiting(wait)));
            }
        })
}

fn waiting(wait: &Waiting<'_>) -> String {
    let (server, seconds) = (wait.server, wait.time.as_secs_f64().ceil());
    match wait.reason {
        WaitReason::RateLimit => format!("tent: waiting {seconds} s for the limit of {server}"),
        _ => format!("tent: waiting {seconds} s before {server} is asked again"),
    }
}
