//! What the environment decides, seen from processes of their own.

use std::env;
use std::process::Command;

use tent_async::{BuildError, Client};
use tent_flow::sink::Memory;
use tent_flow::{
    AddressRule, Flow, Input, Moment, Request, Step, TransportError, TransportErrorKind,
};
use tent_testkit::contract::server::{Reply, Server};

/// Says that the test runs in a process of its own, and names a server on loopback.
const ALONE: &str = "TENT_TEST_ALONE";

/// Runs a test in a process of its own, with these variables in its environment.
fn alone(test: &str, variables: &[(&str, &str)], server: &Server) {
    let output = Command::new(env::current_exe().expect("it is known"))
        .args(["--exact", test])
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .envs(variables.iter().copied())
        .env(ALONE, server.url("/").as_str())
        .output()
        .expect("it runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

fn run(client: &Client, url: &str) -> Result<bytes::Bytes, TransportError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let flow = Get(url.parse().expect("it is a URL"));
    runtime
        .expect("there is a runtime")
        .block_on(client.run(flow))
}

struct Get(url::Url);

impl Flow for Get {
    type Output = Result<bytes::Bytes, TransportError>;

    fn step(&mut self, _now: Moment, input: Input) -> Step<Self::Output> {
        match input {
            Input::Ready => Step::send(Request::get(self.0.clone()), Memory::with_limit(100)),
            Input::Response(response) => Step::Done(Ok(response.into_body())),
            Input::Failed(error) => Step::Done(Err(error)),
        }
    }
}

#[test]
fn a_proxy_is_used_but_for_loopback() {
    if let Ok(loopback) = env::var(ALONE) {
        let client = Client::new().unwrap();
        let error = run(&client, "https://alice.example/").unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Connect);
        assert_eq!(run(&client, &loopback).unwrap(), "reached");
        // These do not ask it.
        let direct = Client::builder().no_proxy().build().unwrap();
        let rule = Client::builder().address_rule(AddressRule::PublicOnly);
        for client in [direct, rule.build().unwrap()] {
            let error = run(&client, "https://nobody.invalid/").unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::Connect);
        }
        return;
    }
    let proxy = Server::start([Reply::raw("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")]);
    let server = Server::start([Reply::ok("reached")]);
    let test = "environment::a_proxy_is_used_but_for_loopback";
    alone(test, &[("ALL_PROXY", proxy.url("/").as_str())], &server);
    assert_eq!(proxy.only_request().target(), "alice.example:443");
    server.only_request();
}

#[test]
fn a_proxy_that_cannot_be_used_is_not_passed_by() {
    if env::var_os(ALONE).is_some() {
        let error = Client::new().unwrap_err();
        assert!(matches!(error, BuildError::Proxy), "{error:?}");
        Client::builder().no_proxy().build().unwrap();
        return;
    }
    let test = "environment::a_proxy_that_cannot_be_used_is_not_passed_by";
    let variables = [("ALL_PROXY", "socks5://127.0.0.1:1080")];
    alone(test, &variables, &Server::start([]));
}

#[test]
fn without_trusted_roots_only_https_fails() {
    if let Ok(loopback) = env::var(ALONE) {
        let client = Client::builder().no_proxy().build().unwrap();
        assert_eq!(run(&client, &loopback).unwrap(), "reached");
        return;
    }
    let nowhere = [("SSL_CERT_FILE", "/nowhere"), ("SSL_CERT_DIR", "/nowhere")];
    let server = Server::start([Reply::ok("reached")]);
    let test = "environment::without_trusted_roots_only_https_fails";
    alone(test, &nowhere, &server);
    server.only_request();
}
