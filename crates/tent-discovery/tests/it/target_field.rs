//! Header fields that name targets, and relations whose targets are not the documents themselves.

use http::{HeaderName, HeaderValue};
use tent_discovery::trace::Finding;
use tent_discovery::{Discover, Document, LinkIgnored, ReadError, Reader, Via};
use tent_flow::script::{Answer, Script};

use super::discover::{Good, Outcome, PAGE, good, ok};

const FIELD: HeaderName = HeaderName::from_static("root-at");

fn run(mut script: Script) -> Outcome {
    let flow = Discover::new(PAGE.parse().unwrap(), ["about", "root"], Good);
    let outcome = script.run(flow.with_target_field(FIELD, "root"));
    script.finish();
    outcome
}

fn page(answer: Answer) -> Script {
    Script::new().on("HEAD", PAGE, answer)
}

#[test]
fn the_targets_of_a_field_are_tried_in_order() {
    let several = ok()
        .header("root-at", " https://a.example/r ,, ../r")
        .header("root-at", "https://b.example/#top");
    let script = page(several)
        .on("GET", "https://a.example/r", Answer::status(404))
        .on("GET", "https://alice.example/r", Answer::status(410))
        .on("GET", "https://b.example/", good());
    let found = run(script).unwrap();
    assert_eq!(found.document, "good root https://b.example/");
    assert_eq!(found.via, Via::TargetField);
    assert_eq!(found.via.to_string(), "target-field");
}

#[test]
fn relations_come_in_their_order_and_links_before_fields() {
    let both = ok()
        .header("root-at", "/field")
        .header("link", r#"</root>; rel="root", </about>; rel="about""#);
    let script = page(both)
        .on("GET", "https://alice.example/about", Answer::status(404))
        .on("GET", "https://alice.example/root", Answer::status(404))
        .on("GET", "https://alice.example/field", good());
    assert_eq!(run(script).unwrap().relation, "root");
}

#[test]
fn targets_of_a_field_are_checked_like_those_of_links() {
    let field = ok().header("root-at", "http://[, http://a.example/, /r, /r");
    let script = page(field).on("GET", "https://alice.example/r", good());
    let found = run(script).unwrap();
    let ignored = found.trace.steps()[0]
        .findings
        .iter()
        .filter_map(|finding| match finding {
            Finding::LinkIgnored { via, why, .. } => Some((*via, why)),
            _ => None,
        });
    let ignored: Vec<_> = ignored.collect();
    assert!(
        matches!(
            ignored[..],
            [
                (Via::TargetField, LinkIgnored::Invalid(_)),
                (Via::TargetField, LinkIgnored::Refused(_)),
                (Via::TargetField, LinkIgnored::Duplicate),
            ]
        ),
        "{ignored:?}"
    );
}

#[test]
fn a_field_of_a_relation_that_is_not_looked_for_does_not_count() {
    let flow = Discover::new(PAGE.parse().unwrap(), ["about"], Good);
    let mut script = page(ok().header("root-at", "/r")).on("GET", PAGE, Answer::status(404));
    let outcome = script.run(flow.with_target_field(FIELD, "root"));
    assert!(outcome.is_err());
    script.finish();
}

/// Finds the document below the target of `root`, and asks for it in another way.
struct Below;

impl Reader for Below {
    type Document = ();

    fn accept(&self, relation: &str) -> HeaderValue {
        HeaderValue::from_static(if relation == "root" {
            "text/root"
        } else {
            "text/about"
        })
    }

    fn locate(&self, relation: &str, mut target: url::Url) -> url::Url {
        if relation == "root" {
            target.set_path("/below");
        }
        target
    }

    fn read(&self, document: &Document<'_>) -> Result<(), ReadError> {
        let is_there = document.response.body().starts_with(b"good");
        is_there
            .then_some(())
            .ok_or_else(|| "it is not good".into())
    }
}

#[test]
fn a_reader_says_where_documents_are_and_how_they_are_asked_for() {
    let flow = Discover::new(PAGE.parse().unwrap(), ["about", "root"], Below);
    let flow = flow.with_target_field(FIELD, "root");
    let links = ok()
        .header("link", "</about>; rel=about")
        .header("root-at", "https://a.example/r");
    let mut script = page(links)
        .on("GET", "https://alice.example/about", Answer::status(404))
        .on("GET", "https://a.example/below", good());
    script.run(flow).unwrap();
    let accepted: Vec<_> = script.seen()[1..]
        .iter()
        .map(|seen| seen.header("accept"))
        .collect();
    assert_eq!(accepted, ["text/about", "text/root"]);
}
