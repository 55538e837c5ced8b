//! docs/protocol.md §2.3, §2.6 and §10.4: which pages and documents are asked, and what comes of it.

use std::time::Duration;

use http::HeaderValue;
use tent_discovery::{
    Discover, DiscoverError, DiscoverFailure, Discovered, Document, MAX_DOCUMENT, NotRead,
    ReadError, Reader, Via,
};
use tent_flow::script::{self, Answer, Clock, Script};
use tent_flow::{Delivery, Flow, Input, Moment, Step, TransportError, TransportErrorKind};
use url::Url;

pub(crate) const PAGE: &str = "https://alice.example/";

/// Accepts what begins with `good`.
#[derive(Debug)]
pub(crate) struct Good;

impl Reader for Good {
    type Document = String;

    fn accept(&self, _: &str) -> HeaderValue {
        HeaderValue::from_static("text/good")
    }

    fn read(&self, document: &Document<'_>) -> Result<String, ReadError> {
        let text = str::from_utf8(document.response.body())?;
        if text.starts_with("good") {
            Ok(format!("{text} {} {}", document.relation, document.url))
        } else {
            Err("it is not good".into())
        }
    }
}

pub(crate) fn discover(page: &str) -> Discover<Good> {
    Discover::new(Url::parse(page).unwrap(), ["about"], Good)
}

pub(crate) type Outcome = Result<Discovered<String>, DiscoverError>;

/// Runs a discovery of [`PAGE`] against a script to its end.
pub(crate) fn run(mut script: Script) -> Outcome {
    let outcome = script.run(discover(PAGE));
    script.finish();
    outcome
}

pub(crate) fn ok() -> Answer {
    Answer::status(200)
}

pub(crate) fn good() -> Answer {
    ok().body("good")
}

pub(crate) fn link(value: &str) -> Answer {
    ok().header("link", value)
}

pub(crate) fn html(body: &str) -> Answer {
    ok().header("content-type", "text/html; charset=utf-8")
        .body(body)
}

pub(crate) fn failure(outcome: Outcome) -> DiscoverFailure {
    outcome.unwrap_err().into_parts().0
}

#[test]
fn a_link_of_the_head_request_is_enough() {
    let mut script = Script::new()
        .on("HEAD", PAGE, link("</p#x>; rel=about"))
        .on("GET", "https://alice.example/p", good());
    let found = script
        .run(discover("https://alice.example#fragment"))
        .unwrap();
    assert_eq!(found.document, "good about https://alice.example/p");
    assert_eq!(found.url.as_str(), "https://alice.example/p");
    assert_eq!(found.page.as_str(), PAGE);
    assert_eq!(found.relation, "about");
    assert_eq!(
        (found.via, found.via.to_string()),
        (Via::LinkHeader, "link-header".into())
    );
    let accept: Vec<_> = script
        .seen()
        .iter()
        .map(|seen| seen.header("accept"))
        .collect();
    assert_eq!(
        accept,
        [
            "text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
            "text/good"
        ]
    );
    script.finish();
}

#[test]
fn get_follows_whatever_head_brings_without_a_link() {
    let broken = TransportError::new(TransportErrorKind::Broken, Delivery::Possible);
    for head in [
        ok(),
        link(
            "</p>; rel=other, </p>; rel=about; anchor=x, <ftp://a/>; rel=about, <https://[>; rel=about",
        ),
        Answer::status(405).header("link", "</q>; rel=about"),
        Answer::status(501),
        Answer::status(404),
        Answer::status(304),
        Answer::times_out(),
        broken.into(),
    ] {
        let found = run(Script::new()
            .on("HEAD", PAGE, head)
            .on("GET", PAGE, link("</p>; rel=about"))
            .on("GET", "https://alice.example/p", good()));
        assert_eq!(found.unwrap().via, Via::LinkHeader);
    }
}

