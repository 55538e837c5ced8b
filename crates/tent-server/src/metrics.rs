//! What the server counts, for Prometheus.

use std::time::Duration;

use http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::storage::Attempt;

/// The media type of what [`Metrics::text`] gives.
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Where the buckets of durations end, in seconds.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// The metrics of one program, however many entities it serves. None tells of a single entity, app or
/// person.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answer, Counter>,
    durations: Family<Route, Histogram>,
    /// Requests that are being answered.
    pub(crate) in_flight: Gauge,
    /// Connections that are open.
    pub(crate) connections: Gauge,
    attempts: Family<Outcome, Counter>,
    waiting: Gauge,
    entities: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    /// As the protocol has it, with the names of its parameters.
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let durations: fn() -> Histogram = || Histogram::new(BUCKETS);
        let mut metrics = Self {
            registry: Registry::with_prefix("tent"),
            requests: Family::default(),
            durations: Family::new_with_constructor(durations),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            attempts: Family::default(),
            waiting: Gauge::default(),
            entities: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version of the program", version);
        let help = "Requests that were answered, by method, route and status";
        registry.register("http_requests", help, self.requests.clone());
        let help = "How long it took until an answer began, by route";
        let durations = self.durations.clone();
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, durations);
        let help = "Requests that are being answered";
        registry.register("http_requests_in_flight", help, self.in_flight.clone());
        let help = "Connections that are open";
        registry.register("connections", help, self.connections.clone());
        let help = "Attempts to deliver a post, by what became of them";
        registry.register("delivery_attempts", help, self.attempts.clone());
        let help = "Deliveries that are queued";
        registry.register("deliveries_waiting", help, self.waiting.clone());
        let help = "Entities that are served";
        registry.register("entities", help, self.entities.clone());
    }

    /// A request was answered, after so long.
    pub(crate) fn answered(
        &self,
        method: &Method,
        route: &str,
        status: StatusCode,
        took: Duration,
    ) {
        let route = Route {
            route: route.to_owned(),
        };
        let duration = self.durations.get_or_create(&route);
        duration.observe(took.as_secs_f64());
        let answer = Answer {
            method: name(method),
            route: route.route,
            status: status.as_u16(),
        };
        self.requests.get_or_create(&answer).inc();
    }

    /// An attempt to deliver a post came to an end.
    pub(crate) fn attempted(&self, attempt: &Attempt) {
        let outcome = match attempt {
            Attempt::Done => "needless",
            Attempt::Delivered { .. } => "delivered",
            Attempt::Again { .. } => "postponed",
            Attempt::GivenUp { .. } => "given_up",
        };
        self.attempts.get_or_create(&Outcome { outcome }).inc();
    }

    /// All of it, in the text format of OpenMetrics. The two numbers are read from the database for it.
    pub(crate) fn text(&self, waiting: i64, entities: i64) -> String {
        self.waiting.set(waiting);
        self.entities.set(entities);
        let mut text = String::new();
        let _ = encode(&mut text, &self.registry); // a string takes all
        text
    }
}

/// Something that is counted by a gauge for as long as it is there.
pub(crate) struct Counted(Gauge);

impl Counted {
    pub(crate) fn by(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A method of the protocol by its name. What else somebody sends is one, so that nobody fills the
/// memory with names.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
