//! What a server tells, on standard error.

use std::io;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::settings::{LogFormat, Settings};

/// From now on tells of what is at least so important, from the settings or the number of `-v`.
pub(crate) fn start(settings: &Settings, verbosity: u8) {
    let level = match (verbosity, settings.log) {
        (0, Some(level)) => level,
        (0, None) => Level::WARN,
        (1, _) => Level::INFO,
        _ => Level::DEBUG,
    };
    let targets = Targets::new().with_target("tent_server", level);
    let lines = tracing_subscriber::registry().with(targets);
    match settings.log_format {
        Some(LogFormat::Json) => {
            let layer = fmt::layer().json().with_writer(io::stderr);
            lines.with(layer.flatten_event(true)).init();
        }
        Some(LogFormat::Text) | None => {
            let layer = fmt::layer().with_writer(io::stderr);
            lines.with(layer.with_target(false)).init();
        }
    }
}
