use http::StatusCode;
use http::header::{LOCATION, RETRY_AFTER, SET_COOKIE};

use crate::browser::Browser;
use crate::world::{Answer, CALLBACK, PASSPHRASE, World, encoded};

const WRONG: &str = "passphrase=wrong";

#[tokio::test]
async fn the_cookie_is_for_this_host_alone_and_changes_with_signing_in() {
    let world = World::new().await;
    let query = world.register().await.query(CALLBACK);
    let mut browser = Browser::default();
    let page = browser.open(&world, &query).await.ok();
    let cookie = page.header(SET_COOKIE);
    assert!(cookie.starts_with("__Host-tent_session="), "{cookie}");
    for attribute in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(
            cookie.split("; ").any(|one| one == attribute),
            "{attribute} in {cookie}"
        );
    }
    let before = browser.cookie.clone();
    assert_eq!(
        browser.open(&world, &query).await.header(SET_COOKIE),
        "",
        "it is kept"
    );
    browser.sign_in(&world, &query).await;
    assert_ne!(browser.cookie, before);

    // Over http the browser would refuse both the prefix and the attribute.
    let world = World::at("http://alice.example:8080/tent").await;
    let query = world.register().await.query(CALLBACK);
    let page = Browser::default().open(&world, &query).await.ok();
    let cookie = page.header(SET_COOKIE);
    assert!(
        cookie.starts_with("tent_session=") && !cookie.contains("Secure"),
        "{cookie}"
    );
}

#[tokio::test]
async fn forms_of_other_pages_do_nothing() {
    let world = World::new().await;
    let query = world.register().await.query(CALLBACK);
    let mut owner = Browser::default();
    owner.sign_in(&world, &query).await;
    let mut other = Browser::default();
    let foreign = other.open(&world, &query).await.ok();
    for (page, pairs) in [
        ("csrf=", "decision=approve"),
        ("csrf=x", "decision=approve"),
        (foreign.text(), "decision=approve"),
    ] {
        let page = Answer {
            body: page.to_owned().into(),
            ..owner.open(&world, &query).await
        };
        let answer = owner.submit(&world, &query, &page, pairs).await;
        assert_eq!(
            (answer.status, answer.header(LOCATION)),
            (StatusCode::FORBIDDEN, "")
        );
        assert!(answer.text().contains("The form has expired"));
    }
    let mut bare = Browser::default();
    let answer = bare
        .submit(
            &world,
            &query,
            &foreign,
            &format!("passphrase={}", encoded(PASSPHRASE)),
        )
        .await;
    assert_eq!(
        answer.status,
        StatusCode::FORBIDDEN,
        "a form needs its cookie"
    );

    // Its own form, but nobody is signed in.
    let answer = other
        .submit(&world, &query, &foreign, "decision=approve")
        .await;
    assert_eq!(
        answer.header(LOCATION),
        format!("/tent/oauth/authorize?{query}")
    );
    let neither = owner.open(&world, &query).await.ok();
    assert_eq!(
        owner
            .submit(&world, &query, &neither, "x=y")
            .await
            .error()
            .0,
        400
    );
    assert_eq!(
        owner
            .submit(&world, &query, &neither, "decision=perhaps")
            .await
            .error()
            .0,
        400
    );
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours() {
    let world = World::new().await;
    let query = world.register().await.query(CALLBACK);
    let mut browser = Browser::default();
    browser.sign_in(&world, &query).await;
    world.wait(12 * 3600 - 1);
    let page = browser.open(&world, &query).await.ok();
    assert!(page.text().contains("decision"));
    world.wait(1);
    assert!(
        browser
            .open(&world, &query)
            .await
            .text()
            .contains("name=\"passphrase\"")
    );
    let late = browser
        .submit(&world, &query, &page, "decision=approve")
        .await;
    assert_eq!(
        late.header(LOCATION),
        format!("/tent/oauth/authorize?{query}"),
        "to sign in once more"
    );
}

#[tokio::test]
async fn guessing_is_slowed_but_does_not_lock_the_owner_out() {
    let world = World::new().await;
    let query = world.register().await.query(CALLBACK);
    let mut owner = Browser::default();
    owner.sign_in(&world, &query).await;
    world.wait(13 * 3600); // the session is over, but the browser is known

    let mut guesser = Browser::default();
    for _ in 0..3 {
        let page = guesser.open(&world, &query).await.ok();
        let answer = guesser.submit(&world, &query, &page, WRONG).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.text().contains("That is not the passphrase."));
        assert!(answer.text().contains("name=\"passphrase\""));
    }
    // A new browser of the same stranger gains nothing, not even by the right passphrase.
    let mut guesser = Browser::default();
    let page = guesser.open(&world, &query).await.ok();
    let right = format!("passphrase={}", encoded(PASSPHRASE));
    let slowed = guesser.submit(&world, &query, &page, &right).await;
    assert_eq!(
        (slowed.status, slowed.header(RETRY_AFTER)),
        (StatusCode::TOO_MANY_REQUESTS, "1")
    );
    assert!(slowed.text().contains("Try again in a second."));

    owner.sign_in(&world, &query).await;

    world.wait(1);
    assert_eq!(
        guesser.submit(&world, &query, &page, WRONG).await.status,
        StatusCode::FORBIDDEN
    );
    let slowed = guesser.submit(&world, &query, &page, WRONG).await;
    assert_eq!(
        (slowed.status, slowed.header(RETRY_AFTER)),
        (StatusCode::TOO_MANY_REQUESTS, "2")
    );
    world.wait(2);
    assert_eq!(
        guesser.submit(&world, &query, &page, &right).await.status,
        StatusCode::SEE_OTHER
    );
}
