//! Shows the latest posts, one's own and those of whom one follows:
//!
//! ```text
//! cargo run --example latest_posts
//! ```
//!
//! It uses the credential that the example `login` keeps.

use std::error::Error;

use tent_blocking::Client;
use tent_proto::TypeUri;
use tent_proto::call::ListPosts;
use tent_proto::model::Status;
use tent_store::{CredentialStore, FileStore};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::var("TENT_CREDENTIALS").unwrap_or("credentials.json".into());
    let store = FileStore::new(path);
    let entity = store.default_entity()?.ok_or("log in first")?;
    let account = store.account(&entity)?.ok_or("log in first")?;

    let client = Client::new()?;
    let session = account.session(client.seed());
    let statuses = ListPosts::new().limit(50).post_type(&TypeUri::status());
    // Page after page, each fetched when it is needed: 120 posts are three requests.
    for post in client.items(session.posts(statuses)).take(120) {
        let post = post?;
        let status: Status = post.content()?;
        let who = post
            .entity
            .as_ref()
            .map_or("somebody", |entity| entity.as_str());
        println!("{who}: {}", status.text.as_deref().unwrap_or("(no text)"));
    }
    Ok(())
}
