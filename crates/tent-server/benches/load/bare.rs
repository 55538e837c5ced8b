//! The least that can be done to answer the same reads: a handler that has a few threads read the rows,
//! as ours does, and join them.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use axum::Router;
use axum::extract::{Path as Segments, State};
use axum::routing::get;
use http::HeaderName;
use http::header::CONTENT_TYPE;
use rusqlite::Connection;
use tokio::sync::oneshot;

const READERS: usize = 3;

const PAGE: &str = "SELECT members, received_at, updated_at, public FROM posts
    WHERE entity_id = 1 ORDER BY received_at DESC, key DESC LIMIT 50";
const POST: &str = "SELECT members, received_at, updated_at, public FROM posts
    WHERE entity_id = 1 AND publisher = (SELECT entity FROM entities WHERE id = 1) AND id = ?1";

/// What is wanted: one post, or a page of them.
type Job = (Option<String>, oneshot::Sender<String>);
type Answer = ([(HeaderName, &'static str); 1], String);

pub(crate) fn router(file: &Path) -> Router {
    let (readers, jobs) = mpsc::channel();
    let jobs = Arc::new(Mutex::new(jobs));
    for _ in 0..READERS {
        let (connection, jobs) = (Connection::open(file), Arc::clone(&jobs));
        thread::spawn(move || read(&connection.expect("it opens"), &jobs));
    }
    Router::new()
        .route("/posts", get(page))
        .route("/posts/{id}", get(post))
        .with_state(readers)
}

async fn page(State(readers): State<Sender<Job>>) -> Answer {
    ask(&readers, None).await
}

async fn post(State(readers): State<Sender<Job>>, Segments(id): Segments<String>) -> Answer {
    ask(&readers, Some(id)).await
}

async fn ask(readers: &Sender<Job>, id: Option<String>) -> Answer {
    let (sender, receiver) = oneshot::channel();
    readers.send((id, sender)).expect("they wait");
    let text = receiver.await.expect("they answer");
    ([(CONTENT_TYPE, "application/vnd.tent.v0+json")], text)
}

fn read(connection: &Connection, jobs: &Mutex<Receiver<Job>>) {
    let next = || jobs.lock().expect("nobody panics").recv();
    while let Ok((id, sender)) = next() {
        let text = match &id {
            Some(id) => posts(connection, POST, &[id]),
            None => format!("[{}]", posts(connection, PAGE, &[])),
        };
        let _ = sender.send(text);
    }
}

fn posts(connection: &Connection, sql: &str, values: &[&str]) -> String {
    let mut query = connection.prepare_cached(sql).expect("it is SQL");
    let values = rusqlite::params_from_iter(values);
    let mut rows = query.query(values).expect("it reads");
    let mut text = String::with_capacity(32 * 1024);
    while let Some(row) = rows.next().expect("it reads") {
        if !text.is_empty() {
            text.push(',');
        }
        text.push('{');
        text.push_str(row.get_ref(0).expect("a column").as_str().expect("text"));
        let time = |index| row.get::<_, i64>(index).expect("a time");
        let (received, updated) = (time(1), time(2));
        let public: bool = row.get(3).expect("a column");
        text.push_str(&format!(
            r#","received_at":{received},"updated_at":{updated},"permissions":{{"public":{public}}}}}"#
        ));
    }
    text
}
