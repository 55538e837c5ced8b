//! docs/protocol.md §2.5: the head, the whole head, and nothing but the head.

use std::ops::ControlFlow;

use http::Response;
use proptest::prelude::*;
use tent_discovery::html_link::{Head, HeadSink, MAX_HTML};
use tent_flow::Sink;
use url::Url;

/// Where the `next` links of a page at `https://alice.example/home/` lead.
fn next(html: &str) -> Vec<String> {
    let page = Url::parse("https://alice.example/home/").unwrap();
    let head = Head::parse(html.as_bytes());
    let base = head.base(&page);
    head.links()
        .iter()
        .filter(|link| link.has_relation("next"))
        .map(|link| base.join(link.target()).unwrap().into())
        .collect()
}

#[test]
fn links_of_the_head_in_order() {
    for (html, expected) in [
        (
            "<head><link rel=\"next\" href=\"/tent/profile\"></head>",
            &["https://alice.example/tent/profile"][..],
        ),
        (
            "\u{feff}<!DOCTYPE html>\n<HTML lang=en>\n<HEAD>\n<META charset=utf-8>\n<LINK HREF='a' REL='NEXT'/>\n<link href=b rel=next>",
            &[
                "https://alice.example/home/a",
                "https://alice.example/home/b",
            ],
        ),
        (
            "<link rel='me next' href='/p?a=1&amp;b=&#50;'><link rel=nextx href=/x>",
            &["https://alice.example/p?a=1&b=2"],
        ),
        ("<link rel=next><link href=/a><link rel=next href=''>", &[]),
        ("<link rel=prev rel=next href=/a href=/b>", &[]),
        // All that may stand in front of it.
        (
            "<?xml version=1?><!-- <body> --><title>a < b <body></title><style>body > p {}</style>\
             <script>if (a</b/.test(c)) d('<body>')</script><noscript><p></noscript>\
             <template><div>text</div></template><basefont><bgsound><link rel=next href=/a>",
            &["https://alice.example/a"],
        ),
    ] {
        assert_eq!(next(html), expected, "{html}");
    }
}

#[test]
fn nothing_behind_the_head() {
    for end in [
        "</head>",
        "<body>",
        "<body class=a>",
        "<p>",
        "<div>",
        "<svg>",
        "text",
        "&#97;",
        "</html>",
        "</body>",
    ] {
        let html = format!("<title>a</title>{end}<link rel=next href=/a>");
        assert_eq!(next(&html), [""; 0], "{end}");
    }
}

#[test]
fn no_tag_where_there_is_none() {
    for (open, close) in [
        ("<script>", "</script>"),
        ("<style>", "</style>"),
        ("<title>", "</title>"),
        ("<noscript>", "</noscript>"),
        ("<template><template></template>", "</template>"),
        ("<!--", "-->"),
        ("<meta content='", "'>"),
    ] {
        let html = format!("{open}<link rel=next href=/a>{close}<link rel=next href=/b>");
        assert_eq!(next(&html), ["https://alice.example/b"], "{open}");
        // Left open, it holds the rest.
        let html = format!("{open}<link rel=next href=/a>");
        assert_eq!(next(&html), [""; 0], "{open}");
    }
}

#[test]
fn the_base_of_the_page() {
    for (base, expected) in [
        (
            "<base href='https://b.example/c/'>",
            "https://b.example/c/x",
        ),
        (
            "<base href=/d/><base href=/e/>",
            "https://alice.example/d/x",
        ),
        (
            "<base target=_top><base href=/e/>",
            "https://alice.example/e/x",
        ),
        ("<base href=data:,a>", "https://alice.example/home/x"),
        ("<base href='https://['>", "https://alice.example/home/x"),
        (
            "<template><base href=/e/></template>",
            "https://alice.example/home/x",
        ),
    ] {
        assert_eq!(next(&format!("{base}<link rel=next href=x>")), [expected]);
        assert_eq!(next(&format!("<link rel=next href=x>{base}")), [expected]);
    }
}

#[test]
fn no_more_than_the_limit() {
    let link = "<link rel=next href=/a>";
    let far = format!("{}{link}", " ".repeat(MAX_HTML - link.len()));
    assert_eq!(next(&far).len(), 1);
    assert_eq!(next(&format!(" {far}")), [""; 0]);
}

/// Gives an HTML page to a sink in chunks; what the sink keeps, and how many chunks it took.
fn sink(html: &[u8], media_type: &str, status: u16, chunk: usize) -> (Vec<u8>, usize) {
    let response = Response::builder().status(status);
    let response = response
        .header("content-type", media_type)
        .body(())
        .unwrap();
    let mut sink = HeadSink::new();
    sink.begin(&response.into_parts().0);
    let mut taken = 0;
    for chunk in html.chunks(chunk) {
        taken += 1;
        if sink.chunk(chunk).unwrap() == ControlFlow::Break(()) {
            break;
        }
    }
    (sink.finish().unwrap().into(), taken)
}