#[test]
fn html_is_last_and_lists_are_not_merged() {
    let page = html("<link rel=about href=/h><body>");
    let found = run(Script::new()
        .on("HEAD", PAGE, ok())
        .on("GET", PAGE, page)
        .on("GET", "https://alice.example/h", good()));
    let found = found.unwrap();
    assert_eq!(
        (found.via, found.via.to_string()),
        (Via::HtmlLink, "html-link".into())
    );

    let page = html("<link rel=about href=/h>").header("link", "</p>; rel=about");
    let outcome = run(Script::new()
        .on("HEAD", PAGE, ok())
        .on("GET", PAGE, page)
        .on("GET", "https://alice.example/p", ok()));
    assert!(
        matches!(failure(outcome), DiscoverFailure::NoneReadable { links, .. } if links.len() == 1)
    );
}

#[test]
fn html_of_another_type_or_without_success_has_no_links() {
    let body = "<link rel=about href=/h>";
    for page in [ok(), ok().header("content-type", "text/plain")] {
        let outcome = run(Script::new()
            .on("HEAD", PAGE, ok())
            .on("GET", PAGE, page.body(body)));
        let (failure, trace) = outcome.unwrap_err().into_parts();
        assert!(matches!(failure, DiscoverFailure::NoLink { .. }));
        assert!(
            trace.to_string().ends_with("  not HTML\n  no link\n"),
            "{trace}"
        );
    }
    for page in [
        Answer::status(404)
            .header("content-type", "text/html")
            .body(body),
        Answer::status(500).header("link", "</p>; rel=about"),
    ] {
        let outcome = run(Script::new().on("HEAD", PAGE, ok()).on("GET", PAGE, page));
        assert!(matches!(failure(outcome), DiscoverFailure::NoLink { .. }));
    }
}

#[test]
fn links_are_tried_in_order_until_one_is_good() {
    let large = vec![b'a'; MAX_DOCUMENT as usize + 1];
    let header = "<1>; rel=about, <2>; rel=about, <1>; rel=about, <3>; rel=about, </4>; rel=about, <5>; rel=about, <6>; rel=about";
    let found = run(Script::new()
        .on("HEAD", PAGE, link(header))
        .on(
            "GET",
            "https://alice.example/1",
            Answer::refuses_connection(),
        )
        .on(
            "GET",
            "https://alice.example/2",
            Answer::status(404).body("good"),
        )
        .on("GET", "https://alice.example/3", ok().body("bad"))
        .on("GET", "https://alice.example/4", ok().body(large))
        .on("GET", "https://alice.example/5", ok().body("good one")))
    .unwrap();
    assert_eq!(found.document, "good one about https://alice.example/5");
    assert_eq!(
        found.trace.to_string(),
        "\
HEAD https://alice.example/: 200 OK
  link-header: https://alice.example/1 (about)
  link-header: https://alice.example/2 (about)
  link-header: <1> ignored: another link leads there too
  link-header: https://alice.example/3 (about)
  link-header: https://alice.example/4 (about)
  link-header: https://alice.example/5 (about)
  link-header: <6> ignored: there are 5 already
GET https://alice.example/1: no answer: could not connect: nobody listens
GET https://alice.example/2: 404 Not Found
GET https://alice.example/3: 200 OK
  not readable: it is not good
GET https://alice.example/4: no answer: the answer is too large: the body is larger than the 1048576 bytes that are taken
GET https://alice.example/5: 200 OK
  read
"
    );
}

#[test]
fn the_preferred_relation_is_tried_first() {
    let url = Url::parse(PAGE).unwrap();
    let discover = Discover::new(url, ["new".to_owned(), "old".to_owned()], Good)
        .with_page_accept(HeaderValue::from_static("text/page"));
    let mut script = Script::new()
        .on(
            "HEAD",
            PAGE,
            link("</a>; rel=old, </b>; rel=\"new old\", </c>; rel=new"),
        )
        .on("GET", "https://alice.example/b", ok())
        .on("GET", "https://alice.example/c", ok())
        .on("GET", "https://alice.example/a", good());
    let found = script.run(discover).unwrap();
    assert_eq!(found.document, "good old https://alice.example/a");
    assert_eq!(script.seen()[0].header("accept"), "text/page");
}

