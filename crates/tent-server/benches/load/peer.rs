//! The process with the server and the bare handler.

use std::cell::RefCell;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::Path as Segments;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use rusqlite::Connection;
use tokio::net::TcpListener;

use crate::database;

const PAGE: &str = "SELECT members, received_at, updated_at, public FROM posts
    WHERE entity_id = 1 ORDER BY received_at DESC, key DESC LIMIT 50";
const POST: &str = "SELECT members, received_at, updated_at, public FROM posts
    WHERE entity_id = 1 AND publisher = (SELECT entity FROM entities WHERE id = 1) AND id = ?1";

/// Serves both until the input ends.
pub(crate) fn serve(folder: &Path) {
    let ports = std::env::var("TENT_BENCH_PORTS").expect("the ports are said");
    let mut ports = ports
        .split(' ')
        .map(|port| port.parse().expect("it is one"));
    let mut address = || SocketAddr::from(([127, 0, 0, 1], ports.next().expect("two are")));
    let (ours, anchor) = (address(), address());
    let runtime = tokio::runtime::Runtime::new().expect("there is a runtime");
    runtime.block_on(async {
        let server = database::server(folder, ours.port()).await;
        let listener = TcpListener::bind(ours).await.expect("the port is free");
        tokio::spawn(server.serve(listener, std::future::pending()));
        let listener = TcpListener::bind(anchor).await.expect("the port is free");
        let bare = bare(folder.join("tent.db"));
        tokio::spawn(async { axum::serve(listener, bare).await });
        println!("ready");
        let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await;
    });
    std::process::exit(0); // the connections need no farewell
}

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// The least that can be done: the rows are read by a connection of the thread, and joined.
fn bare(file: PathBuf) -> Router {
    let one = file.clone();
    Router::new()
        .route("/posts", get(async move || answer(&file, PAGE, &[])))
        .route(
            "/posts/{id}",
            get(async move |Segments(id): Segments<String>| answer(&one, POST, &[&id])),
        )
}

fn answer(
    file: &Path,
    sql: &str,
    values: &[&str],
) -> ([(http::HeaderName, &'static str); 1], String) {
    CONNECTION.with_borrow_mut(|connection| {
        let connection = connection.get_or_insert_with(|| Connection::open(file).expect("it opens"));
        let mut query = connection.prepare_cached(sql).expect("it is SQL");
        let mut rows = query.query(rusqlite::params_from_iter(values)).expect("it reads");
        let mut text = String::with_capacity(32 * 1024);
        let is_list = values.is_empty();
        text.push_str(if is_list { "[" } else { "" });
        while let Some(row) = rows.next().expect("it reads") {
            if text.len() > 1 {
                text.push(',');
            }
            text.push('{');
            text.push_str(row.get_ref(0).expect("a column").as_str().expect("text"));
            let (received, updated): (i64, i64) =
                (row.get(1).expect("a column"), row.get(2).expect("a column"));
            let public: bool = row.get(3).expect("a column");
            text.push_str(&format!(
                r#","received_at":{received},"updated_at":{updated},"permissions":{{"public":{public}}}}}"#
            ));
        }
        text.push_str(if is_list { "]" } else { "" });
        ([(CONTENT_TYPE, "application/vnd.tent.v0+json")], text)
    })
}
