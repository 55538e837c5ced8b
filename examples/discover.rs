//! Finds somebody's profile and servers, and shows how:
//!
//! ```text
//! cargo run --example discover -- alice.example
//! ```

use std::error::Error;

use tent_blocking::Client;
use tent_proto::DiscoverEntity;

fn main() -> Result<(), Box<dyn Error>> {
    let entity = std::env::args().nth(1).ok_or("usage: discover ENTITY")?;
    let client = Client::new()?;
    let found = client
        .run(DiscoverEntity::typed(&entity)?)
        .map_err(|error| {
            if let Some(trace) = error.trace() {
                eprint!("{trace}");
            }
            error.to_string()
        })?;

    print!("{}", found.trace);
    println!("entity   {}", found.entity);
    for server in &found.servers {
        println!("server   {server}");
    }
    for (section, content) in found.profile.iter() {
        println!("{section}\n  {content}");
    }
    Ok(())
}
