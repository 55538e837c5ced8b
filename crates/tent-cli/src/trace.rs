//! What `-v` and `-vv` tell of requests, on standard error.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::output::tell;
use crate::plain::plain;

/// From now on tells of requests, answers and waits, and from `-vv` on of headers that hold no secret.
pub(crate) fn start(verbosity: u8) {
    let level = match verbosity {
        0 => return,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let targets = Targets::new()
        .with_target("tent_flow", level)
        .with_target("tent_proto", level);
    let lines = tracing_subscriber::registry().with(Lines.with_filter(targets));
    let _ = lines.try_init(); // somebody else may have begun to tell
}

/// A line for each event.
struct Lines;

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut told = Told::default();
        event.record(&mut told);
        tell(&plain(&told.line()));
    }
}

/// What an event says.
#[derive(Default)]
struct Told {
    message: String,
    fields: Vec<(&'static str, String)>,
}

impl Told {
    fn line(&self) -> String {
        match self.message.as_str() {
            "sends" => format!("> {} {}", self.get("method"), self.get("url")),
            "answers" => format!("< {}, {} bytes", self.get("status"), self.get("bytes")),
            "fails" => format!("< no answer: {}", self.get("error")),
            "waits" => format!("  waiting {} s", self.get("seconds")),
            "header sent" => format!(">   {}: {}", self.get("name"), self.get("value")),
            "header received" => format!("<   {}: {}", self.get("name"), self.get("value")),
            message => {
                let mut line = format!("  {message}");
                for (_, value) in &self.fields {
                    let _ = write!(line, " {value}");
                }
                line
            }
        }
    }

    fn get(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(other, _)| *other == name);
        found.map_or("", |(_, value)| value)
    }
}

impl Visit for Told {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.fields.push((field.name(), format!("{value:.1}")));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            name => self.fields.push((name, format!("{value:?}"))),
        }
    }
}
