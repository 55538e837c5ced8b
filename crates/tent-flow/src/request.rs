//! One request, ready to be sent.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use url::Url;

use crate::Body;

/// One request. Its [`Url`] alone names the target: the request line, the `Host` header and a
/// signature all come from it, so they cannot differ.
///
/// For a stack of one's own, [`http::Request<Body>`] is one `try_into` away.
#[derive(Debug)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The target.
    pub url: Url,
    /// The header fields, without `Host` and `Content-Length`, which follow from the rest.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// How long the whole exchange may take, when that differs from the driver's own setting.
    pub timeout: Option<Duration>,
}

impl Request {
    /// A request without header fields and body.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Body::empty(),
            timeout: None,
        }
    }

    /// A `GET` request.
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// A `HEAD` request.
    pub fn head(url: Url) -> Self {
        Self::new(Method::HEAD, url)
    }

    /// Sets a header field, replacing what it was.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Limits the time the whole exchange may take.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

/// Carries the method, target, header fields and body over; the timeout has no place there.
///
/// # Errors
///
/// Fails for a URL that [`http::Uri`] cannot hold, such as one longer than 65,534 bytes.
impl TryFrom<Request> for http::Request<Body> {
    type Error = http::Error;

    fn try_from(request: Request) -> Result<Self, http::Error> {
        let uri = Uri::try_from(request.url.as_str())?;
        let mut converted = Self::new(request.body);
        *converted.method_mut() = request.method;
        *converted.uri_mut() = uri;
        *converted.headers_mut() = request.headers;
        Ok(converted)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_http_url_converts_to_the_same_target(
            path in "[ -~]{0,40}",
            query in proptest::option::of("[ -~é]{0,40}"),
        ) {
            let mut url = Url::parse("http://Alice.example:8080/").unwrap();
            url.set_path(&path);
            url.set_query(query.as_deref());
            let target = url[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
            let request = http::Request::try_from(Request::get(url)).unwrap();
            prop_assert_eq!(request.uri().path_and_query().unwrap().as_str(), target);
            prop_assert_eq!(request.uri().authority().unwrap().as_str(), "alice.example:8080");
        }
    }
}
