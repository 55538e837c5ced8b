//! The loop itself.

use std::time::Duration;

use bytes::Bytes;
use tent_flow::sink::Memory;
use tent_flow::{Flow, Input, Moment, Request, Series, Step, TransportError};
use url::Url;

use super::server::{Reply, Server};
use super::{Driver, default_driver};

/// A wait ends when its time has passed, and both clocks go on.
pub fn a_wait_lets_time_pass<D: Driver>() {
    let time = Duration::from_millis(5);
    let (before, after) = default_driver::<D>().run(Pause { time, began: None });
    assert!(after.mono - before.mono >= time);
    assert!(before.epoch_seconds() > 1_600_000_000);
}

struct Pause {
    time: Duration,
    began: Option<Moment>,
}

impl Flow for Pause {
    type Output = (Moment, Moment);

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        assert!(matches!(input, Input::Ready));
        match self.began {
            Some(began) => Step::Done((began, now)),
            None => {
                self.began = Some(now);
                Step::wait(self.time)
            }
        }
    }
}

/// A list is gone through page after page; an empty page does not end it, and an error is an element.
pub fn items_come_page_after_page<D: Driver>() {
    let server = Server::start([
        Reply::ok("a b c"),
        Reply::ok(""),
        Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nd").then_close(),
        Reply::ok("e"),
    ]);
    let pages = (1..=4).map(|page| server.url(&format!("/{page}")));
    let items = default_driver::<D>().items(Words(pages.rev().collect()));
    let items: Vec<_> = items.into_iter().map(|item| item.ok()).collect();
    let expected = ["a", "b", "c"].map(|word| Some(word.to_owned()));
    assert_eq!(items[..3], expected);
    assert_eq!(items[3..], [None, Some("e".to_owned())]);
    let targets = server
        .received()
        .into_iter()
        .map(|page| page.target().to_owned());
    assert_eq!(targets.collect::<Vec<_>>(), ["/1", "/2", "/3", "/4"]);
}

/// Words on pages, the last page first.
struct Words(Vec<Url>);

impl Series for Words {
    type Item = String;
    type Error = TransportError;
    type Flow = Page;

    fn next(&mut self) -> Option<Page> {
        self.0.pop().map(Page)
    }

    fn take(&mut self, page: Result<Bytes, TransportError>) -> Result<Vec<String>, TransportError> {
        let page = page?;
        let text = String::from_utf8_lossy(&page);
        Ok(text.split_whitespace().map(str::to_owned).collect())
    }
}

struct Page(Url);

impl Flow for Page {
    type Output = Result<Bytes, TransportError>;

    fn step(&mut self, _now: Moment, input: Input) -> Step<Self::Output> {
        match input {
            Input::Ready => Step::send(Request::get(self.0.clone()), Memory::with_limit(100)),
            Input::Response(response) => Step::Done(Ok(response.into_body())),
            Input::Failed(error) => Step::Done(Err(error)),
        }
    }
}

/// No two seeds are the same.
pub fn seeds_differ<D: Driver>() {
    let driver = default_driver::<D>();
    let [first, second] = [driver.seed().into_bytes(), driver.seed().into_bytes()];
    assert_ne!(first, second);
    assert_ne!(first, [0; 32]);
}

/// What a server said of its limit is known to all clones of a client, and to no other client.
pub fn clones_share_what_they_know_of_limits<D: Driver>() {
    let [one, other] = [default_driver::<D>(), default_driver::<D>()];
    let limiter = |driver: &D| {
        let limiters = driver.limiters();
        limiters.limiter("https://a.example", Some("u:1"))
    };
    assert!(limiter(&one).is_same(&limiter(&one)));
    assert!(!limiter(&one).is_same(&limiter(&other)));
}
