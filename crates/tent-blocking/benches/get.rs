//! What signing, types and the driver add to `ureq`, over a connection in memory.

use bytes::Bytes;
use tent_blocking::Client;
use tent_flow::sink::Memory;
use tent_flow::{Flow, Input, Moment, Request, Step, TransportError};
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{Post, Session};
use tent_testkit::bench::{Table, Work, answer_of_one_kilobyte};
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};
use url::Url;

fn main() {
    let answer: &[u8] = answer_of_one_kilobyte().leak();
    let agent = Agent::with_parts(Config::default(), InMemory(answer), Nowhere);
    let lean = Config::builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .build();
    let lean = Client::from(Agent::with_parts(lean, InMemory(answer), Nowhere));
    let client = Client::from(agent.clone());
    let text = "http://localhost/tent/posts/p0Lk3Jh8Gf5Ds2Aq1Wz9Xc";
    let url: Url = text.parse().expect("it is a URL");
    let session = Session::new(
        "http://localhost".parse().expect("it is an entity"),
        vec!["http://localhost/tent".parse().expect("it is a server")],
        Credentials::new(
            "u:7nC2wq0Yd1kR5sV8xZ3bLg",
            "0f1e2d3c4b5a",
            Algorithm::HmacSha256,
        )
        .expect("it is a credential"),
        client.seed(),
    );
    let read = || {
        let mut response = agent.get(text).call().expect("there is an answer");
        response.body_mut().read_to_vec().expect("it has a body")
    };

    let mut table = Table::start("A GET of 1 KB over a connection in memory, blocking");
    table.compare(
        Work::named("signed and typed, beside agent.get and from_str")
            .at_most(1.25)
            .allocations_at_most_more(6),
        || {
            lean.run(session.get_post("p0Lk3Jh8Gf5Ds2Aq1Wz9Xc"))
                .expect("there is a post")
        },
        || {
            let body = String::from_utf8(read()).expect("it is text");
            serde_json::from_str::<Post>(&body).expect("it is a post")
        },
    );
    for (name, client) in [
        ("bare bytes, beside agent.get", &lean),
        ("the same on an agent that follows redirects", &client),
    ] {
        table.compare(
            Work::named(name).at_most(1.25).allocations_at_most_more(6),
            || client.run(Get(url.clone())).expect("there is an answer"),
            read,
        );
    }
}

/// Asks for a URL.
struct Get(Url);

impl Flow for Get {
    type Output = Result<Bytes, TransportError>;

    fn step(&mut self, _now: Moment, input: Input) -> Step<Self::Output> {
        match input {
            Input::Ready => Step::send(Request::get(self.0.clone()), Memory::with_limit(65_536)),
            Input::Response(response) => Step::Done(Ok(response.into_body())),
            Input::Failed(error) => Step::Done(Err(error)),
        }
    }
}

/// Answers every request at once.
#[derive(Debug)]
struct InMemory(&'static [u8]);

impl Connector<()> for InMemory {
    type Out = Connection;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _chained: Option<()>,
    ) -> Result<Option<Connection>, ureq::Error> {
        let config = details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Connection {
            answer: self.0,
            buffers,
        }))
    }
}

#[derive(Debug)]
struct Connection {
    answer: &'static [u8],
    buffers: LazyBuffers,
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(
        &mut self,
        _amount: usize,
        _timeout: NextTimeout,
    ) -> Result<(), ureq::Error> {
        Ok(())
    }

    fn await_input(&mut self, _timeout: NextTimeout) -> Result<bool, ureq::Error> {
        let room = self.buffers.input_append_buf();
        room[..self.answer.len()].copy_from_slice(self.answer);
        self.buffers.input_appended(self.answer.len());
        Ok(true)
    }

    fn is_open(&mut self) -> bool {
        true
    }
}

/// Finds an address for every name.
#[derive(Debug)]
struct Nowhere;

impl Resolver for Nowhere {
    fn resolve(
        &self,
        _uri: &Uri,
        _config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut found = self.empty();
        found.push(([192, 0, 2, 1], 80).into());
        Ok(found)
    }
}
