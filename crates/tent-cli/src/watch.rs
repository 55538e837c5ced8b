//! Requests on their way: what `--timeout` allows them, and what `--dry-run` prints, with the secrets
//! masked.

use std::time::Duration;

use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, SET_COOKIE};
use http::{HeaderName, HeaderValue};
use serde_json::json;
use tent_flow::{Effect, Flow, Input, Moment, Request, Series, Step};
use tent_proto::mac::Header;

use crate::plain::{plain, plain_lines};

/// What is done with every request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch {
    /// How long an exchange may take at most, although its flow gives it more.
    pub(crate) timeout: Option<Duration>,
}

impl Watch {
    /// Watches a flow, or a series of them.
    pub(crate) const fn over<F>(self, flow: F) -> Watched<F> {
        Watched { flow, watch: self }
    }

    fn shorten(&self, request: &mut Request) {
        let times = request.timeout.into_iter().chain(self.timeout);
        request.timeout = times.min();
    }
}

/// A flow, or a series of them, under [`Watch`].
#[derive(Debug)]
pub(crate) struct Watched<F> {
    flow: F,
    watch: Watch,
}

impl<F: Flow> Flow for Watched<F> {
    type Output = F::Output;

    fn step(&mut self, now: Moment, input: Input) -> Step<F::Output> {
        let mut step = self.flow.step(now, input);
        if let Step::Do(Effect::Send(request, _)) = &mut step {
            self.watch.shorten(request);
        }
        step
    }
}

impl<S: Series> Series for Watched<S> {
    type Item = S::Item;
    type Error = S::Error;
    type Flow = Watched<S::Flow>;

    fn next(&mut self) -> Option<Self::Flow> {
        self.flow.next().map(|flow| self.watch.over(flow))
    }

    fn take(&mut self, page: <S::Flow as Flow>::Output) -> Result<Vec<S::Item>, S::Error> {
        self.flow.take(page)
    }
}

/// A request for people: the request line, the headers, the body.
pub(crate) fn request_text(request: &Request) -> String {
    let mut lines = vec![format!("{} {}", request.method, request.url)];
    for (name, value) in &request.headers {
        lines.push(format!("{name}: {}", masked(name, value)));
    }
    if !request.body.is_empty() {
        lines.push(String::new());
        lines.push(body_text(request));
    }
    plain_lines(&lines.join("\n"))
}

/// A request for scripts.
pub(crate) fn request_json(request: &Request) -> serde_json::Value {
    let headers: serde_json::Map<_, _> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), masked(name, value).into()))
        .collect();
    let body = (!request.body.is_empty()).then(|| body_text(request));
    json!({
        "method": request.method.as_str(),
        "url": request.url.as_str(),
        "headers": headers,
        "body": body,
    })
}

fn body_text(request: &Request) -> String {
    match request.body.as_bytes() {
        Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        None => format!("({} bytes)", request.body.len()),
    }
}

const MASK: &str = "[masked]";

/// The value of a header, as it may be shown. Of a signature, time and nonce are, which tell what is
/// wrong with a clock.
fn masked(name: &HeaderName, value: &HeaderValue) -> String {
    let hidden = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, SET_COOKIE].contains(name);
    let text = String::from_utf8_lossy(value.as_bytes());
    if !hidden && !value.is_sensitive() {
        return plain(&text).into_owned();
    }
    match Header::parse(&text) {
        Ok(header) if *name == AUTHORIZATION => format!(
            "MAC id=\"{MASK}\", ts=\"{}\", nonce=\"{}\", mac=\"{MASK}\"",
            header.timestamp(),
            plain(header.nonce()),
        ),
        _ => MASK.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    fn shown(name: HeaderName, value: &str) -> String {
        masked(&name, &HeaderValue::from_str(value).unwrap())
    }

    #[test]
    fn secrets_are_masked_whatever_they_look_like() {
        let mac = r#"MAC id="u:5ecret", ts="1356998400", nonce="k3Jd9s", mac="5ecret=""#;
        assert_eq!(
            shown(AUTHORIZATION, mac),
            r#"MAC id="[masked]", ts="1356998400", nonce="k3Jd9s", mac="[masked]""#
        );
        for (name, value) in [
            (AUTHORIZATION, "Bearer 5ecret"),
            (COOKIE, "session=5ecret"),
            (SET_COOKIE, mac),
            (PROXY_AUTHORIZATION, "Basic 5ecret"),
        ] {
            assert_eq!(shown(name, value), MASK);
        }
        let mut sensitive = HeaderValue::from_static("5ecret");
        sensitive.set_sensitive(true);
        assert_eq!(masked(&http::header::HOST, &sensitive), MASK);
        assert_eq!(shown(http::header::ACCEPT, "text/html"), "text/html");
    }

    /// Sends one request with a timeout of its own.
    struct Ask(Option<Duration>);

    impl Flow for Ask {
        type Output = ();

        fn step(&mut self, _now: Moment, _input: Input) -> Step<()> {
            let mut request = Request::get("https://a.example/".parse().unwrap());
            request.timeout = self.0;
            Step::send(request, tent_flow::sink::Memory::with_limit(1))
        }
    }

    #[test]
    fn a_timeout_shortens_and_never_lengthens() {
        let seconds = |seconds: u64| Some(Duration::from_secs(seconds));
        for (own, said, allowed) in [
            (seconds(10), seconds(1), seconds(1)),
            (seconds(10), seconds(60), seconds(10)),
            (None, seconds(1), seconds(1)),
            (seconds(10), None, seconds(10)),
            (None, None, None),
        ] {
            let watch = Watch { timeout: said };
            let step = watch
                .over(Ask(own))
                .step(Moment::at_epoch_seconds(0), Input::Ready);
            let Step::Do(Effect::Send(request, _)) = step else {
                panic!("it sends");
            };
            assert_eq!(request.timeout, allowed);
        }
    }

    #[test]
    fn a_request_is_shown_with_its_body() {
        let url = "https://a.example/posts".parse().unwrap();
        let request = Request::new(Method::POST, url)
            .with_header(AUTHORIZATION, HeaderValue::from_static("5ecret"))
            .with_body("{\"a\":1}");
        assert_eq!(
            request_text(&request),
            "POST https://a.example/posts\nauthorization: [masked]\n\n{\"a\":1}"
        );
        assert_eq!(
            request_json(&request).to_string(),
            r#"{"body":"{\"a\":1}","headers":{"authorization":"[masked]"},"method":"POST","url":"https://a.example/posts"}"#
        );
    }
}
