//! Publishes a status and reads it back, with the asynchronous client:
//!
//! ```text
//! cargo run --example post_status_async -- "Hello, world"
//! ```
//!
//! It uses the credential that the example `login` keeps.

use std::error::Error;

use tent_async::Client;
use tent_proto::Post;
use tent_store::{CredentialStore, FileStore};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let text = std::env::args().nth(1).unwrap_or("Hello, world".into());
    let path = std::env::var("TENT_CREDENTIALS").unwrap_or("credentials.json".into());
    let store = FileStore::new(path);
    let entity = store.default_entity()?.ok_or("log in first")?;
    let account = store.account(&entity)?.ok_or("log in first")?;

    let client = Client::new()?;
    let session = account.session(client.seed());
    let post = client
        .run(session.create_post(&Post::status(text).public()))
        .await?;
    let id = post.id.ok_or("the server gave the post no id")?;
    let post = client.run(session.get_post(id)).await?;
    println!(
        "{}",
        post.content.ok_or("the post came back empty")?.as_json()
    );
    Ok(())
}
