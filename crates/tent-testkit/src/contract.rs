//! What every driver does, as tests: one suite that runs under each.
//!
//! A driver's own tests say how it is made and hand it to [`contract!`](crate::contract!), which
//! makes one `#[test]` of every clause:
//!
//! ```
//! use std::io;
//! use std::path::Path;
//! use std::sync::Arc;
//!
//! use tent_flow::policy::Limiters;
//! use tent_flow::{Flow, Series, Source};
//! use tent_testkit::contract::{Driver, Settings};
//!
//! struct Mine; // holds a client
//!
//! impl Driver for Mine {
//!     fn with(settings: &Settings) -> Self {
//! #       let _ = settings;
//!         Mine // sets the client up
//!     }
//!
//!     fn run<F: Flow>(&self, flow: F) -> F::Output {
//! #       let _ = flow;
//!         unreachable!("runs the flow")
//!     }
//!
//!     fn items<S: Series>(&self, series: S) -> Vec<Result<S::Item, S::Error>> {
//! #       let _ = series;
//!         unreachable!("collects the items")
//!     }
//!
//!     fn seed(&self) -> tent_flow::Seed {
//!         unreachable!("draws a seed")
//!     }
//!
//!     fn limiters(&self) -> Limiters {
//!         unreachable!("asks a clone of the client")
//!     }
//!
//!     fn file(&self, path: &Path) -> io::Result<Arc<dyn Source>> {
//! #       let _ = path;
//!         unreachable!("measures a file")
//!     }
//! }
//!
//! tent_testkit::contract!(Mine);
//! # fn main() {}
//! ```
//!
//! The peer is a [server](server::Server) of plain sockets on loopback that answers with scripted
//! bytes and records what it got. Nothing sleeps, and no test measures time: a peer that must be slow
//! is one that never answers.

pub mod address;
pub mod answer;
pub mod body;
pub mod failure;
pub mod file;
pub mod request;
pub mod run;
pub mod server;
pub mod time;
pub mod tls;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use tent_flow::policy::Limiters;
use tent_flow::sink::Memory;
use tent_flow::{
    AddressRule, Delivery, Effect, Flow, Input, Moment, Request, Seed, Series, Sink, Source, Step,
    TransportError, TransportErrorKind,
};
use url::Url;

/// A driver under test.
pub trait Driver: Sized {
    /// Sets it up.
    fn with(settings: &Settings) -> Self;

    /// Runs a flow to its end.
    fn run<F: Flow>(&self, flow: F) -> F::Output;

    /// Goes through a list to its end.
    fn items<S: Series>(&self, series: S) -> Vec<Result<S::Item, S::Error>>;

    /// Draws a seed.
    fn seed(&self) -> Seed;

    /// What a clone of its client knows of servers' limits.
    fn limiters(&self) -> Limiters;

    /// Measures a file, to send it.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or has no length.
    fn file(&self, path: &Path) -> io::Result<Arc<dyn Source>>;
}

/// How a driver is to be set up. It uses no proxy but the one that is named here.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// How long connecting may take.
    pub connect_timeout: Option<Duration>,
    /// How long the peer may be silent.
    pub read_timeout: Option<Duration>,
    /// How long an exchange may take.
    pub total_timeout: Option<Duration>,
    /// Which addresses may be reached.
    pub address_rule: AddressRule,
    /// A proxy for everything.
    pub proxy: Option<Url>,
    /// Roots to trust besides those of the platform, in PEM.
    pub root_certificates: Vec<String>,
}

impl Default for Settings {
    /// Limits so wide that no test meets them by chance.
    fn default() -> Self {
        Self {
            connect_timeout: Some(Duration::from_secs(60)),
            read_timeout: Some(Duration::from_secs(60)),
            total_timeout: None,
            address_rule: AddressRule::Any,
            proxy: None,
            root_certificates: Vec::new(),
        }
    }
}

/// A limit that is soon reached, but not before a busy machine has connected and sent.
const SOON: Duration = Duration::from_millis(200);

/// When nothing has moved for so long, nothing will. A machine that is slower makes a test weaker, not
/// wrong.
const STUCK: Duration = Duration::from_millis(200);

type Outcome = Result<Response<Bytes>, TransportError>;

/// Sends one request and hands over whatever came of it.
struct Once(Option<(Request, Box<dyn Sink>)>);

impl Flow for Once {
    type Output = Outcome;

