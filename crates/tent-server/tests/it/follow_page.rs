//! The page to which links lead by which the owner follows somebody.

use http::StatusCode;
use http::header::LOCATION;

use crate::browser::Browser;
use crate::neighbour::{Neighbour, status};
use crate::world::{PASSPHRASE, encoded};

/// The page for this entity.
fn target(bob: &Neighbour, entity: &str) -> String {
    bob.target(&format!("/follow?entity={}", encoded(entity)))
}

/// A browser in which Bob is signed in, as he does on this page.
async fn signed_in(bob: &Neighbour, target: &str) -> Browser {
    let mut browser = Browser::default();
    let page = browser.visit(bob, target).await.ok();
    assert!(page.text().contains("<h1>Sign in</h1>"), "{}", page.text());
    let passphrase = format!("passphrase={}", encoded(PASSPHRASE));
    let answer = browser.fill(bob, target, &page, &passphrase).await;
    assert_eq!(answer.header(LOCATION), target, "back to it");
    browser
}

#[tokio::test]
async fn the_owner_follows_by_a_link() {
    let (alice, bob) = (Neighbour::new().await, Neighbour::new().await);
    let target = target(&bob, &alice.entity);
    let mut browser = signed_in(&bob, &target).await;
    let page = browser.visit(&bob, &target).await.ok();
    assert!(page.text().contains(&alice.entity), "{}", page.text());
    assert_eq!(bob.ask("GET", "/followings/count", None).await, 0);

    let forged = Browser {
        cookie: browser.cookie.clone(),
    };
    let forged = { forged }
        .fill(&bob, &target, &bob.get("/").await, "")
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(bob.ask("GET", "/followings/count", None).await, 0);

    let followed = browser.fill(&bob, &target, &page, "").await;
    assert_eq!(followed.header(LOCATION), target);
    let done = browser.visit(&bob, &target).await.ok();
    assert!(done.text().contains("follows them"), "{}", done.text());
    assert!(!done.text().contains("<button class=\"main\""));
    alice.post(status("for those who follow")).await;
    assert_eq!(bob.texts_of(&alice).await, ["for those who follow"]);
    // Twice is once.
    let again = browser.fill(&bob, &target, &page, "").await;
    assert_eq!(again.header(LOCATION), target);
    assert_eq!(alice.ask("GET", "/followers/count", None).await, 1);
}

#[tokio::test]
async fn what_is_in_the_way_is_told_on_the_page() {
    let bob = Neighbour::new().await;
    for (entity, status, why) in [
        ("http://127.0.0.1:1", 404, "no profile of"),
        (&*bob.entity, 406, "cannot follow itself"),
    ] {
        let target = target(&bob, entity);
        let mut browser = signed_in(&bob, &target).await;
        let page = browser.visit(&bob, &target).await.ok();
        let failed = browser.fill(&bob, &target, &page, "").await;
        assert_eq!(failed.status, status);
        assert!(failed.text().contains("role=\"alert\""));
        assert!(failed.text().contains(why), "{}", failed.text());
    }
    for nobody in ["/follow", "/follow?entity=", "/follow?entity=javascript:x"] {
        let answer = bob.get(nobody).await;
        assert_eq!(answer.status, 400, "{nobody}");
        assert!(answer.text().contains("does not name anybody"));
    }
}
