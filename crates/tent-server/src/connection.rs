//! The connections of a server that serves a listener by itself.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use prometheus_client::metrics::gauge::Gauge;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::metrics::Counted;
use crate::monitor;
use crate::resources::Resources;

/// How many connections are served at a time. More wait to be accepted.
const MOST: u32 = 1_000;
/// How long the head of a request may take to come, the wait between two requests included.
const HEAD: Duration = Duration::from_secs(30);
/// How long requests in flight have when the server is told to stop.
const GRACE: Duration = Duration::from_secs(30);
/// How long a connection without a request in flight has then, to take the last of an answer.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves a listener until `shutdown` ends. Besides what the router has, `/healthz` and `/readyz` are
/// answered, under whatever host.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    resources: &Arc<Resources>,
    shutdown: impl Future<Output = ()>,
) {
    let router = monitor::health(resources).fallback_service(router);
    let connections = resources.metrics.connections.clone();
    accept(listener, router, connections, shutdown, MOST).await;
}

async fn accept(
    mut listener: TcpListener,
    router: Router,
    connections: Gauge,
    shutdown: impl Future<Output = ()>,
    most: u32,
) {
    let router = TowerToHyperService::new(router);
    let places = Arc::new(Semaphore::new(most as usize));
    let (stop, stopping) = watch::channel(false);
    let mut shutdown = pin!(shutdown);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            // This one outlives what fails for one connection, or for want of descriptors.
            (place, Listener::accept(&mut listener).await)
        };
        let (place, (stream, peer)) = tokio::select! {
            next = next => next,
            () = &mut shutdown => break,
        };
        let (router, stopping) = (router.clone(), stopping.clone());
        let counted = Counted::by(&connections);
        tokio::spawn(async move {
            let _place = (place, counted);
            if let Err(error) = attend(stream, peer, router, stopping).await {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    tracing::info!("stopping");
    stop.send_replace(true);
    // When every place is free, every connection has ended.
    let ended = tokio::time::timeout(GRACE, places.acquire_many(most));
    if ended.await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

/// Serves one connection. When the server stops, a request in flight is answered first; one that has
/// not come as a whole is not waited for.
async fn attend(
    stream: TcpStream,
    peer: SocketAddr,
    router: TowerToHyperService<Router>,
    mut stopping: watch::Receiver<bool>,
) -> hyper::Result<()> {
    let in_flight = AtomicUsize::new(0);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        in_flight.fetch_add(1, Ordering::Relaxed);
        let answer = router.call(request);
        async {
            let answer = answer.await;
            in_flight.fetch_sub(1, Ordering::Relaxed);
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        ended = &mut connection => return ended,
        _ = stopping.wait_for(|stop| *stop) => connection.as_mut().graceful_shutdown(),
    }
    let patience = match in_flight.load(Ordering::Relaxed) {
        0 => FAREWELL,
        _ => GRACE,
    };
    tokio::time::timeout(patience, connection)
        .await
        .unwrap_or(Ok(()))
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::time::Instant;

    use super::*;

    /// Serves so many connections at a time, with a clock that runs ahead when there is nothing to do.
    async fn serving(most: u32) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() };
        let router = Router::new().route("/", get(peer));
        let serving = accept(
            listener,
            router,
            Gauge::default(),
            std::future::pending(),
            most,
        );
        tokio::spawn(serving);
        tokio::time::pause();
        address
    }

    #[tokio::test]
    async fn a_head_that_does_not_come_is_not_waited_for() {
        let address = serving(MOST).await;
        for start in ["", "GET / HTTP/1.1\r\nHost:", "GET / HTTP/1.1\r\n\r\nGET /"] {
            let began = Instant::now();
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(start.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            assert_eq!(began.elapsed().as_secs(), HEAD.as_secs(), "{start:?}");
        }
    }

    #[tokio::test]
    async fn a_connection_beyond_the_most_waits_for_a_place() {
        let address = serving(1).await;
        let began = Instant::now();
        let idle = TcpStream::connect(address).await.unwrap();
        let mut next = TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
        next.write_all(request).await.unwrap();
        let mut answer = String::new();
        next.read_to_string(&mut answer).await.unwrap();
        let peer = next.local_addr().unwrap().to_string();
        assert!(answer.ends_with(&peer), "{answer}");
        assert!(began.elapsed() >= HEAD, "when the idle one was closed");
        drop(idle);
    }

    #[tokio::test]
    async fn a_request_that_does_not_end_holds_the_stop_up_for_so_long() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let begun = Arc::new(tokio::sync::Notify::new());
        let handler = {
            let begun = Arc::clone(&begun);
            move || async move {
                begun.notify_one();
                std::future::pending::<()>().await;
            }
        };
        let router = Router::new().route("/", get(handler));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        tokio::time::pause();
        let began = Instant::now();
        accept(listener, router, Gauge::default(), begun.notified(), MOST).await;
        assert_eq!(began.elapsed().as_secs(), GRACE.as_secs());
        assert!(TcpStream::connect(address).await.is_err());
    }
    #[tokio::test]
    async fn a_request_that_has_not_come_does_not_hold_the_stop_up() {
        for start in ["", "GET / HTTP/1.1\r\nHost:", "GET / HTTP/1.1\r\n\r\nGET /"] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let router = Router::new().route("/", get(|| async { "here" }));
            let stop = Arc::new(tokio::sync::Notify::new());
            let stopped = {
                let stop = Arc::clone(&stop);
                let serving = async move {
                    accept(listener, router, Gauge::default(), stop.notified(), MOST).await;
                };
                tokio::spawn(serving)
            };
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(start.as_bytes()).await.unwrap();
            // Another connection, accepted later, is answered: so the first is attended to.
            let mut other = TcpStream::connect(address).await.unwrap();
            let request = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
            other.write_all(request).await.unwrap();
            other.read_to_end(&mut Vec::new()).await.unwrap();
            tokio::time::pause();
            let began = Instant::now();
            stop.notify_one();
            stopped.await.unwrap();
            let seconds = began.elapsed().as_secs();
            assert!(
                seconds <= FAREWELL.as_secs(),
                "{start:?}: {seconds} seconds"
            );
            tokio::time::resume();
        }
    }
}