    fn step(&mut self, _now: Moment, input: Input) -> Step<Outcome> {
        match (input, self.0.take()) {
            (Input::Response(response), _) => Step::Done(Ok(response)),
            (Input::Failed(error), _) => Step::Done(Err(error)),
            (Input::Ready, Some((request, sink))) => Step::Do(Effect::Send(request, sink)),
            (Input::Ready, None) => panic!("the driver went on without an outcome"),
        }
    }
}

fn send<D: Driver>(driver: &D, request: Request) -> Outcome {
    send_into(driver, request, Memory::with_limit(1024 * 1024))
}

fn send_into<D: Driver>(driver: &D, request: Request, sink: impl Sink + 'static) -> Outcome {
    driver.run(Once(Some((request, Box::new(sink)))))
}

fn default_driver<D: Driver>() -> D {
    D::with(&Settings::default())
}

#[track_caller]
fn assert_fails(outcome: Outcome, kind: TransportErrorKind, delivery: Delivery) {
    match outcome {
        Ok(response) => panic!("it should fail with {kind:?}, but there is {response:?}"),
        Err(error) => assert_eq!(
            (error.kind(), error.delivery()),
            (kind, delivery),
            "{error:?}"
        ),
    }
}

/// Makes one test of each clause of the contract, for a [`Driver`].
#[macro_export]
macro_rules! contract {
    ($driver:ty) => {
        $crate::contract!($driver, answer:
            every_status_is_an_answer
            no_redirect_is_followed
            head_has_no_body
            some_statuses_have_no_body
            interim_answers_are_skipped
            fields_of_one_name_stay_apart
            any_framing_is_read
            nothing_is_decompressed
            an_announced_length_beyond_the_limit_is_refused
            an_unannounced_length_is_limited_too
            a_sink_may_stop_early
            a_sink_may_fail
            a_large_answer_takes_little_memory
        );
        $crate::contract!($driver, request:
            the_target_is_what_the_url_prints
            host_is_what_the_url_says
            fields_keep_their_order
            what_is_no_http_url_is_not_sent
        );
        $crate::contract!($driver, body:
            any_method_may_have_a_body
            an_absent_body_is_said_where_one_is_expected
            segments_are_sent_in_order_with_their_length
            a_source_is_opened_for_each_attempt
            a_large_body_takes_little_memory
        );
        $crate::contract!($driver, file:
            a_file_is_sent_as_it_is
            what_is_no_file_is_refused
            a_file_that_changed_is_not_sent
            a_file_that_changes_while_it_is_sent_fails_the_request
            progress_is_told
        );
        #[test]
        fn a_large_file_takes_little_memory() {
            let path = concat!(module_path!(), "::a_large_file_takes_little_memory");
            $crate::contract::file::a_large_file_takes_little_memory::<$driver>(path);
        }
        $crate::contract!($driver, failure:
            nobody_listens
            a_name_that_does_not_exist
            a_handshake_that_fails
            a_connection_that_closes_is_not_retried
            a_reset_of_a_kept_connection_is_not_retried
            a_body_that_breaks_off
            a_chunk_that_is_none
            an_answer_that_is_not_http
            a_source_that_fails
            a_source_that_is_not_as_long_as_it_says
            a_proxy_that_refuses
        );
        $crate::contract!($driver, time:
            connecting_is_limited
            silence_before_the_answer_is_limited
            silence_within_the_answer_is_limited
            a_whole_exchange_is_limited
            a_request_has_its_own_limit
        );
        $crate::contract!($driver, address:
            written_addresses_are_refused
            names_are_refused_for_their_addresses
            any_address_is_reached_by_default
            a_proxy_may_be_anywhere
        );
        $crate::contract!($driver, tls:
            an_unknown_root_is_refused
            an_added_root_is_trusted
            a_certificate_for_another_name_is_refused
        );
        $crate::contract!($driver, run:
            a_wait_lets_time_pass
            items_come_page_after_page
            seeds_differ
            clones_share_what_they_know_of_limits
        );
    };
    ($driver:ty, $subject:ident: $($clause:ident)*) => {
        mod $subject {
            #[allow(unused_imports, reason = "the driver may be named by a full path")]
            use super::*;
            $(
                #[test]
                fn $clause() {
                    $crate::contract::$subject::$clause::<$driver>();
                }
            )*
        }
    };
}
