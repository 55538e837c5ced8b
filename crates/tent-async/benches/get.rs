//! What signing, types and the driver add to `reqwest`, on loopback.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use tent_async::Client;
use tent_flow::policy::RateLimit;
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{Policy, Post, Session};
use tent_testkit::bench::{Table, Work, answer_of_one_kilobyte};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use url::Url;

const IN_FLIGHT: usize = 64;
const REQUESTS: usize = 32 * IN_FLIGHT;

fn main() {
    let provider = rustls::crypto::ring::default_provider();
    provider.install_default().expect("there is none yet");
    let bare = reqwest::Client::builder().no_proxy().build();
    let bare = bare.expect("it can be set up");
    let own = Client::builder().no_proxy().build();
    let own = own.expect("it can be set up");
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("there is a runtime");
    let root = format!("http://{}", serve());
    let url: Url = format!("{root}/posts/p0Lk3Jh8Gf5Ds2Aq1Wz9Xc")
        .parse()
        .expect("it is a URL");
    let session = Session::new(
        root.parse().expect("it is an entity"),
        vec![root.parse().expect("it is a server")],
        Credentials::new(
            "u:7nC2wq0Yd1kR5sV8xZ3bLg",
            "0f1e2d3c4b5a",
            Algorithm::HmacSha256,
        )
        .expect("it is a credential"),
        own.seed(),
    );
    let fetch = |client: &Client, session: &Session| {
        round(&runtime, || {
            let (client, session) = (client.clone(), session.clone());
            async move {
                for _ in 0..REQUESTS / IN_FLIGHT {
                    let post = client.run(session.get_post("p0Lk3Jh8Gf5Ds2Aq1Wz9Xc")).await;
                    post.expect("there is a post");
                }
            }
        });
    };
    let anchor = || {
        round(&runtime, || {
            let (bare, url) = (bare.clone(), url.clone());
            async move {
                for _ in 0..REQUESTS / IN_FLIGHT {
                    let answer = bare.get(url.clone()).send().await;
                    let body = answer.expect("there is an answer").bytes().await;
                    let body = body.expect("it has a body");
                    serde_json::from_slice::<Post>(&body).expect("it is a post");
                }
            }
        });
    };

    let mut table = Table::start("GETs of 1 KB on loopback, 64 in flight, async");
    let plain = Client::from(bare.clone());
    for (name, client) in [
        ("signed and typed, beside reqwest and from_slice", &plain),
        ("the same on a client of our own, with its limits", &own),
    ] {
        let work = Work::named(name).at_most(1.12);
        table.compare_pairs(work, || fetch(client, &session), anchor);
    }

    let mut table = Table::start("The same with policies, beside none of them");
    let off = session.clone().with_policy(Policy::off());
    for (name, policy) in [
        ("waiting, retries, failover", Policy::default()),
        (
            "pacing, retries, failover",
            Policy::default().rate_limit(RateLimit::pace()),
        ),
    ] {
        let on = session.clone().with_policy(policy);
        let work = Work::named(name).at_most(1.03);
        table.compare_pairs(work, || fetch(&plain, &on), || fetch(&plain, &off));
    }
}

fn round<F>(runtime: &Runtime, worker: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    runtime.block_on(async {
        let mut workers = JoinSet::new();
        for _ in 0..IN_FLIGHT {
            workers.spawn(worker());
        }
        workers.join_all().await;
    });
}

/// Serves the same kilobyte over and over, each connection on a thread of its own.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || answer(connection));
        }
    });
    address
}

fn answer(mut connection: TcpStream) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let answer = answer_of_one_kilobyte();
    let mut lines = BufReader::new(connection.try_clone()?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        if line == b"\r\n" {
            connection.write_all(&answer)?;
        }
        line.clear();
    }
    Ok(())
}
