//! Seeing what happens.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, HeaderName, header};
use tracing::field::Empty;
use tracing::{Level, Span, debug, debug_span, enabled, trace};
use url::Url;

use crate::{Effect, Flow, Input, Moment, Request, Sink, Step};

/// A flow that is seen at work through [`tracing`], at the level `DEBUG` and with the target
/// `tent_flow`. Drivers run every flow this way; it costs nothing while nobody looks.
///
/// | span | fields |
/// | --- | --- |
/// | `run` | |
/// | `attempt`, in `run`, one for each request | `method`, `url`, `status`, `bytes` of the answer |
///
/// | event | fields |
/// | --- | --- |
/// | `sends` | `method`, `url`, `bytes` of the body |
/// | `answers` | `status`, `bytes` |
/// | `fails` | `error`, `delivery` |
/// | `waits` | `seconds` |
/// | `header sent`, `header received`, at `TRACE` | `name`, `value` |
///
/// Why it waits, the flow itself tells, in events within `run`. Of headers, those are told whose names
/// are known to be harmless; signatures, cookies and the like never are.
#[derive(Debug)]
pub struct Traced<F> {
    flow: F,
    seen: Option<Box<Seen>>,
}

#[derive(Debug)]
struct Seen {
    run: Span,
    attempt: Span,
    received: Arc<AtomicU64>,
}

const TARGET: &str = "tent_flow";

impl<F> Traced<F> {
    /// The flow, seen if anybody looks.
    pub fn new(flow: F) -> Self {
        let is_seen = enabled!(target: TARGET, Level::DEBUG);
        Self {
            flow,
            seen: is_seen.then(Box::default),
        }
    }
}

impl<F: Flow> Flow for Traced<F> {
    type Output = F::Output;

    fn step(&mut self, now: Moment, input: Input) -> Step<F::Output> {
        let Some(seen) = &mut self.seen else {
            return self.flow.step(now, input);
        };
        seen.input(&input);
        let step = seen.run.in_scope(|| self.flow.step(now, input));
        match step {
            Step::Do(effect) => Step::Do(seen.effect(effect)),
            done @ Step::Done(_) => done,
        }
    }
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            run: debug_span!(target: TARGET, "run"),
            attempt: Span::none(),
            received: Arc::default(),
        }
    }
}

impl Seen {
    fn input(&mut self, input: &Input) {
        let attempt = std::mem::replace(&mut self.attempt, Span::none());
        let bytes = self.received.swap(0, Ordering::Relaxed);
        attempt.in_scope(|| match input {
            Input::Ready => {}
            Input::Response(answer) => {
                let status = answer.status();
                attempt.record("status", status.as_u16());
                attempt.record("bytes", bytes);
                debug!(target: TARGET, %status, bytes, "answers");
                headers("header received", answer.headers());
            }
            Input::Failed(error) => {
                let delivery = error.delivery();
                debug!(target: TARGET, %error, ?delivery, "fails");
            }
        });
    }

    fn effect(&mut self, effect: Effect) -> Effect {
        match effect {
            Effect::Send(request, sink) => {
                self.send(&request);
                let received = Arc::clone(&self.received);
                Effect::Send(request, Box::new(Counted { sink, received }))
            }
            Effect::Wait(time) => {
                let seconds = time.as_secs_f64();
                self.run
                    .in_scope(|| debug!(target: TARGET, seconds, "waits"));
                effect
            }
        }
    }

    fn send(&mut self, request: &Request) {
        let (method, url) = (&request.method, without_password(&request.url));
        self.attempt = debug_span!(
            target: TARGET, parent: &self.run, "attempt",
            %method, %url, status = Empty, bytes = Empty,
        );
        self.attempt.in_scope(|| {
            debug!(target: TARGET, %method, %url, bytes = request.body.len(), "sends");
            headers("header sent", &request.headers);
        });
    }
}

