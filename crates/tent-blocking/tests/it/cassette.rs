//! Cassettes under this driver.

use tent_blocking::Client;
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{Post, Session};
use tent_testkit::cassette::Cassette;
use tent_testkit::faults::{Faults, Peer};

fn session(client: &Client, server: &str) -> Session {
    let servers = vec![server.parse().expect("a server")];
    let credentials = Credentials::new("u:1", "0f1e2d3c4b5a", Algorithm::HmacSha256);
    let entity = "https://alice.example".parse().expect("an entity");
    Session::new(
        entity,
        servers,
        credentials.expect("they are good"),
        client.seed(),
    )
}

#[test]
fn what_was_recorded_over_a_socket_is_replayed_without() {
    let client = Client::builder().no_proxy().build().unwrap();
    let answer = r#"{"id":"p1","mac_key":"5ecret-5ecret"}"#;
    let peer = Peer::start(&Faults::none(), |_| http::Response::new(answer.into())).unwrap();
    let server = peer.url().to_string();
    let create =
        || session(&client, server.trim_end_matches('/')).create_post(&Post::status("Hello"));

    let cassette = Cassette::new();
    client.run(cassette.record(create())).unwrap();
    let text = cassette.to_string();
    assert!(
        text.contains("MAC masked") && !text.contains("5ecret"),
        "{text}"
    );

    drop(peer);
    let cassette: Cassette = text.parse().unwrap();
    let post = client.run(cassette.replay(create())).unwrap();
    assert_eq!(post.id.unwrap().as_str(), "p1");
    cassette.finish();
}
