//! What is this driver's alone.

use std::thread;

use bytes::Bytes;
use http::Response;
use tent_blocking::{BuildError, Client};
use tent_flow::sink::Memory;
use tent_flow::{Flow, Input, Moment, Request, Step};
use tent_testkit::contract::server::{Reply, Server};
use url::Url;

struct Get(Url);

impl Flow for Get {
    type Output = Response<Bytes>;

    fn step(&mut self, _now: Moment, input: Input) -> Step<Self::Output> {
        match input {
            Input::Ready => Step::send(Request::get(self.0.clone()), Memory::with_limit(100)),
            Input::Response(response) => Step::Done(response),
            Input::Failed(error) => panic!("{error:?}"),
        }
    }
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

#[test]
fn an_agent_of_ones_own_keeps_the_contract() {
    // Its defaults are to follow redirects and to make errors of statuses.
    let client = Client::from(ureq::Agent::new_with_defaults());
    for status in [302, 404, 500] {
        let head = format!("HTTP/1.1 {status} Whatever\r\nLocation: /there\r\n");
        let server = Server::start([Reply::raw(head + "Content-Length: 5\r\n\r\nsorry")]);
        let response = client.run(Get(server.url("/here")));
        assert_eq!(response.status(), status);
        assert_eq!(response.body(), "sorry");
        server.only_request();
    }
}

#[test]
fn threads_share_a_client_and_its_connections() {
    let server = Server::start([Reply::ok("first"), Reply::ok("second")]);
    let client = Client::builder().no_proxy().build().unwrap();
    let url = server.url("/");
    for expected in ["first", "second"] {
        let (client, url) = (client.clone(), url.clone());
        let response = thread::spawn(move || client.run(Get(url)));
        assert_eq!(response.join().unwrap().body(), expected);
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn the_user_agent_says_who_asks() {
    let server = Server::start([Reply::ok(""), Reply::ok("")]);
    let builder = || Client::builder().no_proxy();
    builder().build().unwrap().run(Get(server.url("/")));
    let named = builder().user_agent("reader/1.0").build().unwrap();
    named.run(Get(server.url("/")));
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