fn without_password(url: &Url) -> Url {
    let mut url = url.clone();
    // Only a URL without a host has none to set.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

fn headers(what: &'static str, headers: &HeaderMap) {
    if enabled!(target: TARGET, Level::TRACE) {
        for (name, value) in headers {
            if is_harmless(name) && !value.is_sensitive() {
                let value = String::from_utf8_lossy(value.as_bytes());
                trace!(target: TARGET, %name, %value, "{what}");
            }
        }
    }
}

/// The headers that are told. What is not among them may be a secret.
fn is_harmless(name: &HeaderName) -> bool {
    const NAMES: [HeaderName; 20] = [
        header::ACCEPT,
        header::ACCEPT_RANGES,
        header::ALLOW,
        header::CACHE_CONTROL,
        header::CONTENT_LENGTH,
        header::CONTENT_RANGE,
        header::CONTENT_TYPE,
        header::DATE,
        header::ETAG,
        header::HOST,
        header::IF_MODIFIED_SINCE,
        header::IF_NONE_MATCH,
        header::LAST_MODIFIED,
        header::LINK,
        header::RANGE,
        header::RETRY_AFTER,
        header::SERVER,
        header::USER_AGENT,
        header::VARY,
        header::WWW_AUTHENTICATE,
    ];
    let text = name.as_str();
    NAMES.contains(name)
        || text == "count"
        || text.starts_with("ratelimit")
        || text.starts_with("x-ratelimit")
}

/// A sink that counts what it is given.
struct Counted {
    sink: Box<dyn Sink>,
    received: Arc<AtomicU64>,
}

impl Sink for Counted {
    fn begin(&mut self, head: &Parts) {
        self.sink.begin(head);
    }

    fn chunk(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        self.received
            .fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.sink.chunk(bytes)
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        self.sink.finish()
    }

    fn blocks(&self) -> bool {
        self.sink.blocks()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tracing::subscriber::with_default;
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;
    use crate::script::{Answer, Script};
    use crate::sink::Memory;

    const SECRET: &str = "5ecret";

    /// Sends a request full of secrets.
    struct Ask;

    impl Flow for Ask {
        type Output = bool;

        fn step(&mut self, _now: Moment, input: Input) -> Step<bool> {
            match input {
                Input::Ready => {
                    let url = "https://u:5ecret@a.example/posts".parse().unwrap();
                    let mut request = Request::get(url).with_body("5ecret");
                    for (name, value) in [
                        ("authorization", "5ecret"),
                        ("cookie", "5ecret"),
                        ("x-token", "5ecret"),
                        ("accept", "text/html"),
                    ] {
                        let name: HeaderName = name.parse().unwrap();
                        request.headers.insert(name, value.parse().unwrap());
                    }
                    Step::send(request, Memory::with_limit(100))
                }
                input => Step::Done(matches!(input, Input::Response(_))),
            }
        }
    }

    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Told {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    fn told(level: Level, answer: Answer) -> String {
        let told = Told::default();
        let lines = tracing_subscriber::fmt().with_max_level(level);
        let lines = lines.with_ansi(false).with_writer(told.clone());
        with_default(lines.finish(), || {
            let mut script = Script::new().on("GET", "https://u:5ecret@a.example/posts", answer);
            script.run(Traced::new(Ask));
        });
        let told = told.0.lock().unwrap();
        String::from_utf8(told.clone()).unwrap()
    }

    #[test]
    fn attempts_are_seen_and_secrets_are_not() {
        let answer = || {
            Answer::json("[]")
                .header("set-cookie", SECRET)
                .header("retry-after", "7")
        };
        let told_all = told(Level::TRACE, answer());
        for expected in [
            "run:attempt{method=GET url=https://a.example/posts}: tent_flow: sends",
            "accept value=text/html",
            "answers status=200 OK bytes=2",
            "retry-after value=7",
        ] {
            assert!(told_all.contains(expected), "{expected}: {told_all}");
        }
        assert!(!told_all.contains(SECRET), "{told_all}");
        let told_some = told(Level::DEBUG, answer());
        assert!(told_some.contains("answers") && !told_some.contains("accept"));
        assert_eq!(told(Level::INFO, answer()), "");
        let failed = told(Level::DEBUG, Answer::times_out());
        assert!(
            failed.contains("fails") && failed.contains("Possible"),
            "{failed}"
        );
    }
}
