//! What is this driver's alone.

use std::io;
use std::ops::ControlFlow;

use bytes::Bytes;
use http::Response;
use http::response::Parts;
use tent_async::{BuildError, Client};
use tent_flow::sink::Memory;
use tent_flow::{Effect, Flow, Input, Moment, Request, Sink, Step};
use tent_testkit::contract::server::{Reply, Server};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use url::Url;

struct Get(Url, Option<Box<dyn Sink>>);

impl Get {
    fn of(url: Url) -> Self {
        Self(url, Some(Box::new(Memory::with_limit(100))))
    }
}

impl Flow for Get {
    type Output = Response<Bytes>;

    fn step(&mut self, _now: Moment, input: Input) -> Step<Self::Output> {
        match (input, self.1.take()) {
            (Input::Ready, Some(sink)) => {
                Step::Do(Effect::Send(Request::get(self.0.clone()), sink))
            }
            (Input::Response(response), _) => Step::Done(response),
            (input, _) => panic!("{input:?}"),
        }
    }
}

fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("there is a runtime")
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let socks = "socks5://127.0.0.1:1080/".parse().unwrap();
    let error = Client::builder().proxy(socks).build().unwrap_err();
    assert!(matches!(error, BuildError::Proxy), "{error:?}");
    let error = Client::builder().user_agent("a\nb").build().unwrap_err();
    assert!(matches!(error, BuildError::UserAgent(_)), "{error:?}");
    for pem in [
        "",
        "no PEM",
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    ] {
        let error = Client::builder().root_certificates(pem.as_bytes()).build();
        let error = error.unwrap_err();
        assert!(matches!(error, BuildError::Roots(_)), "{pem:?} {error:?}");
    }
}

#[test]
fn the_password_of_a_proxy_is_not_shown() {
    let proxy = "http://me:sesame@127.0.0.1:1/".parse().unwrap();
    let builder = Client::builder().proxy(proxy);
    assert!(!format!("{builder:?}").contains("sesame"));
    let client = builder.build().unwrap();
    assert!(!format!("{client:?}").contains("sesame"));
}

/// Says what happens to it.
struct Told {
    events: mpsc::UnboundedSender<&'static str>,
    blocks: bool,
}

impl Sink for Told {
    fn begin(&mut self, _head: &Parts) {}

    fn chunk(&mut self, _bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        let _ = self.events.send("chunk");
        Ok(ControlFlow::Continue(()))
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        let _ = self.events.send("finish");
        Ok(Bytes::new())
    }

    fn blocks(&self) -> bool {
        self.blocks
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.events.send("drop");
    }
}

#[test]
fn a_dropped_future_leaves_its_sink_unfinished_and_the_server_alone() {
    for blocks in [false, true] {
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
        let (gone, mut hung_up) = mpsc::unbounded_channel();
        let server = Server::start([Reply::raw(half).then_stream(move |connection| {
            io::copy(connection, &mut io::sink())?; // until the client has gone
            let _ = gone.send(());
            Ok(())
        })]);
        let (events, mut told) = mpsc::unbounded_channel();
        let client = Client::builder().no_proxy().build().unwrap();
        let flow = Get(server.url("/"), Some(Box::new(Told { events, blocks })));
        runtime().block_on(async {
            let running = tokio::spawn(async move { client.run(flow).await });
            assert_eq!(told.recv().await, Some("chunk"));
            running.abort();
            assert!(running.await.unwrap_err().is_cancelled());
            assert_eq!(told.recv().await, Some("drop"), "blocks: {blocks}");
            assert_eq!(told.recv().await, None);
            assert_eq!(hung_up.recv().await, Some(()));
        });
    }
}

#[test]
fn tasks_share_a_client_and_its_connections() {
    let server = Server::start([Reply::ok("first"), Reply::ok("second")]);
    let client = Client::builder().no_proxy().build().unwrap();
    runtime().block_on(async {
        for expected in ["first", "second"] {
            let (client, url) = (client.clone(), server.url("/"));
            let response = tokio::spawn(async move { client.run(Get::of(url)).await });
            assert_eq!(response.await.unwrap().body(), expected);
        }
    });
    assert_eq!(server.connections(), 1);
}

#[test]
fn the_user_agent_says_who_asks() {
    let server = Server::start([Reply::ok(""), Reply::ok("")]);
    let builder = || Client::builder().no_proxy();
    let client = builder().build().unwrap();
    runtime().block_on(client.run(Get::of(server.url("/"))));
    let named = builder().user_agent("reader/1.0").build().unwrap();
    runtime().block_on(named.run(Get::of(server.url("/"))));
    let received = server.received();
    let said: Vec<_> = received
        .iter()
        .map(|request| request.field("user-agent"))
        .collect();
    assert_eq!(
        said,
        [
            Some(concat!("tent/", env!("CARGO_PKG_VERSION"))),
            Some("reader/1.0")
        ]
    );
}
