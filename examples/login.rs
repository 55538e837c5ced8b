//! Logs in, and keeps the credential in `credentials.json` for the other examples:
//!
//! ```text
//! cargo run --example login -- alice.example
//! ```
//!
//! A second argument is the URL that the server shall send new posts to, as the example
//! `receive_notifications` takes them: `https://app.example/notify`.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use tent_blocking::Client;
use tent_proto::login::{ApprovalRequest, register};
use tent_proto::{App, DiscoverEntity, Scope, TypeUri};
use tent_store::{CredentialStore, FileStore};

fn main() -> Result<(), Box<dyn Error>> {
    let entity = std::env::args().nth(1).ok_or("usage: login ENTITY [URL]")?;
    let notification_url = std::env::args().nth(2);
    let path = std::env::var("TENT_CREDENTIALS").unwrap_or("credentials.json".into());
    let store = FileStore::new(path);
    let client = Client::new()?;

    // Whose servers?
    let found = client.run(DiscoverEntity::typed(&entity)?)?;

    // Register with just the address where the browser will come back to, and save that first: the
    // registration's key is never shown again.
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let redirect_uri = format!("http://{}/tent", listener.local_addr()?);
    let app = App::new("Tent examples", "https://app.example")
        .description("Shows how a Tent app is written")
        .redirect_uri(&redirect_uri)
        .scope(
            Scope::ReadPosts,
            "Shows your posts and those of whom you follow",
        )
        .scope(Scope::WritePosts, "Publishes a status")
        .scope(Scope::ReadGroups, "Shows that the login worked");
    let registration = client.run(register(&found, app))?;
    store.save_registration(&registration)?;

    // The person approves, in their browser.
    let mut asked = ApprovalRequest::new(redirect_uri)
        .scope(Scope::ReadPosts)
        .scope(Scope::WritePosts)
        .scope(Scope::ReadGroups)
        .post_type(TypeUri::all());
    if let Some(url) = notification_url {
        asked = asked.notification_url(url);
    }
    let (url, pending) = registration.authorize(asked, client.seed())?;
    println!("open {url}");
    let code = pending.accept(&redirect(&listener)?)?;

    // The code, which works once, becomes a credential: saved first, then proved by a signed call.
    let account = client.run(registration.exchange(code, client.seed())?)?;
    store.save_account(&account)?;
    store.set_default_entity(&account.registration.entity)?;
    client.run(account.session(client.seed()).prove())?;
    println!("logged in {}", account.registration.entity);
    Ok(())
}

/// The target of the first request that comes in.
fn redirect(listener: &TcpListener) -> Result<String, Box<dyn Error>> {
    let (mut stream, _) = listener.accept()?;
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line)?;
    let page = "Done. You can close this page.";
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    )?;
    let target = line
        .split(' ')
        .nth(1)
        .ok_or("the browser sent no request")?;
    Ok(target.to_owned())
}
