use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, LOCATION, RETRY_AFTER};
use serde_json::json;

use crate::browser::Browser;
use crate::world::{Answer, CALLBACK, PASSPHRASE, STATUS, World, credentials, encoded};

const SETTINGS: &str = "/tent/settings";
const APPS: &str = "/tent/settings/apps";
const NEW: &str = "a new horse, and a battery";

impl Browser {
    /// Signs in on a page of the owner, and gives that page.
    async fn enter(&mut self, world: &World, target: &str, passphrase: &str) -> Answer {
        let page = self.visit(world, target).await.ok();
        let pairs = format!("passphrase={}", encoded(passphrase));
        let answer = self.fill(world, target, &page, &pairs).await;
        assert_eq!(
            (answer.status, answer.header(LOCATION)),
            (StatusCode::SEE_OTHER, target)
        );
        self.visit(world, target).await.ok()
    }

    async fn change(&mut self, world: &World, current: &str, new: &str, again: &str) -> Answer {
        let page = self.visit(world, SETTINGS).await.ok();
        let pairs = format!(
            "action=passphrase&current_passphrase={}&new_passphrase={}&new_passphrase_again={}",
            encoded(current),
            encoded(new),
            encoded(again),
        );
        self.fill(world, SETTINGS, &page, &pairs).await
    }

    async fn is_signed_in(&mut self, world: &World) -> bool {
        let page = self.visit(world, SETTINGS).await.ok();
        !page.text().contains("name=\"passphrase\"")
    }
}

#[tokio::test]
async fn the_owner_alone_sees_the_settings_and_the_apps() {
    let world = World::new().await;
    world.log_in("read_posts", "all").await;
    for (target, part) in [(SETTINGS, "New passphrase"), (APPS, "Harbour")] {
        let mut browser = Browser::default();
        let before = browser.visit(&world, target).await.ok();
        assert!(!before.text().contains(part), "{}", before.text());
        let page = browser.enter(&world, target, PASSPHRASE).await;
        assert!(page.text().contains(part), "{}", page.text());
        assert!(
            page.header(CONTENT_SECURITY_POLICY)
                .ends_with("; form-action 'self'")
        );
        assert_eq!(page.header("cache-control"), "no-store");

        // A form of another browser does nothing, nor one after the session.
        let mut other = Browser::default();
        let foreign = other.visit(&world, target).await.ok();
        let action = "action=sign_out_everywhere";
        let answer = browser.fill(&world, target, &foreign, action).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let answer = other.fill(&world, target, &foreign, action).await;
        assert_eq!(answer.header(LOCATION), target, "to sign in");
        assert!(browser.is_signed_in(&world).await);
        assert_eq!(
            browser
                .fill(&world, target, &page, "action=perhaps")
                .await
                .error()
                .0,
            400
        );
    }
}

#[tokio::test]
async fn signing_out_ends_one_session_or_all() {
    let world = World::new().await;
    let (mut one, mut two) = (Browser::default(), Browser::default());
    one.enter(&world, SETTINGS, PASSPHRASE).await;
    let page = two.enter(&world, SETTINGS, PASSPHRASE).await;
    let answer = two.fill(&world, SETTINGS, &page, "action=sign_out").await;
    assert_eq!(
        (answer.status, answer.header(LOCATION)),
        (StatusCode::SEE_OTHER, "/")
    );
    assert!(!two.is_signed_in(&world).await);
    assert!(one.is_signed_in(&world).await);

    two.enter(&world, SETTINGS, PASSPHRASE).await;
    let page = one.visit(&world, SETTINGS).await.ok();
    one.fill(&world, SETTINGS, &page, "action=sign_out_everywhere")
        .await;
    assert!(!one.is_signed_in(&world).await && !two.is_signed_in(&world).await);
}

#[tokio::test]
async fn the_passphrase_changes_and_other_browsers_are_signed_out() {
    let world = World::new().await;
    let (mut owner, mut other) = (Browser::default(), Browser::default());
    owner.enter(&world, SETTINGS, PASSPHRASE).await;
    other.enter(&world, SETTINGS, PASSPHRASE).await;
    let before = owner.cookie.clone();
    let answer = owner.change(&world, PASSPHRASE, NEW, NEW).await;
    assert_eq!(answer.header(LOCATION), "/tent/settings?done=passphrase");
    let page = owner
        .visit(&world, "/tent/settings?done=passphrase")
        .await
        .ok();
    assert!(
        page.text().contains("The passphrase was changed."),
        "{}",
        page.text()
    );
    assert_ne!(owner.cookie, before, "the session is a new one");
    assert!(!other.is_signed_in(&world).await);

    let page = other.visit(&world, SETTINGS).await.ok();
    let old = format!("passphrase={}", encoded(PASSPHRASE));
    let answer = other.fill(&world, SETTINGS, &page, &old).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    other.enter(&world, SETTINGS, NEW).await;
}

