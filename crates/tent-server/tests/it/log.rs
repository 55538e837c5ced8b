use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use crate::browser::Browser;
use crate::world::{CALLBACK, PASSPHRASE, STATUS, World, credentials, encoded};

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_secret_is_logged() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    // For all threads: what other tests log is searched too.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let world = World::new().await;
    let app = world.register().await;
    let query = format!(
        "{}&state=StateOfTheApp&scope=write_posts&tent_post_types={}",
        app.query(CALLBACK),
        encoded(STATUS)
    );
    let mut browser = Browser::default();
    let page = browser.open(&world, &query).await.ok();
    browser
        .submit(&world, &query, &page, "passphrase=WrongGuess")
        .await;
    browser.sign_in(&world, &query).await;
    let code = browser.approve(&world, &query).await;
    let token = world.exchange(&app, &code).await.ok().json();
    let user = credentials(&token, "access_token");
    let header = world.sign(&user, "GET", "/posts");
    world.publish(&user, "Private thoughts", false).await;
    world.exchange(&app, &code).await;

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for event in [
        "an app registered",
        "a wrong passphrase was given",
        "the owner signed in",
        "an app was approved",
        "a code was exchanged",
        "a post was created",
    ] {
        assert!(log.contains(event), "{event} is not in {log}");
    }
    let cookie = browser.cookie.unwrap();
    let (_, cookie) = cookie.split_once('=').unwrap();
    let mac = header.rsplit_once("mac=").unwrap().1;
    for secret in [
        PASSPHRASE,
        &encoded(PASSPHRASE),
        "WrongGuess",
        "StateOfTheApp",
        "Private thoughts",
        &code,
        cookie,
        mac,
        app.credentials.key().expose(),
        user.key().expose(),
        token["refresh_token"].as_str().unwrap(),
    ] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}
