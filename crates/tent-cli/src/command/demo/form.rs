//! A person before the approval page, as a flow: it opens the page, fills the forms that come, and ends
//! where the browser is sent back to the app.

use std::collections::BTreeMap;

use bytes::Bytes;
use html5gum::{Token, Tokenizer};
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Response};
use tent_flow::sink::Memory;
use tent_flow::{Flow, Input, Moment, Request, Step, TransportError};
use url::{Url, form_urlencoded};

use crate::exit::Exit;
use crate::failure::Failure;

/// How many pages may come.
const MAX_PAGES: usize = 8;

/// Approves with the passphrase. Its output is where the browser would go.
pub(super) struct Approve {
    url: Url,
    passphrase: String,
    cookies: BTreeMap<String, String>,
    pages: usize,
}

/// Why the approval did not come about.
#[derive(Debug, thiserror::Error)]
pub(super) enum FormError {
    #[error("the approval page did not come")]
    NoAnswer(#[source] TransportError),
    #[error("the approval page has no form that can be filled (status {0})")]
    NoForm(http::StatusCode),
    #[error("the approval page leads nowhere")]
    Nowhere,
}

impl From<FormError> for Failure {
    fn from(error: FormError) -> Self {
        Self::new(Exit::Refused, "the app could not be approved").because(&error)
    }
}

impl Approve {
    pub(super) fn new(url: Url, passphrase: &str) -> Self {
        Self {
            url,
            passphrase: passphrase.to_owned(),
            cookies: BTreeMap::new(),
            pages: 0,
        }
    }

    fn open(&mut self, mut request: Request) -> Step<Result<String, FormError>> {
        self.pages += 1;
        if self.pages > MAX_PAGES {
            return Step::Done(Err(FormError::Nowhere));
        }
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if let Ok(value) = HeaderValue::try_from(cookies.join("; "))
            && !cookies.is_empty()
        {
            request.headers.insert(COOKIE, value);
        }
        Step::send(request, Memory::with_limit(256 * 1024))
    }

    fn answered(&mut self, answer: &Response<Bytes>) -> Step<Result<String, FormError>> {
        self.keep_cookies(answer.headers());
        if answer.status().is_redirection() {
            return self.redirected(answer.headers());
        }
        let form = Form::read(answer.body());
        let Some(fields) = form.filled(&self.passphrase) else {
            return Step::Done(Err(FormError::NoForm(answer.status())));
        };
        let url = match form.action.as_deref().map(|action| self.url.join(action)) {
            Some(Ok(url)) if url.origin() == self.url.origin() => url,
            _ => return Step::Done(Err(FormError::Nowhere)),
        };
        self.url = url.clone();
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        let request = Request::new(Method::POST, url).with_header(CONTENT_TYPE, form_type);
        self.open(request.with_body(body))
    }