#[test]
fn the_sink_stops_where_the_head_ends() {
    let head = "\u{feff}<!doctype html><title>&lt;a</title>\r\n<link rel=next href=/a>\r\n</head>";
    let page = format!("{head}<body>{}", "a".repeat(100_000));
    for media_type in ["text/html", "Application/XHTML+xml ; charset=utf-8"] {
        let (kept, taken) = sink(page.as_bytes(), media_type, 200, 10);
        assert_eq!(kept, b"<link rel=next href=/a>");
        assert_eq!(taken, head.len().div_ceil(10));
    }
}

#[test]
fn the_sink_keeps_the_tags_that_matter_as_they_came() {
    let page = "<base target=_top><base HREF=/d/><base href=/e/><link rel=next><meta name=a>\
        <script>'<link rel=a href=b>'</script><link\ttype=a rel='next'\r\nhref=\"?a&amp;b\" /><p>";
    let (kept, _) = sink(page.as_bytes(), "text/html", 200, page.len());
    let expected = "<base HREF=/d/><link\ttype=a rel='next'\r\nhref=\"?a&amp;b\" />";
    assert_eq!(String::from_utf8(kept).unwrap(), expected);
}

#[test]
fn the_sink_keeps_html_of_success_only() {
    for (media_type, status) in [("text/html", 404), ("text/plain", 200), ("text/htmlx", 200)] {
        let (kept, taken) = sink(b"<title>a</title>", media_type, status, 4);
        assert_eq!((kept.len(), taken), (0, 1), "{media_type} {status}");
    }
}

#[test]
fn the_sink_has_a_limit() {
    let link = "<link rel=next href=/a>";
    let endless = format!("{link}<title>{}", "a".repeat(2 * MAX_HTML));
    for chunk in [1000, MAX_HTML, 2 * MAX_HTML] {
        let (kept, taken) = sink(endless.as_bytes(), "text/html", 200, chunk);
        assert_eq!(kept, link.as_bytes());
        assert_eq!(taken, MAX_HTML.div_ceil(chunk));
    }
}

#[test]
fn chunks_of_a_long_head_do_not_matter() {
    let (comment, link) = ("a".repeat(100_000), "<link rel=next href=/a>");
    let page = format!("<!--{comment}-->{link}</head>{link}");
    for chunk in [7, 1000, page.len()] {
        let (kept, _) = sink(page.as_bytes(), "text/html", 200, chunk);
        assert!(kept == link.as_bytes(), "in chunks of {chunk}");
    }
}

/// Text that is nearly an HTML page.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&[u8]] = &[
        b"<link rel=next href=/a>",
        b"<link ",
        b"<head>",
        b"</head>",
        b"<body>",
        b"<base href=",
        b"<title>",
        b"</title>",
        b"<script>",
        b"</script>",
        b"<template>",
        b"</template>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"<!doctype ",
        b"<",
        b">",
        b"/",
        b"'",
        b"\"",
        b"=",
        b"&amp;",
        b"&not",
        b"&#1;",
        b"&",
        b"\r",
        b"\n",
        b" ",
        b"a",
        b"\0",
        b"\xc3\xa9",
        b"\xe9",
        b"\xef\xbb\xbf",
    ];
    proptest::collection::vec(proptest::sample::select(PIECES), 0..40)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_read(html in proptest::collection::vec(any::<u8>(), 0..300)) {
        read(&html)?;
    }

    #[test]
    fn anything_that_is_nearly_a_page_is_read(html in nearly()) {
        read(&html)?;
    }

    #[test]
    fn chunks_do_not_matter(html in nearly(), chunk in 1..20_usize) {
        let (whole, _) = sink(&html, "text/html", 200, html.len().max(1));
        let (kept, _) = sink(&html, "text/html", 200, chunk);
        prop_assert_eq!(&whole, &kept);
        // What was left out does not matter.
        let page = Url::parse("https://alice.example/home/").unwrap();
        let (all, kept) = (Head::parse(&html), Head::parse(&kept));
        prop_assert_eq!(kept.links(), all.links());
        prop_assert_eq!(kept.base(&page), all.base(&page));
    }

    #[test]
    fn a_written_link_is_read_again(href in "[ -~é]{1,30}") {
        let escaped = href.replace('&', "&amp;").replace('"', "&quot;");
        let html = format!("<link href=\"{escaped}\" rel=next>");
        let head = Head::parse(html.as_bytes());
        prop_assert_eq!(head.links()[0].target(), href);
    }
}

/// What lies behind the end of the head does not matter.
fn read(html: &[u8]) -> Result<(), TestCaseError> {
    let head = Head::parse(html);
    if let Some(end) = head.end() {
        prop_assert!(end <= html.len());
        let other = Head::parse(&html[..end]);
        prop_assert_eq!(other.links(), head.links());
    }
    Ok(())
}
