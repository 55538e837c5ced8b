//! What the driver adds to `reqwest`, on loopback.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use bytes::Bytes;
use tent_async::Client;
use tent_flow::sink::Memory;
use tent_flow::{Flow, Input, Moment, Request, Step, TransportError};
use tent_testkit::bench::{Table, Work};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use url::Url;

const IN_FLIGHT: usize = 64;
const REQUESTS: usize = 32 * IN_FLIGHT;

fn main() {
    let mut table = Table::start("GETs of 1 KB on loopback, 64 in flight, async");
    let provider = rustls::crypto::ring::default_provider();
    provider.install_default().expect("there is none yet");
    let bare = reqwest::Client::builder().no_proxy().build();
    let bare = bare.expect("it can be set up");
    let ours = Client::from(bare.clone());
    let limited = Client::builder().no_proxy().build();
    let limited = limited.expect("it can be set up");

    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("there is a runtime");
    let url: Url = format!("http://{}/posts?limit=1", serve())
        .parse()
        .expect("it is a URL");
    let anchor = async |bare: &reqwest::Client, url: &Url| -> usize {
        let answer = bare.get(url.clone()).send().await;
        let body = answer.expect("there is an answer").bytes().await;
        body.expect("it has a body").len()
    };
    for (name, client) in [
        ("client.run on that client, beside reqwest alone", ours),
        ("client.run on one of our own, with its limits", limited),
    ] {
        table.compare_pairs(
            Work::named(name).at_most(1.12),
            || {
                round(&runtime, || {
                    let (client, url) = (client.clone(), url.clone());
                    async move {
                        for _ in 0..REQUESTS / IN_FLIGHT {
                            let body = client.run(Get(url.clone())).await;
                            assert_eq!(body.expect("there is an answer").len(), 1024);
                        }
                    }
                });
            },
            || {
                round(&runtime, || {
                    let (bare, url) = (bare.clone(), url.clone());
                    async move {
                        for _ in 0..REQUESTS / IN_FLIGHT {
                            assert_eq!(anchor(&bare, &url).await, 1024);
                        }
                    }
                });
            },
        );
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
    let mut answer =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1024\r\n\r\n"
            .to_vec();
    answer.resize(answer.len() + 1024, b'x');
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
