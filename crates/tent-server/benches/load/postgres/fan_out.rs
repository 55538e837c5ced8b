//! One post on its way to many followers.

use std::cell::RefCell;
use std::net::SocketAddr;

use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use tent_proto::mac::Stamp;
use tent_testkit::bench::{Table, Work};
use tent_testkit::postgres::Cluster;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::rows;
use super::sink::Sink;
use crate::client::{Request, load};
use crate::database::{self, MEDIA_TYPE, MEMBERS, credentials};
use crate::peer::{Kind, Peer, free_port};

/// How many servers the followers have.
const SERVERS: usize = 16;
/// How many requests the anchor has under way, as the server does.
const AT_A_TIME: u64 = 32;

pub(super) fn run(runtime: &Runtime, cluster: &Cluster, followers: u64) {
    let sinks = Runtime::new().expect("there is a runtime");
    let sink = sinks.block_on(Sink::start(SERVERS));
    let servers = sink.servers.clone();
    let sink = RefCell::new(sink);
    let (config, port) = (cluster.create_database(), free_port());
    runtime.block_on(async {
        rows::fill(&config, port, 1_000).await;
        rows::follow(&config, followers, &servers).await;
    });
    let server = Peer::start(Kind::PostgresServer, &config, port);
    let mut table = Table::start(&format!(
        "PostgreSQL: a post for {followers} followers on {SERVERS} servers, until all have it"
    ));
    let post = Request::post(server.address(), MEDIA_TYPE, database::STATUS);
    let provider = rustls::crypto::ring::default_provider();
    provider.install_default().expect("there is none yet");
    let client = reqwest::Client::builder().no_proxy().build();
    let client = client.expect("there is a client");
    let work = Work::named("beside as many signed requests by reqwest").at_most(1.0 / 0.5);
    table.compare_pairs(
        work.pairs(5),
        || {
            let due = sink.borrow().got() + followers;
            runtime.block_on(load(1, 1, &post));
            sinks.block_on(sink.borrow_mut().wait_for(due));
        },
        || sinks.block_on(send(&client, &servers, followers)),
    );
}

/// Sends as much by bare reqwest.
async fn send(client: &reqwest::Client, servers: &[SocketAddr], count: u64) {
    let mut tasks = JoinSet::new();
    for first in 1..=AT_A_TIME {
        let (client, servers) = (client.clone(), servers.to_vec());
        tasks.spawn(async move {
            for number in (first..=count).step_by(AT_A_TIME as usize) {
                let server = servers[number as usize % servers.len()];
                send_one(&client, server, number).await;
            }
        });
    }
    tasks.join_all().await;
}

async fn send_one(client: &reqwest::Client, server: SocketAddr, number: u64) {
    let url = format!("http://{server}/f{number}/notifications/n{number}");
    let url = url.parse().expect("it is a URL");
    let stamp = Stamp {
        timestamp: database::now(),
        nonce: &number.to_string(),
    };
    let authorization = credentials().sign(&Method::POST, &url, stamp);
    let sent = client
        .post(url)
        .header(AUTHORIZATION, authorization)
        .header(CONTENT_TYPE, MEDIA_TYPE)
        .body(format!("{{{MEMBERS}}}"))
        .send()
        .await;
    let answered = sent.and_then(reqwest::Response::error_for_status);
    drop(answered.expect("it takes it"));
}
