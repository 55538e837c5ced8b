//! The stores, and the file store against other processes and a hostile disk.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agreement;
mod concurrency;
mod file;
mod key_file;

use tent_proto::Entity;
use tent_proto::login::{Account, Registration};
use tent_proto::mac::{Algorithm, Credentials};

fn entity(name: &str) -> Entity {
    format!("https://{name}.example").parse().unwrap()
}

fn registration(name: &str, key: &str) -> Registration {
    let servers = vec![format!("https://tent.{name}.example").parse().unwrap()];
    let credentials = Credentials::new(format!("a:{name}"), key, Algorithm::HmacSha1).unwrap();
    Registration::new(entity(name), servers, name.into(), credentials)
}

fn account(name: &str, key: &str) -> Account {
    let credentials = Credentials::new(format!("u:{name}"), key, Algorithm::HmacSha256).unwrap();
    Account::new(registration(name, "registration-5ecret"), credentials)
}
