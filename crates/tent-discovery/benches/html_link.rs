//! What it costs to find the link in the head of a big HTML page, beside a tokenizer that reads no
//! further than the head.

use std::hint::black_box;

use html5gum::{DefaultEmitter, Token, Tokenizer};
use http::{Response, response};
use tent_discovery::html_link::{Head, HeadSink};
use tent_flow::Sink;
use tent_testkit::bench::{Table, Work};

/// How much of the page arrives at once, in bytes.
const CHUNK: usize = 16 * 1024;

fn main() {
    let page = page();
    let head = answer();
    assert_eq!(find(&head, &page), 1);
    let mut table = Table::start("A page of 1 MB whose link stands in the head");
    table.compare(
        Work::named("kept by the sink, then read").at_most(1.2),
        || find(&head, &page),
        || tokens_up_to_body(&page),
    );
    let mut table = Table::start("The same, heap at its peak, beside 64 KiB");
    table.compare_heaps(
        Work::named("kept by the sink, then read").at_most(1.0),
        || find(&head, &page),
        || Vec::<u8>::with_capacity(64 * 1024),
    );
}

/// As discovery does: the sink keeps the head, which then is read for its links.
fn find(head: &response::Parts, page: &[u8]) -> usize {
    let mut sink = HeadSink::new();
    sink.begin(head);
    let mut chunks = page.chunks(CHUNK);
    while chunks
        .next()
        .is_some_and(|chunk| sink.chunk(chunk).expect("room").is_continue())
    {}
    let kept = sink.finish().expect("a head");
    let head = Head::parse(&kept);
    let links = head.links().iter();
    links
        .filter(|link| link.has_relation("https://tent.io/rels/profile"))
        .count()
}

fn tokens_up_to_body(page: &[u8]) {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
        match black_box(token) {
            Token::StartTag(tag) if *tag.name == b"body" => break,
            _ => {}
        }
    }
}

fn answer() -> response::Parts {
    let answer = Response::builder().header("content-type", "text/html; charset=utf-8");
    answer.body(()).expect("an answer").into_parts().0
}

/// A page as a site of 2012 wrote it.
fn page() -> Vec<u8> {
    let mut page = String::from(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Alice &amp; the sea: notes from the harbour</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="Tides, boats, and what the gulls say.">
<meta property="og:title" content="Alice &amp; the sea">
<meta property="og:image" content="https://alice.example/images/harbour.jpg">
<link rel="stylesheet" href="/assets/application-0c2f7d5b9e.css" media="all">
<link rel="shortcut icon" href="/favicon.ico">
<link rel="alternate" type="application/atom+xml" href="/feed.atom" title="All notes">
<link rel="https://tent.io/rels/profile" href="https://alice.example/tent/profile">
<style>
body { margin: 0 auto; max-width: 40em; font: 16px/1.5 Georgia, serif; color: #222 }
a { color: #06c; text-decoration: none } a:hover { text-decoration: underline }
</style>
<script>
  var queue = queue || []; queue.push(["account", "UA-1"]); queue.push(["view"]);
  if (window.innerWidth < 600 && queue.length > 1) { document.documentElement.className = "small" }
</script>
<script src="/assets/application-77a0be1c.js" async></script>
</head>
<body>
"#,
    );
    while page.len() < 1024 * 1024 {
        page.push_str(
            "<p>High tide at nine. <a href='/notes'>Bring a lamp</a> &amp; the other rope.</p>\n",
        );
    }
    page.into_bytes()
}