    /// To another page of the server, or back to the app.
    fn redirected(&mut self, headers: &HeaderMap) -> Step<Result<String, FormError>> {
        let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let Some(Ok(url)) = location.map(|location| self.url.join(location)) else {
            return Step::Done(Err(FormError::Nowhere));
        };
        if url.origin() != self.url.origin() {
            return Step::Done(Ok(url.into()));
        }
        self.url = url.clone();
        self.open(Request::get(url))
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        let values = headers.get_all(SET_COOKIE).iter();
        for value in values.filter_map(|value| value.to_str().ok()) {
            let pair = value.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies
                    .insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}

impl Flow for Approve {
    type Output = Result<String, FormError>;

    fn step(&mut self, _now: Moment, input: Input) -> Step<Self::Output> {
        match input {
            Input::Ready => self.open(Request::get(self.url.clone())),
            Input::Response(answer) => self.answered(&answer),
            Input::Failed(error) => Step::Done(Err(FormError::NoAnswer(error))),
        }
    }
}

/// The form of a page.
#[derive(Debug, Default, PartialEq, Eq)]
struct Form {
    action: Option<String>,
    /// What is sent as it is: hidden fields, and boxes that are ticked.
    fields: Vec<(String, String)>,
    asks_passphrase: bool,
    asks_decision: bool,
}

impl Form {
    fn read(page: &[u8]) -> Self {
        let mut form = Self::default();
        for token in Tokenizer::new(page).flatten() {
            let Token::StartTag(tag) = token else {
                continue;
            };
            let get = |name: &[u8]| {
                let value = tag.attributes.get(name)?;
                Some(String::from_utf8_lossy(value).into_owned())
            };
            let name = get(b"name").unwrap_or_default();
            match tag.name.as_slice() {
                b"form" => form.action = get(b"action"),
                b"button" if name == "decision" => form.asks_decision = true,
                b"input" if name == "passphrase" => form.asks_passphrase = true,
                b"input" if !name.is_empty() => {
                    let is_box = get(b"type").as_deref() == Some("checkbox");
                    if !is_box || get(b"checked").is_some() {
                        form.fields.push((name, get(b"value").unwrap_or_default()));
                    }
                }
                _ => {}
            }
        }
        form
    }

    /// What is sent to sign in, or to approve; `None` when it asks for neither.
    fn filled(&self, passphrase: &str) -> Option<Vec<(String, String)>> {
        let mut fields = self.fields.clone();
        if self.asks_passphrase {
            fields.push(("passphrase".to_owned(), passphrase.to_owned()));
        } else if self.asks_decision {
            fields.push(("decision".to_owned(), "approve".to_owned()));
        } else {
            return None;
        }
        Some(fields)
    }
}

#[cfg(test)]
mod tests {
    use tent_flow::script::{Answer, Script};

    use super::*;

    const PAGE: &str = "http://a.example/oauth/authorize?x=1&y=2";

    fn page(fields: &str) -> Answer {
        Answer::status(200).body(format!(
            "<form method=post action=\"/oauth/authorize?x=1&amp;y=2\"><input type=hidden name=csrf value=\"a&amp;b\">{fields}</form>"
        ))
    }

    #[test]
    fn the_forms_are_filled_until_the_app_is_reached() {
        let boxes = "<input type=checkbox name=allow_x value=yes checked>\
                     <input type=checkbox name=allow_y value=yes><button name=decision value=approve>";
        let mut server = Script::new()
            .on(
                "GET",
                PAGE,
                page("<input name=passphrase>").header("set-cookie", "s=1; Path=/"),
            )
            .on(
                "POST",
                PAGE,
                Answer::status(303)
                    .header("location", "/on")
                    .header("set-cookie", "s=2; HttpOnly"),
            )
            .on(
                "GET",
                "http://a.example/on",
                Answer::status(303).header("location", PAGE),
            )
            .on("GET", PAGE, page(boxes))
            .on(
                "POST",
                PAGE,
                Answer::status(303).header("location", "http://127.0.0.1:5/cb?code=c&state=s"),
            );
        let back = server
            .run(Approve::new(PAGE.parse().unwrap(), "p w"))
            .unwrap();
        assert_eq!(back, "http://127.0.0.1:5/cb?code=c&state=s");
        let seen = server.seen();
        assert_eq!(seen[1].body, "csrf=a%26b&passphrase=p+w");
        assert_eq!(seen[4].body, "csrf=a%26b&allow_x=yes&decision=approve");
        let cookies: Vec<_> = seen.iter().map(|seen| seen.header("cookie")).collect();
        assert_eq!(cookies, ["", "s=1", "s=2", "s=2", "s=2"]);
        server.finish();
    }

    #[test]
    fn a_page_without_a_form_and_a_circle_end() {
        let mut server = Script::new().on("GET", PAGE, Answer::status(500).body("no"));
        let end = server.run(Approve::new(PAGE.parse().unwrap(), "p"));
        assert!(matches!(end, Err(FormError::NoForm(status)) if status == 500));
        let circle = || Answer::status(303).header("location", "?x=1&y=2");
        let mut server =
            (0..MAX_PAGES).fold(Script::new(), |script, _| script.on("GET", PAGE, circle()));
        let end = server.run(Approve::new(PAGE.parse().unwrap(), "p"));
        assert!(matches!(end, Err(FormError::Nowhere)));
    }
}
