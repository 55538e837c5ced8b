//! Receives posts that the person's server sends, with axum:
//!
//! ```text
//! cargo run --example receive_notifications -- https://app.example/notify 127.0.0.1:8080
//! ```
//!
//! The first argument is the notification URL as it was asked for at login, the second where to
//! listen. It uses the credentials that the example `login` keeps.

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use tent_flow::Moment;
use tent_proto::mac::Credentials;
use tent_proto::notification::Receiver;
use tent_store::{CredentialStore, FileStore};
use url::Url;

struct App {
    receiver: Mutex<Receiver>,
    store: FileStore,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let usage = "usage: receive_notifications URL ADDRESS";
    let url: Url = std::env::args().nth(1).ok_or(usage)?.parse()?;
    let address = std::env::args().nth(2).ok_or(usage)?;
    let path = std::env::var("TENT_CREDENTIALS").unwrap_or("credentials.json".into());
    let app = Arc::new(App {
        receiver: Mutex::new(Receiver::new(url.clone())),
        store: FileStore::new(path),
    });
    let router = Router::new()
        .route(url.path(), post(receive))
        .with_state(app);
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening at {}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn receive(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let wall = SystemTime::now();
    let mono = Duration::ZERO; // nothing here waits
    let authorization = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let Ok(mut receiver) = app.receiver.lock() else {
        return StatusCode::INTERNAL_SERVER_ERROR;
    };
    let received = receiver.receive(Moment { wall, mono }, authorization, &body, |id| {
        credentials(&app.store, id)
    });
    match received {
        Ok(notification) => {
            for post in notification.posts {
                println!("{post:?}");
            }
            StatusCode::OK
        }
        Err(error) => {
            eprintln!("{error}");
            error.status()
        }
    }
}

/// The credential of this id, among those of all accounts.
fn credentials(store: &FileStore, id: &str) -> Option<Credentials> {
    let entities = store.entities().ok()?;
    let mut accounts = entities
        .iter()
        .filter_map(|entity| store.account(entity).ok()?);
    accounts.find_map(|account| (account.credentials.id() == id).then_some(account.credentials))
}
