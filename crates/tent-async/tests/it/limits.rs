//! What a server says of its limit holds for all sessions of a client that have the credential.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use tent_async::Client;
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{CallError, Policy, Session};
use tent_testkit::faults::{Faults, Peer};
use tokio::runtime::Builder;

fn session(client: &Client, peer: &Peer, id: &str) -> Session {
    let root = peer.url();
    Session::new(
        root.as_str().parse().expect("an entity"),
        vec![root.as_str().parse().expect("a server")],
        Credentials::new(id, "k", Algorithm::HmacSha256).expect("a credential"),
        client.seed(),
    )
    .with_policy(Policy::default().longest_wait(Duration::ZERO))
    .with_limiters(client.limiters())
}

#[test]
fn sessions_of_one_credential_know_what_each_other_was_told() {
    let count = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&count);
    let peer = Peer::start(&Faults::none(), move |_| {
        asked.fetch_add(1, Ordering::Relaxed);
        let answer = Response::builder()
            .header("x-ratelimit-remaining", "0")
            .header("x-ratelimit-reset", "100");
        answer.body(Bytes::from_static(b"[]")).unwrap()
    });
    let peer = peer.unwrap();
    let client = Client::new().unwrap();
    let list = async |client: &Client, session: &Session| {
        let page = client.run(session.list_posts(Default::default())).await;
        page.map(|page| page.items.len())
    };

    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (clone, first) = (client.clone(), session(&client, &peer, "u:1"));
        let task = async move { clone.run(first.list_posts(Default::default())).await };
        tokio::spawn(task).await.unwrap().unwrap();
        let second = session(&client, &peer, "u:1");
        let error = list(&client, &second).await.unwrap_err();
        let is_kept_back = matches!(error, CallError::RateLimited { refusal: None, .. });
        assert!(is_kept_back, "{error:?}");
        assert_eq!(second.limits().remaining, Some(0));
        assert_eq!(count.load(Ordering::Relaxed), 1);

        // Another credential has a limit of its own, and another client knows nothing.
        list(&client, &session(&client, &peer, "u:2"))
            .await
            .unwrap();
        let other = Client::new().unwrap();
        list(&other, &session(&other, &peer, "u:1")).await.unwrap();
        assert_eq!(count.load(Ordering::Relaxed), 3);
    });
}
