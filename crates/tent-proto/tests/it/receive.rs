//! Every call: the request that a client builds is read by a server as the same call.

pub(crate) mod any_post;
mod any_relation;
mod apps;
mod draft;
mod followers;
mod followings;
mod groups;
mod lists;
mod posts;
mod profile;

use std::fmt::Debug;
use std::io::Read;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use tent_flow::Body;
use tent_proto::call::{Receive, ReceiveError, Received};
use tent_proto::{Entity, Server};

const ROOT: &str = "https://a.example/tent";

/// Sends the call in thought, and reads it as a server whose root has a path of its own.
fn received<C: Receive>(call: &C) -> Result<C, ReceiveError> {
    let server: Server = ROOT.parse().unwrap();
    let request = call.request(&server).unwrap();
    let path = request.url.path().strip_prefix("/tent").unwrap();
    let body = bytes_of(&request.body);
    let (method, headers) = (&request.method, &request.headers);
    C::receive(&Received::new(
        method,
        path,
        request.url.query(),
        headers,
        &body,
    )?)
}

/// Reads a call from a request of anybody's, with a JSON body.
fn read<C: Receive>(method: &str, path: &str, body: &'static str) -> Result<C, ReceiveError> {
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, json)]);
    let (method, body) = (method.parse().unwrap(), body.into());
    C::receive(&Received::new(&method, path, query, &headers, &body)?)
}

fn bytes_of(body: &Body) -> Bytes {
    let mut bytes = Vec::new();
    body.reader().read_to_end(&mut bytes).unwrap();
    bytes.into()
}

pub(crate) fn round_trip<C: Receive + PartialEq + Debug>(call: &C) -> Result<(), TestCaseError> {
    let received = received(call).map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
    prop_assert_eq!(&received, call);
    Ok(())
}

/// Any id, ids with slashes and other characters that must be encoded among them.
pub(crate) fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[A-Za-z0-9_-]{1,22}",
        1 => "[ -~éß]{1,12}".prop_filter("not a dot segment", |id| id != "." && id != ".."),
    ]
}

fn entity() -> impl Strategy<Value = Entity> {
    "https?://[a-z][a-z0-9]{0,8}\\.example(:8[0-9]{3})?(/[a-z~]{1,5})?"
        .prop_map(|text| text.parse().unwrap())
}
