//! Between the contract and `ureq`.

use std::io::{self, Read};
use std::time::Duration;

use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderValue, Method};
use tent_flow::{
    AddressRule, Body, BodyReader, Delivery, Request, SchemeRule, TransportError,
    TransportErrorKind,
};
use ureq::{Agent, AsSendBody, SendBody, Timeout};
use url::{Host, Url};

use crate::resolver::Unsent;

/// Refuses what is no HTTP URL, and addresses written in it that the rule forbids. The resolver
/// looks after names.
pub(crate) fn check(url: &Url, rule: AddressRule) -> Result<(), TransportError> {
    SchemeRule::HttpAnywhere
        .check(url)
        .map_err(TransportError::unsupported)?;
    let address = match url.host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    rule.check(address).map_err(TransportError::address_refused)
}

/// Sends the request and waits for the head of the answer.
pub(crate) fn start(
    agent: &Agent,
    mut request: Request,
) -> Result<http::Response<ureq::Body>, TransportError> {
    request.headers.remove(HOST);
    request.headers.remove(CONTENT_LENGTH);
    let timeout = request.timeout;
    let request = http::Request::<Body>::try_from(request).map_err(TransportError::unsupported)?;
    let (mut parts, body) = request.into_parts();
    match body.len() {
        0 if matches!(parts.method, Method::POST | Method::PUT | Method::PATCH) => {
            run(agent, http::Request::from_parts(parts, &[][..]), timeout).map_err(error)
        }
        0 => run(agent, http::Request::from_parts(parts, ()), timeout).map_err(error),
        length => {
            if let Some(bytes) = body.as_bytes() {
                let request = http::Request::from_parts(parts, &bytes[..]);
                return run(agent, request, timeout).map_err(error);
            }
            parts
                .headers
                .insert(CONTENT_LENGTH, HeaderValue::from(length));
            let mut reading = Reading::of(&body);
            let request = http::Request::from_parts(parts, SendBody::from_reader(&mut reading));
            let answer = run(agent, request, timeout);
            answer.map_err(|because| reading.failure().unwrap_or_else(|| error(because)))
        }
    }
}

fn run(
    agent: &Agent,
    request: http::Request<impl AsSendBody>,
    timeout: Option<Duration>,
) -> Result<http::Response<ureq::Body>, ureq::Error> {
    let config = agent.config();
    let as_we_need = config.max_redirects() == 0 && !config.http_status_as_error();
    if as_we_need && timeout.is_none() {
        return agent.run(request); // which costs two allocations less
    }
    let request = agent
        .configure_request(request)
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_global(timeout.or(config.timeouts().global))
        .build();
    agent.run(request)
}

/// Reads a body for `ureq`, and keeps the error if that fails, to tell it from those of the network.
struct Reading {
    reader: BodyReader,
    failed: Option<io::Error>,
}

impl Reading {
    fn of(body: &Body) -> Self {
        Self {
            reader: body.reader(),
            failed: None,
        }
    }

    fn failure(self) -> Option<TransportError> {
        self.failed.map(|error| {
            TransportError::new(TransportErrorKind::Source, Delivery::Possible).because(error)
        })
    }
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer).map_err(|error| {
            let kind = error.kind();
            self.failed = Some(error);
            kind.into()
        })
    }
}

/// What broke while the body of the answer was read.
pub(crate) fn broken(because: io::Error) -> TransportError {
    let because = ureq::Error::from(because);
    let kind = match because {
        ureq::Error::Timeout(_) => TransportErrorKind::Timeout,
        _ => TransportErrorKind::Broken,
    };
    caused(TransportError::new(kind, Delivery::Possible), because)
}

/// What broke before the head of the answer had come.
fn error(because: ureq::Error) -> TransportError {
    use ureq::Error;

    let (kind, delivery) = match because {
        Error::Other(cause) => {
            return match cause.downcast::<Unsent>() {
                Ok(unsent) => (*unsent).into(),
                Err(cause) => TransportError::new(TransportErrorKind::Broken, Delivery::Possible)
                    .because(cause),
            };
        }
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            (TransportErrorKind::Timeout, Delivery::NotSent)
        }
        Error::Timeout(_) => (TransportErrorKind::Timeout, Delivery::Possible),
        Error::HostNotFound
        | Error::ConnectionFailed
        | Error::ConnectProxyFailed(_)
        | Error::TlsRequired => (TransportErrorKind::Connect, Delivery::NotSent),
        Error::Io(ref error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            (TransportErrorKind::Connect, Delivery::NotSent)
        }
        Error::BadUri(_) | Error::Http(_) => (TransportErrorKind::Unsupported, Delivery::NotSent),
        _ => (TransportErrorKind::Broken, Delivery::Possible),
    };
    caused(TransportError::new(kind, delivery), because)
}

/// With its cause, as far as that says more.
fn caused(error: TransportError, because: ureq::Error) -> TransportError {
    match because {
        ureq::Error::Io(cause) => error.because(cause),
        ureq::Error::Timeout(Timeout::Global) => error,
        cause => error.because(cause),
    }
}
