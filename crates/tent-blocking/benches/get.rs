//! What the driver adds to `ureq`, over a connection in memory.

use bytes::Bytes;
use tent_blocking::Client;
use tent_flow::sink::Memory;
use tent_flow::{Flow, Input, Moment, Request, Step, TransportError};
use tent_testkit::bench::{Table, Work};
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};
use url::Url;

fn main() {
    let mut table = Table::start("A GET of 1 KB over a connection in memory, blocking");
    let agent = Agent::with_parts(Config::default(), InMemory, Nowhere);
    let lean = Config::builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .build();
    let lean = Client::from(Agent::with_parts(lean, InMemory, Nowhere));
    let client = Client::from(agent.clone());
    let text = "http://alice.example/posts?limit=1";
    let url: Url = text.parse().expect("it is a URL");
    let anchor = || {
        let mut response = agent.get(text).call().expect("there is an answer");
        response.body_mut().read_to_vec().expect("it has a body")
    };
    table.compare(
        Work::named("client.run, beside agent.get().call()")
            .at_most(1.25)
            .allocations_at_most_more(6),
        || lean.run(Get(url.clone())).expect("there is an answer"),
        anchor,
    );
    table.compare(
        Work::named("the same on an agent that follows redirects")
            .at_most(1.25)
            .allocations_at_most_more(6),
        || client.run(Get(url.clone())).expect("there is an answer"),
        anchor,
    );
}

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
struct InMemory;

impl Connector<()> for InMemory {
    type Out = Connection;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _chained: Option<()>,
    ) -> Result<Option<Connection>, ureq::Error> {
        let config = details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Connection { buffers }))
    }
}

#[derive(Debug)]
struct Connection {
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
        const HEAD: &[u8] =
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1024\r\n\r\n";
        let room = self.buffers.input_append_buf();
        room[..HEAD.len()].copy_from_slice(HEAD);
        room[HEAD.len()..HEAD.len() + 1024].fill(b'x');
        self.buffers.input_appended(HEAD.len() + 1024);
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
