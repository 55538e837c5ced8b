//! The same over PostgreSQL, in a cluster of its own that is as durable as it is by default.

mod bare;
mod fan_out;
mod plain;
mod rows;
mod sink;

use tent_server::{Database, TentServer};
use tent_testkit::bench::{Table, Work};
use tent_testkit::postgres::Cluster;
use tokio::runtime::Runtime;

pub(crate) use self::bare::router as bare_router;
use crate::client::{Connection, Request, load};
use crate::database;
use crate::peer::{Kind, Peer, free_port};
use crate::{CONNECTIONS, EACH};

/// How many connections to the database a server has, and so the anchors.
const POOL: usize = 16;

/// The server of these benches, on a database of PostgreSQL.
pub(crate) async fn server(config: &str, port: u16) -> TentServer {
    let database = Database::postgres(config, std::env::temp_dir()).await;
    database::server_on(database.expect("it opens"), port).await
}

pub(crate) fn run(runtime: &Runtime, in_full: bool) {
    let Some(cluster) = cluster() else {
        return;
    };
    let (few, posts, many) = match in_full {
        true => (1_000, 200_000, 1_000_000),
        false => (100, 2_000, 2_000),
    };
    let (config, port) = (cluster.create_database(), free_port());
    runtime.block_on(rows::fill(&config, port, posts));
    let other = cluster.create_database();
    runtime.block_on(rows::fill(&other, free_port(), posts));
    let server = Peer::start(Kind::PostgresServer, &config, port);
    reads(runtime, &server, &config, posts);
    writes(runtime, &server, &other);
    drop(server);
    growth(runtime, &cluster, few, many);
}

pub(crate) fn fan_out(runtime: &Runtime, in_full: bool) {
    if let Some(cluster) = cluster() {
        fan_out::run(runtime, &cluster, if in_full { 10_000 } else { 20 });
    }
}

fn cluster() -> Option<Cluster> {
    // The least of caches is too small for a million posts; what is durable stays so.
    Cluster::start(&["-c", "shared_buffers=512MB"])
}

fn reads(runtime: &Runtime, server: &Peer, config: &str, posts: u64) {
    let bare = Peer::start(Kind::PostgresBare, config, free_port());
    let mut table = Table::start(&format!(
        "PostgreSQL: signed reads of {posts} posts, {CONNECTIONS} connections, beside a bare axum handler with such a pool"
    ));
    let ours = Request::get(server.address(), "/posts?limit=50");
    let anchor = Request::get(bare.address(), "/posts?limit=50");
    runtime.block_on(async {
        let (mut a, mut b) = (Connection::to(&ours).await, Connection::to(&anchor).await);
        assert!(
            a.send(&ours).await == b.send(&anchor).await,
            "the same bytes"
        );
    });
    let run = |request: &Request| runtime.block_on(load(CONNECTIONS, EACH, request));
    let work = Work::named("a page of 50").at_most(1.0 / 0.75);
    table.compare_pairs(work, || run(&ours), || run(&anchor));
}

fn writes(runtime: &Runtime, server: &Peer, other: &str) {
    let mut table = Table::start(&format!(
        "PostgreSQL: signed posts of one entity, {CONNECTIONS} writers, each answered when it is durable"
    ));
    let post = Request::post(server.address(), database::MEDIA_TYPE, database::STATUS);
    let ours = || runtime.block_on(load(CONNECTIONS, EACH, &post));
    let plain = plain::Writers::connect(other);
    let work = Work::named("beside plain tokio-postgres").at_most(1.0 / 0.6);
    table.compare_pairs(work, ours, || {
        runtime.block_on(plain.write(CONNECTIONS, EACH));
    });
}

/// Pages of a database with many posts, beside one with few.
fn growth(runtime: &Runtime, cluster: &Cluster, few: u64, many: u64) {
    let [many_posts, few_posts] = [many, few].map(|posts| {
        let (config, port) = (cluster.create_database(), free_port());
        runtime.block_on(rows::fill(&config, port, posts));
        Peer::start(Kind::PostgresServer, &config, port)
    });
    let mut table = Table::start("PostgreSQL: signed pages of 50");
    let page = |server: &Peer| {
        let request = Request::get(server.address(), "/posts?limit=50");
        move || runtime.block_on(load(CONNECTIONS, EACH, &request))
    };
    let work = Work::named(format!("of {many} posts, beside {few}")).at_most(1.3);
    table.compare_pairs(work, page(&many_posts), page(&few_posts));
}
