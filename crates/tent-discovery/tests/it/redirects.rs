//! docs/protocol.md §2.7: redirects of pages and documents.

use tent_discovery::{DiscoverFailure, NotRead, RedirectRefused};
use tent_flow::SchemeRule;
use tent_flow::script::{Answer, Script};

use crate::discover::{PAGE, discover, good, ok, run};

fn to(status: u16, location: &str) -> Answer {
    Answer::status(status).header("location", location)
}

#[test]
fn every_kind_is_followed_and_references_are_relative_to_the_last() {
    for status in [301, 302, 303, 307, 308] {
        let found = run(Script::new()
            .on(
                "HEAD",
                PAGE,
                to(status, "https://www.alice.example/home/#a"),
            )
            .on("HEAD", "https://www.alice.example/home/", to(status, "en/"))
            .on(
                "HEAD",
                "https://www.alice.example/home/en/",
                ok().header("link", "<profile>; rel=about"),
            )
            .on(
                "GET",
                "https://www.alice.example/home/en/profile",
                to(status, "/p"),
            )
            .on("GET", "https://www.alice.example/p", good()))
        .unwrap();
        assert_eq!(found.page.as_str(), "https://www.alice.example/home/en/");
        assert_eq!(found.url.as_str(), "https://www.alice.example/p");
        assert_eq!(found.document, "good about https://www.alice.example/p");
    }
}

#[test]
fn html_is_relative_to_the_last_url_too() {
    let page = ok()
        .header("content-type", "text/html")
        .body("<link rel=about href=p>");
    let found = run(Script::new()
        .on("HEAD", PAGE, Answer::status(405))
        .on("GET", PAGE, to(301, "https://b.example/c/"))
        .on("GET", "https://b.example/c/", page)
        .on("GET", "https://b.example/c/p", good()));
    assert_eq!(found.unwrap().page.as_str(), "https://b.example/c/");
}

#[test]
fn other_redirects_are_answers() {
    for status in [300, 304, 305] {
        let outcome =
            run(Script::new()
                .on("HEAD", PAGE, to(status, "/a"))
                .on("GET", PAGE, to(status, "/a")));
        let failure = outcome.unwrap_err().into_parts().0;
        assert!(matches!(failure, DiscoverFailure::NoLink { .. }));
    }
}

#[test]
fn five_in_a_row_and_no_more() {
    let url = |hop: usize| match hop {
        0 => PAGE.to_owned(),
        hop => format!("https://alice.example/{hop}"),
    };
    let mut script = Script::new();
    for method in ["HEAD", "GET"] {
        for hop in 0..=5 {
            script = script.on(method, &url(hop), to(302, &url(hop + 1)));
        }
    }
    let (failure, trace) = run(script).unwrap_err().into_parts();
    let DiscoverFailure::Redirect { url: last, source } = failure else {
        panic!("{failure}");
    };
    assert_eq!(last.as_str(), "https://alice.example/5");
    assert_eq!(source, RedirectRefused::TooMany);
    let trace = trace.to_string();
    assert_eq!(
        trace.lines().last().unwrap(),
        "  redirect refused: there are more than 5 in a row"
    );
}

#[test]
fn what_is_refused() {
    use RedirectRefused::{Invalid, Loop, NoLocation, Refused};
    for location in [
        "/",
        PAGE,
        "",
        "#a",
        "http://b.example/",
        "http://localhost/",
        "ftp://b/",
        "https://[",
    ] {
        let outcome = run(Script::new().on("HEAD", PAGE, to(302, location)).on(
            "GET",
            PAGE,
            to(302, location),
        ));
        let failure = outcome.unwrap_err().into_parts().0;
        let DiscoverFailure::Redirect { source, .. } = failure else {
            panic!("{location}: {failure}");
        };
        let is_right = match location {
            "/" | PAGE | "" | "#a" => source == Loop,
            "https://[" => matches!(source, Invalid(_)),
            _ => matches!(source, Refused(_)),
        };
        assert!(is_right, "{location}: {source:?}");
    }
    let outcome = run(Script::new().on("HEAD", PAGE, Answer::status(302)).on(
        "GET",
        PAGE,
        Answer::status(302),
    ));
    let failure = outcome.unwrap_err().into_parts().0;
    assert!(matches!(
        failure,
        DiscoverFailure::Redirect {
            source: NoLocation,
            ..
        }
    ));
}

#[test]
fn a_longer_circle_is_one_too() {
    let outcome = run(Script::new()
        .on("HEAD", PAGE, Answer::status(501))
        .on("GET", PAGE, to(302, "/a"))
        .on("GET", "https://alice.example/a", to(302, "/b"))
        .on("GET", "https://alice.example/b", to(302, "/a")));
    let failure = outcome.unwrap_err().into_parts().0;
    let circle = RedirectRefused::Loop;
    assert!(matches!(failure, DiscoverFailure::Redirect { source, .. } if source == circle));
}

#[test]
fn a_head_in_circles_leaves_the_get() {
    let found = run(Script::new()
        .on("HEAD", PAGE, to(302, "/"))
        .on("GET", PAGE, ok().header("link", "</p>; rel=about"))
        .on("GET", "https://alice.example/p", good()));
    assert!(found.is_ok());

    // So does one that ends at a host nobody serves.
    let found = run(Script::new()
        .on("HEAD", PAGE, to(302, "https://b.example/"))
        .on("HEAD", "https://b.example/", Answer::refuses_connection())
        .on("GET", PAGE, ok().header("link", "</p>; rel=about"))
        .on("GET", "https://alice.example/p", good()));
    assert!(found.is_ok());
}

#[test]
fn tls_is_given_up_only_where_the_rule_says_so() {
    let mut script = Script::new()
        .on("HEAD", PAGE, to(302, "http://b.example/"))
        .on(
            "HEAD",
            "http://b.example/",
            ok().header("link", "</p>; rel=about"),
        )
        .on("GET", "http://b.example/p", good());
    let discover = discover(PAGE).with_scheme_rule(SchemeRule::HttpAnywhere);
    assert!(script.run(discover).is_ok());
}

#[test]
fn a_document_that_redirects_nowhere_gives_way_to_the_next() {
    let found = run(Script::new()
        .on(
            "HEAD",
            PAGE,
            ok().header("link", "<a>; rel=about, <b>; rel=about"),
        )
        .on("GET", "https://alice.example/a", to(302, "/a"))
        .on("GET", "https://alice.example/b", good()));
    assert_eq!(found.unwrap().url.as_str(), "https://alice.example/b");

    let outcome = run(Script::new()
        .on("HEAD", PAGE, ok().header("link", "<a>; rel=about"))
        .on(
            "GET",
            "https://alice.example/a",
            to(302, "http://b.example/"),
        ));
    let failure = outcome.unwrap_err().into_parts().0;
    let DiscoverFailure::NoneReadable { links, .. } = failure else {
        panic!("{failure}");
    };
    assert!(matches!(
        links[0].why,
        NotRead::Redirect(RedirectRefused::Refused(_))
    ));
}
