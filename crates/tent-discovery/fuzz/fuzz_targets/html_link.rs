//! Any page is read; nothing behind its head matters, nor how it is cut into chunks. The first byte
//! says how large the chunks are.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tent_discovery::html_link::{Head, HeadSink};
use tent_flow::Sink;

fuzz_target!(|input: &[u8]| {
    let Some((&size, html)) = input.split_first() else {
        return;
    };
    let head = Head::parse(html);
    if let Some(end) = head.end() {
        assert_eq!(Head::parse(&html[..end]).links(), head.links());
    }
    let whole = keep(html, html.len().max(1));
    assert_eq!(Head::parse(&whole).links(), head.links());
    assert_eq!(keep(html, usize::from(size).max(1)), whole);
});

fn keep(html: &[u8], size: usize) -> Vec<u8> {
    let response = http::Response::builder().header("content-type", "text/html");
    let (parts, ()) = response.body(()).expect("a response").into_parts();
    let mut sink = HeadSink::new();
    sink.begin(&parts);
    for chunk in html.chunks(size) {
        if sink.chunk(chunk).expect("a sink in memory").is_break() {
            break;
        }
    }
    sink.finish().expect("a sink in memory").into()
}
