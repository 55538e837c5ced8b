//! What a person is told when a discovery fails.

use std::error::Error;

use tent_discovery::{DiscoverFailure, MAX_DOCUMENT, NotRead};
use tent_flow::script::{Answer, Script};
use tent_flow::{SchemeRule, TransportErrorKind};

use crate::discover::{PAGE, discover, failure, good, html, link, ok, run};

#[test]
fn no_link_names_both_attempts() {
    let outcome = run(Script::new().on("HEAD", PAGE, Answer::times_out()).on(
        "GET",
        PAGE,
        Answer::status(404).header("link", "</p>; rel=about"),
    ));
    let error = outcome.unwrap_err();
    assert_eq!(
        error.to_string(),
        "https://alice.example/ has no link to follow (HEAD: no answer: it took too long; GET: 404 Not Found)"
    );
    assert_eq!(
        error.trace().to_string(),
        "HEAD https://alice.example/: no answer: it took too long\n\
         GET https://alice.example/: 404 Not Found\n  no link\n"
    );
}

#[test]
fn a_page_that_nobody_serves_is_asked_once() {
    let outcome = run(Script::new().on("HEAD", PAGE, Answer::refuses_connection()));
    let error = outcome.unwrap_err();
    assert_eq!(error.to_string(), "https://alice.example/ does not answer");
    assert_eq!(error.source().unwrap().to_string(), "could not connect");
    assert!(matches!(
        error.failure(),
        DiscoverFailure::Unreachable { .. }
    ));

    // One that hangs is asked again: it may be the method.
    let outcome = run(Script::new().on("HEAD", PAGE, Answer::times_out()).on(
        "GET",
        PAGE,
        Answer::times_out(),
    ));
    assert!(matches!(
        failure(outcome),
        DiscoverFailure::Unreachable { .. }
    ));
}

#[test]
fn none_readable_says_why_for_each() {
    let outcome = run(Script::new()
        .on(
            "HEAD",
            PAGE,
            link("<1>; rel=about, <2>; rel=about, <3>; rel=about"),
        )
        .on("GET", "https://alice.example/1", Answer::times_out())
        .on("GET", "https://alice.example/2", Answer::status(500))
        .on("GET", "https://alice.example/3", ok()));
    let DiscoverFailure::NoneReadable { url, links } = failure(outcome) else {
        panic!("not the failure that was looked for");
    };
    assert_eq!(url.as_str(), PAGE);
    assert!(matches!(links[0].why, NotRead::Transport(_)));
    assert!(matches!(links[1].why, NotRead::Status(status) if status == 500));
    assert!(
        matches!(&links[2].why, NotRead::Document(error) if error.to_string() == "it is not good")
    );
    assert_eq!(links[2].url.as_str(), "https://alice.example/3");
    assert_eq!(
        links[2].to_string(),
        "https://alice.example/3 cannot be read"
    );

    // Silence everywhere is another matter.
    let outcome = run(Script::new()
        .on("HEAD", PAGE, link("<1>; rel=about, <2>; rel=about"))
        .on(
            "GET",
            "https://alice.example/1",
            Answer::refuses_connection(),
        )
        .on("GET", "https://alice.example/2", Answer::times_out()));
    let DiscoverFailure::Unreachable { url, source } = failure(outcome) else {
        panic!("not the failure that was looked for");
    };
    assert_eq!(url.as_str(), "https://alice.example/1");
    assert_eq!(source.kind(), TransportErrorKind::Connect);
}

#[test]
fn a_server_that_sends_too_much_does_answer() {
    let large = vec![b'a'; MAX_DOCUMENT as usize + 1];
    let outcome = run(Script::new().on("HEAD", PAGE, link("<1>; rel=about")).on(
        "GET",
        "https://alice.example/1",
        ok().body(large),
    ));
    assert!(matches!(
        failure(outcome),
        DiscoverFailure::NoneReadable { .. }
    ));
}

#[test]
fn urls_that_may_not_be_asked() {
    for page in [
        "http://alice.example/",
        "ftp://alice.example/",
        "https://a:secret@b.example/",
    ] {
        let error = Script::new().run(discover(page)).unwrap_err();
        assert!(
            matches!(error.failure(), DiscoverFailure::Refused(_)),
            "{page}"
        );
        let told = format!("{error} {error:?} {}", error.source().unwrap());
        assert!(!told.contains("secret"), "{told}");
    }
    let outcome = run(Script::new()
        .on("HEAD", PAGE, link("<http://b.example/>; rel=about"))
        .on(
            "GET",
            PAGE,
            link("<http://127.0.0.1/>; rel=about, <mailto:a>; rel=about"),
        ));
    let error = outcome.unwrap_err();
    assert!(matches!(error.failure(), DiscoverFailure::NoLink { .. }));
    assert_eq!(
        error.trace().to_string().lines().nth(4).unwrap(),
        "  link-header: <http://127.0.0.1/> ignored: its target may not be asked: \
         http://127.0.0.1 would be asked without TLS, which must be allowed explicitly"
    );

    let plain = discover("http://alice.example/").with_scheme_rule(SchemeRule::HttpAnywhere);
    Script::new()
        .on("HEAD", "http://alice.example/", link("<p>; rel=about"))
        .on("GET", "http://alice.example/p", good())
        .run(plain)
        .unwrap();
    Script::new()
        .on("HEAD", "http://localhost/", link("<p>; rel=about"))
        .on("GET", "http://localhost/p", good())
        .run(discover("http://localhost/"))
        .unwrap();
}

#[test]
fn traces_are_joined() {
    let trace = || {
        let outcome = run(Script::new().on("HEAD", PAGE, Answer::refuses_connection()));
        outcome.unwrap_err().into_parts().1
    };
    let mut both = trace();
    both.append(trace());
    assert_eq!(both.to_string(), trace().to_string().repeat(2));
    assert_eq!(both.steps().len(), 2);
}

#[test]
fn the_trace_is_bounded_and_clean() {
    let header = format!(
        "<\t{}>; rel=about; anchor=a{}",
        "x".repeat(1000),
        ", garbage".repeat(500)
    );
    let body = "<link rel=about href='ftp:\u{1b}[31m'>";
    let error = run(Script::new()
        .on("HEAD", PAGE, link(&header))
        .on("GET", PAGE, html(body)))
    .unwrap_err();
    let head = &error.trace().steps()[0];
    assert_eq!((head.findings.len(), head.omitted), (33, 469));
    let trace = error.trace().to_string();
    assert!(
        trace.contains("malformed: Link field 1, byte 1026: a link begins with `<`"),
        "{trace}"
    );
    assert!(trace.len() < 10_000);
    assert!(!trace.contains(['\u{1b}', '\t']), "{trace}");
}
