//! How much of the heap it takes to read a long list whose posts are dropped as they are read.

use std::fmt::Write;

use bytes::Bytes;
use http::{Response, response};
use tent_flow::{Effect, Flow, Input, Moment, Request, Seed, Series, Sink, Step};
use tent_proto::Session;
use tent_proto::call::ListPosts;
use tent_proto::mac::{Algorithm, Credentials};
use tent_testkit::bench::{Table, Work};

const PAGE: usize = 200;

fn main() {
    let (mut many, mut few) = (Peer::of(10_000), Peer::of(1_000));
    let page = Peer::of(PAGE).page(0..PAGE).to_owned();
    let mut table = Table::start("Posts paged through, dropped as they are read: heap at its peak");
    table.compare_heaps(
        Work::named("10,000 posts, beside 1,000").at_most(1.05),
        || many.page_through(),
        || few.page_through(),
    );
    table.compare_heaps(
        Work::named("10,000 posts, beside the bytes of a page of 200").at_most(3.5),
        || many.page_through(),
        || Bytes::copy_from_slice(page.as_bytes()),
    );
}

/// A peer that has so many posts, numbered from the newest, and writes each page when it is asked for,
/// over the one before: of what it holds nothing is measured.
struct Peer {
    posts: usize,
    page: String,
}

impl Peer {
    const fn of(posts: usize) -> Self {
        let page = String::new();
        Self { posts, page }
    }

    /// Reads all posts and drops each.
    fn page_through(&mut self) {
        let mut read = 0;
        let mut list = session().posts(ListPosts::new().limit(200));
        while let Some(flow) = list.next() {
            let posts = list.take(self.run(flow)).expect("a page");
            read += posts.into_iter().map(drop).count();
        }
        assert_eq!(read, self.posts);
    }

    fn run<F: Flow>(&mut self, mut flow: F) -> F::Output {
        let mut input = Input::Ready;
        loop {
            match flow.step(Moment::at_epoch_seconds(1_356_998_400), input) {
                Step::Do(Effect::Send(request, sink)) => {
                    input = Input::Response(self.answer(&request, sink));
                }
                Step::Done(output) => return output,
                Step::Do(_) => panic!("there is nothing to wait for"),
            }
        }
    }

    fn answer(&mut self, request: &Request, mut sink: Box<dyn Sink>) -> Response<Bytes> {
        let first = after(request);
        let last = self.posts.min(first + PAGE);
        let head = self.head(first..last);
        sink.begin(&head);
        for chunk in self.page(first..last).as_bytes().chunks(16 * 1024) {
            let _ = sink.chunk(chunk).expect("room");
        }
        Response::from_parts(head, sink.finish().expect("a body"))
    }

    fn head(&mut self, posts: std::ops::Range<usize>) -> response::Parts {
        let link = match posts.end < self.posts {
            true => format!(
                "</tent/posts?limit=200&before_id={}>; rel=\"next\"",
                posts.end - 1
            ),
            false => "</tent/posts?limit=200&since_id=0>; rel=\"prev\"".to_owned(),
        };
        let head = Response::builder()
            .header("link", link)
            .header("content-length", self.page(posts).len());
        head.body(()).expect("a head").into_parts().0
    }

    fn page(&mut self, posts: std::ops::Range<usize>) -> &str {
        self.page.clear();
        for n in posts {
            let mark = if self.page.is_empty() { '[' } else { ',' };
            let time = 1_356_998_400 - n;
            write!(
                self.page,
                r#"{mark}{{"entity":"https://alice{n}.example","licenses":["http://creativecommons.org/licenses/by/3.0/"],"content":{{"text":"^bob High tide at nine, and the {n}th boat is in. Bring a lamp and the other rope."}},"published_at":{time},"permissions":{{"public":true}},"id":"{n}","updated_at":{time},"received_at":{time},"attachments":[],"type":"https://tent.io/types/post/status/v0.1.0","version":1,"app":{{"name":"Harbour","url":"https://app.example"}},"mentions":[{{"entity":"https://bob.example","post":"Zz81kQ"}}]}}"#,
            )
            .expect("a string takes all");
        }
        self.page.push(']');
        &self.page
    }
}

/// The number of the first post that was asked for.
fn after(request: &Request) -> usize {
    let mut query = request.url.query_pairs();
    let before = query.find(|(name, _)| name == "before_id");
    before.map_or(0, |(_, id)| 1 + id.parse::<usize>().expect("a number"))
}

fn session() -> Session {
    Session::new(
        "https://alice.example".parse().expect("an entity"),
        vec!["https://a.example/tent".parse().expect("a server")],
        Credentials::new("u:7nC2", "0f1e2d3c", Algorithm::HmacSha256).expect("a credential"),
        Seed::new([7; 32]),
    )
}
