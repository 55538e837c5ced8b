//! The connections of a server that serves a listener by itself.

mod answer;
mod places;
mod stream;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
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
use tokio::sync::watch;

use self::answer::Answer;
use self::places::{Place, Places};
use self::stream::Stream;
use crate::metrics::Counted;
use crate::monitor;
use crate::resources::Resources;

/// How many connections are served at a time. For more, idle ones make room, or they wait.
const MOST: u32 = 1_000;
/// How long the head of a request may take to come, the wait between two requests included.
const HEAD: Duration = Duration::from_secs(30);
/// How long a head may be, in bytes, and how much of a request or an answer a connection holds.
const BUFFER: usize = 64 * 1024;
/// How long requests in flight have when the server is told to stop, until their answers are taken.
const GRACE: Duration = Duration::from_secs(30);
/// How long a connection without a request in flight has then.
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
    let places = Places::new(most);
    let (stop, stopping) = watch::channel(false);
    let mut shutdown = pin!(shutdown);
    loop {
        let next = async {
            // This one outlives what fails for one connection, or for want of descriptors.
            let (stream, peer) = Listener::accept(&mut listener).await;
            (places.take().await, stream, peer)
        };
        let (place, stream, peer) = tokio::select! {
            next = next => next,
            () = &mut shutdown => break,
        };
        let (router, stopping) = (router.clone(), stopping.clone());
        let counted = Counted::by(&connections);
        tokio::spawn(async move {
            let _counted = counted;
            if let Err(error) = attend(stream, peer, router, &place, stopping).await {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    tracing::info!("stopping");
    stop.send_replace(true);
    let ended = tokio::time::timeout(GRACE, places.all_free());
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
    place: &Place,
    mut stopping: watch::Receiver<bool>,
) -> hyper::Result<()> {
    // What is written is whole, or a large piece: there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let busy = place.begin();
        let answer = router.call(request);
        async move {
            let answer = answer.await;
            answer.map(|answer| answer.map(|body| Answer::new(body, busy)))
        }
    });
    let stream = Stream::new(stream, place.standing().clone());
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        ended = &mut connection => return ended,
        () = place.wanted() => return Ok(()),
        _ = stopping.wait_for(|stop| *stop) => connection.as_mut().graceful_shutdown(),
    }
    let patience = match place.standing().is_idle() {
        true => FAREWELL,
        false => GRACE,
    };
    tokio::time::timeout(patience, connection)
        .await
        .unwrap_or(Ok(()))
}