#[test]
fn all_of_it_has_a_time_limit() {
    let mut clock = Clock::at_epoch_seconds(0);
    let mut flow = discover(PAGE).with_timeout(Duration::from_secs(12));
    let mut timeouts = Vec::new();
    let mut input = Input::Ready;
    let outcome = loop {
        match flow.step(clock.now(), input) {
            Step::Done(outcome) => break outcome,
            Step::Do(tent_flow::Effect::Send(request, _)) => {
                timeouts.push(request.timeout.unwrap().as_secs());
                clock.advance(Duration::from_secs(5));
                input = if timeouts.len() == 1 {
                    let timeout = TransportErrorKind::Timeout;
                    Input::Failed(TransportError::new(timeout, Delivery::Possible))
                } else {
                    let links = "<1>; rel=about, <2>; rel=about";
                    let response = http::Response::builder().header("link", links);
                    Input::Response(response.body(bytes::Bytes::new()).unwrap())
                };
            }
            Step::Do(_) => panic!("an effect that was not looked for"),
        }
    };
    assert_eq!(timeouts, [4, 4, 2]);
    let links = match failure(outcome) {
        DiscoverFailure::NoneReadable { links, .. } => links,
        other => panic!("{other}"),
    };
    assert!(
        matches!(&links[1].why, NotRead::Transport(error) if error.delivery() == Delivery::NotSent)
    );
}

#[test]
fn a_step_out_of_turn_does_not_panic() {
    let now = Moment::at_epoch_seconds(0);
    let mut flow = discover(PAGE);
    let asks = |step| match step {
        Step::Do(tent_flow::Effect::Send(request, _)) => request.method.to_string(),
        _ => panic!("a step that was not looked for"),
    };
    assert_eq!(
        asks(flow.step(now, Input::Response(http::Response::default()))),
        "HEAD"
    );
    assert_eq!(asks(flow.step(now, Input::Ready)), "HEAD");
    assert_eq!(
        asks(flow.step(now, Input::Response(http::Response::default()))),
        "GET"
    );
    assert_eq!(asks(flow.step(now, Input::Ready)), "GET");
    let Step::Done(outcome) = flow.step(now, Input::Response(http::Response::default())) else {
        panic!("a step that was not looked for");
    };
    assert!(matches!(failure(outcome), DiscoverFailure::NoLink { .. }));
    assert_eq!(asks(flow.step(now, Input::Ready)), "HEAD");
}

#[test]
fn any_peer_is_survived() {
    use proptest::prelude::*;

    let status = prop::sample::select(&[200_u16, 204, 301, 302, 303, 304, 307, 308, 404, 500][..]);
    let reference = prop::sample::select(
        &[
            "/",
            "a",
            "b",
            "//b.example",
            "http://c.example/",
            "?",
            "#",
            "https://[",
            "é",
            "ftp:a",
        ][..],
    );
    let page = (
        status,
        reference.clone(),
        reference,
        "[<>a/;rl=\" ]{0,20}",
        any::<bool>(),
    );
    let pages = prop::collection::vec(page, 1..8);
    proptest!(|(pages in pages)| {
        let mut asked = 0;
        let mut clock = Clock::at_epoch_seconds(0);
        let outcome = script::run(discover(PAGE), &mut clock, |_| {
            let (status, location, target, garbage, fails) = &pages[asked % pages.len()];
            asked += 1;
            if *fails && asked % 3 == 0 {
                return Answer::times_out();
            }
            Answer::status(*status)
                .header("location", location)
                .header("link", garbage)
                .header("link", &format!("<{target}>; rel=about"))
                .header("content-type", "text/html")
                .body(format!("<link rel=about href='{target}'>{garbage}"))
        });
        // Two walks to the page and five to documents, each with five redirects.
        prop_assert!(asked <= 7 * 6);
        prop_assert!(outcome.is_err());
    });
}