#[tokio::test]
async fn a_passphrase_that_will_not_do_changes_nothing() {
    let world = World::new().await;
    let mut owner = Browser::default();
    owner.enter(&world, SETTINGS, PASSPHRASE).await;
    for (current, new, again, status, words) in [
        (
            PASSPHRASE,
            "fourteen-chars",
            "fourteen-chars",
            422,
            "at least 15 characters",
        ),
        (
            PASSPHRASE,
            NEW,
            "a new horse, and a batterie",
            422,
            "not the same both times",
        ),
        ("wrong", NEW, NEW, 403, "That is not the passphrase."),
        ("wrong", NEW, NEW, 403, "That is not the passphrase."),
        ("wrong", NEW, NEW, 403, "That is not the passphrase."),
        (PASSPHRASE, NEW, NEW, 429, "Try again in a second."),
    ] {
        let page = owner.change(&world, current, new, again).await;
        assert_eq!(page.status, status, "{}", page.text());
        assert!(page.text().contains(words), "{}", page.text());
        assert_eq!(
            page.header(RETRY_AFTER),
            if status == 429 { "1" } else { "" }
        );
        assert!(!page.text().contains(NEW), "it is not sent back");
    }
    Browser::default().enter(&world, SETTINGS, PASSPHRASE).await;
}

#[tokio::test]
async fn the_apps_say_what_they_may_and_since_when() {
    let world = World::new().await;
    let app = json!({
        "name": "<i>Harbour</i>", "url": "javascript:alert(1)", "redirect_uris": [CALLBACK],
        "scopes": {"read_posts": "", "write_apps": ""},
    });
    world
        .call(None, "POST", "/apps", Some(app.clone()))
        .await
        .ok();
    let app = world
        .call(None, "POST", "/apps", Some(app))
        .await
        .ok()
        .json();
    let app = crate::world::TestApp {
        id: app["id"].as_str().unwrap().into(),
        credentials: credentials(&app, "mac_key_id"),
    };
    let query = format!(
        "{}&scope=read_posts,write_apps&tent_post_types={}&tent_profile_info_types=all&tent_notification_url={}",
        app.query(CALLBACK),
        encoded(STATUS),
        encoded("https://app.example/notify"),
    );
    let mut owner = Browser::default();
    owner.sign_in(&world, &query).await;
    let code = owner.approve(&world, &query).await;
    let user = credentials(
        &world.exchange(&app, &code).await.ok().json(),
        "access_token",
    );
    let page = owner.visit(&world, APPS).await.ok();
    let text = page.text();
    for part in [
        "<h2>&lt;i&gt;Harbour&lt;/i&gt;</h2>",
        "<p class=\"quiet\">javascript:alert(1)</p>",
        "Approved on <time datetime=\"2013-01-01\">1 January 2013</time>",
        "Not used yet",
        "Read your posts",
        "This gives it control of your account.",
        ">status<",
        "<strong>all</strong>",
        "<code>https://app.example/notify</code>",
        user.id(),
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert_eq!(
        text.matches("<h2>").count(),
        1,
        "what nobody approved is not there"
    );
    assert!(!text.contains("value=\"mac"), "{text}");

    world.wait(3 * 86_400);
    world.call(Some(&user), "GET", "/posts", None).await.ok();
    world.wait(3599); // still the same use
    world.call(Some(&user), "GET", "/posts", None).await.ok();
    owner.enter(&world, APPS, PASSPHRASE).await;
    let page = owner.visit(&world, APPS).await.ok();
    assert!(
        page.text()
            .contains("Last used on <time datetime=\"2013-01-04\">"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn what_was_approved_can_be_revoked() {
    let world = World::new().await;
    let app = world.register().await;
    let query = format!(
        "{}&scope=read_groups&tent_post_types=all",
        app.query(CALLBACK)
    );
    let mut owner = Browser::default();
    owner.sign_in(&world, &query).await;
    let mut users = Vec::new();
    for _ in 0..2 {
        let code = owner.approve(&world, &query).await;
        users.push(credentials(
            &world.exchange(&app, &code).await.ok().json(),
            "access_token",
        ));
    }
    let status = async |user| world.call(Some(user), "GET", "/groups", None).await.status;
    let page = owner.visit(&world, APPS).await.ok();
    let id = {
        let (_, rest) = page
            .text()
            .split_once("name=\"authorization\" value=\"")
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let revoke = format!("action=revoke&app={}&authorization={id}", app.id);
    let revoked = owner.fill(&world, APPS, &page, &revoke).await;
    assert_eq!(revoked.header(LOCATION), "/tent/settings/apps?done=revoked");
    assert_eq!(status(&users[0]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&users[1]).await, StatusCode::OK);
    let page = owner
        .visit(&world, "/tent/settings/apps?done=revoked")
        .await
        .ok();
    assert!(
        page.text().contains("The approval was revoked."),
        "{}",
        page.text()
    );
    assert!(!page.text().contains(users[0].id()) && page.text().contains(users[1].id()));
    let again = owner.fill(&world, APPS, &page, &revoke).await;
    assert_eq!(
        again.status,
        StatusCode::SEE_OTHER,
        "it is as gone as it can be"
    );

    let remove = format!("action=remove&app={}", app.id);
    let removed = owner.fill(&world, APPS, &page, &remove).await;
    assert_eq!(removed.header(LOCATION), "/tent/settings/apps?done=removed");
    assert_eq!(status(&users[1]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(
        world.exchange(&app, "x").await.status,
        StatusCode::UNAUTHORIZED
    );
    let page = owner.visit(&world, APPS).await.ok();
    assert!(
        page.text().contains("No app is approved."),
        "{}",
        page.text()
    );
}
