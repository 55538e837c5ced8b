//! The pages of `tent serve`, in a real browser.
#![cfg(unix)]

use tempfile::TempDir;

use crate::chromium::Chromium;
use crate::server::{PASSPHRASE, Server};
use crate::tent::Tent;

const NEW: &str = "a new horse, and a battery";

/// A server, its owner's program, and a browser.
struct Scene {
    tent: Tent,
    server: Server,
    chromium: Chromium,
    data: TempDir,
}

impl Scene {
    /// None where there is no browser.
    fn set(test: &str) -> Option<Self> {
        let chromium = Chromium::start(test)?;
        let (tent, data) = (Tent::new(), tempfile::tempdir().unwrap());
        let folder = data.path().to_str().unwrap();
        let server = Server::start(&tent, &["--listen", "127.0.0.1:0", "--data", folder]);
        Some(Self {
            tent,
            server,
            chromium,
            data,
        })
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.entity)
    }

    /// Opens a page of the owner, and signs in there.
    fn enter(&self, path: &str, passphrase: &str) {
        self.chromium.open(&self.url(path));
        self.chromium.write("#passphrase", passphrase);
        self.chromium.follow("button.main");
        assert_eq!(self.chromium.url(), self.url(path));
    }

    /// Logs the program in, by the browser in which the owner is signed in already.
    fn log_in(&self) {
        let login = self.tent.begin_login(&[&self.server.entity]);
        self.chromium.open(login.url.as_str());
        self.chromium.follow("button[value=approve]");
        assert_eq!(login.end().code, 0);
    }
}

#[test]
fn a_login_is_approved_without_one_of_its_scopes() {
    let Some(scene) = Scene::set("the approval of tent login in a browser") else {
        return;
    };
    let (tent, chromium) = (&scene.tent, &scene.chromium);
    let arguments = [&scene.server.entity, "--notify", "https://n.example/"];
    let login = tent.begin_login(&arguments);
    chromium.open(login.url.as_str());
    assert_eq!(chromium.title(), "Sign in");
    assert_eq!(
        chromium.run("return document.activeElement.id"),
        "passphrase"
    );
    chromium.look("sign-in");
    chromium.write("#passphrase", "wrong");
    chromium.follow("button.main");
    assert!(chromium.text().contains("That is not the passphrase."));
    assert_eq!(
        chromium.run("return document.querySelector('[role=alert]').id"),
        "rejected"
    );
    let complaints = chromium.complaints();
    assert!(
        complaints.len() == 1 && complaints[0].contains("403"),
        "{complaints:?}"
    );
    chromium.look("sign-in-wrong");

    // From here on by the keyboard alone.
    chromium.write("#passphrase", PASSPHRASE);
    chromium.enter();
    assert_eq!(chromium.title(), "Allow tent?");
    chromium.look("approve");
    let order = chromium.tab_order();
    assert!(
        order.starts_with(&[
            "Read your posts, also those that are not public, and those you receive".to_owned()
        ]),
        "{order:?}"
    );
    assert!(order.contains(&"Follow and unfollow for you".to_owned()));
    assert_eq!(order[order.len() - 2..], ["Approve", "Deny"]);
    assert_eq!(
        chromium
            .run("return document.querySelectorAll('input[type=checkbox]:not(:checked)').length"),
        0
    );
    chromium.click("input[name=allow_write_followings]");
    chromium.click("input[name=notification_url]");
    chromium.run("document.querySelector('button[value=approve]').focus()");
    chromium.enter();
    assert!(
        chromium.url().starts_with("http://127.0.0.1:"),
        "{}",
        chromium.url()
    );
    assert!(
        chromium.text().contains("Thank you."),
        "{}",
        chromium.text()
    );
    let ran = login.end();
    assert_eq!(
        ran.out,
        format!("logged in {}\n", scene.server.entity),
        "{}",
        ran.err
    );

    let id = tent
        .run(&[
            "post",
            "The tide is out. https://tides.example/",
            "--public",
        ])
        .ok();
    tent.run(&["groups"]).ok();
    let refused = tent.run(&["api", "DELETE", "followings/x"]);
    assert_ne!(refused.code, 0, "{}", refused.out);
    chromium.open(&scene.url("/settings/apps"));
    let text = chromium.text();
    assert!(text.contains("Publish, change and delete posts"), "{text}");
    assert!(!text.contains("Follow and unfollow for you"), "{text}");
    assert!(!text.contains("n.example"), "{text}");
    assert!(!text.contains("Not used yet"), "{text}");
    tent.run(&["delete", id.trim_end()]).ok();
}

#[test]
fn a_login_is_denied() {
    let Some(scene) = Scene::set("the denial of tent login in a browser") else {
        return;
    };
    scene.enter("/settings", PASSPHRASE);
    let login = scene.tent.begin_login(&[&scene.server.entity]);
    scene.chromium.open(login.url.as_str());
    scene.chromium.follow("button[value=deny]");
    assert!(scene.chromium.url().contains("error=access_denied"));
    assert_ne!(login.end().code, 0);
    scene.chromium.open(&scene.url("/settings/apps"));
    assert!(scene.chromium.text().contains("No app is approved."));
    scene.chromium.look("apps-none");
}

#[test]
fn an_app_is_revoked() {
    let Some(scene) = Scene::set("the revocation of an app in a browser") else {
        return;
    };
    let (tent, chromium) = (&scene.tent, &scene.chromium);
    scene.enter("/settings/apps", PASSPHRASE);
    scene.log_in();
    tent.run(&["posts"]).ok();
    chromium.open(&scene.url("/settings/apps"));
    chromium.look("apps");
    let order = chromium.tab_order();
    assert_eq!(order[..4], ["Profile", "Apps", "Settings", "Sign out"]);
    let last = &order[order.len() - 2..];
    assert!(
        last[0].starts_with("Revoke what tent may do since "),
        "{order:?}"
    );
    assert!(last[1].starts_with("Remove tent"), "{order:?}");

    chromium.follow("button[value=revoke]");
    assert!(chromium.text().contains("The approval was revoked."));
    chromium.look("apps-revoked");
    let refused = tent.run(&["posts"]);
    assert_ne!(refused.code, 0, "{}", refused.out);

    scene.log_in(); // which needs the registration, still there
    chromium.open(&scene.url("/settings/apps"));
    chromium.follow("button[value=remove]");
    assert!(chromium.text().contains("No app is approved."));
    assert_ne!(tent.run(&["posts"]).code, 0);
    scene.log_in(); // which registers again
    tent.run(&["posts"]).ok();
}

#[test]
fn the_owner_changes_the_passphrase_and_signs_out() {
    let Some(scene) = Scene::set("the settings in a browser") else {
        return;
    };
    let chromium = &scene.chromium;
    scene.enter("/settings", PASSPHRASE);
    chromium.look("settings");
    assert_eq!(
        chromium.tab_order(),
        [
            "Profile",
            "Apps",
            "Settings",
            "Sign out",
            "Current passphrase",
            "New passphrase",
            "New passphrase, once more",
            "Change the passphrase",
            "Sign out everywhere",
        ]
    );
    let change = |current: &str, new: &str, again: &str| {
        chromium.write("#current_passphrase", current);
        chromium.write("#new_passphrase", new);
        chromium.write("#new_passphrase_again", again);
        chromium.follow("button[value=passphrase]");
    };
    change(PASSPHRASE, NEW, "a new horse, and a batterie");
    assert!(chromium.text().contains("not the same both times"));
    assert_eq!(
        chromium.run("return document.activeElement.id"),
        "new_passphrase_again"
    );
    assert_eq!(chromium.complaints().len(), 1, "the status");
    chromium.look("settings-mistake");
    change(PASSPHRASE, NEW, NEW);
    assert!(chromium.text().contains("The passphrase was changed."));
    chromium.look("settings-changed");

    chromium.follow("button[value=sign_out]");
    assert_eq!(chromium.url(), scene.url("/"));
    assert!(!chromium.text().contains("Sign out"));
    scene.enter("/settings/apps", NEW);
    chromium.open(&scene.url("/settings"));
    chromium.follow("button[value=sign_out_everywhere]");
    chromium.open(&scene.url("/settings"));
    assert_eq!(chromium.title(), "Sign in");
}

#[test]
fn two_entities_of_one_host_have_sessions_of_their_own() {
    let Some(scene) = Scene::set("two entities of one host in a browser") else {
        return;
    };
    let (chromium, bob) = (&scene.chromium, scene.url("/~bob"));
    let data = scene.data.path().to_str().unwrap();
    let create = ["admin", "--data", data, "entities", "create", &bob];
    let mut create = scene.tent.command(&create);
    create.env("TENT_PASSPHRASE", NEW);
    assert!(create.output().unwrap().status.success());

    scene.enter("/settings", PASSPHRASE);
    chromium.open(&scene.url("/~bob/settings"));
    assert_eq!(chromium.title(), "Sign in", "as somebody else");
    chromium.write("#passphrase", PASSPHRASE);
    chromium.follow("button.main");
    assert!(chromium.text().contains("That is not the passphrase."));
    assert_eq!(chromium.complaints().len(), 1, "the status");
    scene.enter("/~bob/settings", NEW);
    assert!(chromium.text().contains(&bob));
    let names = chromium.cookies();
    assert_eq!(names.len(), 2, "{names:?}");

    // One follows the other by a link.
    chromium.open(&scene.url(&format!("/follow?entity={bob}")));
    assert_eq!(chromium.title(), "Follow?");
    chromium.look("follow");
    let order = chromium.tab_order();
    assert_eq!(order[order.len() - 2..], [&*bob, "Follow"]);
    chromium.follow("button.main");
    assert_eq!(chromium.title(), "Followed");
    chromium.look("followed");
    chromium.open(&scene.url("/follow?entity=http://127.0.0.1:1"));
    chromium.follow("button.main");
    assert_eq!(chromium.complaints().len(), 1, "the status");
    chromium.look("follow-failed");

    // Each leaves without the other.
    chromium.open(&scene.url("/settings"));
    assert_eq!(chromium.title(), "Settings");
    chromium.follow("button[value=sign_out]");
    chromium.open(&scene.url("/settings"));
    assert_eq!(chromium.title(), "Sign in");
    chromium.open(&scene.url("/~bob/settings"));
    assert_eq!(chromium.title(), "Settings");
}

#[test]
fn the_profile_is_seen_by_everybody() {
    let Some(scene) = Scene::set("the profile in a browser") else {
        return;
    };
    let (tent, chromium) = (&scene.tent, &scene.chromium);
    chromium.open(&scene.url("/"));
    chromium.look("profile-empty");
    scene.enter("/settings", PASSPHRASE);
    scene.log_in();
    let basic = r#"{"name": "Alice Schröder", "bio": "Tides, boats and the weather.\nSouth harbour, second quay.",
        "location": "Harbour", "website_url": "https://alice.example/",
        "avatar_url": "https://pictures.example/alice.png", "permissions": {"public": true}}"#;
    tent.run(&["profile", "set", "basic", basic]).ok();
    tent.run(&[
        "post",
        "The tide is out: https://tides.example/harbour?day=2026-11-24.",
        "--public",
    ])
    .ok();
    tent.run(&["post", &"Wide".repeat(60), "--public"]).ok();
    tent.run(&["post", "For me alone"]).ok();
    let essay = r#"{"type": "https://tent.io/types/post/essay/v0.1.0", "permissions": {"public": true}, "content":
        {"title": "On tides", "body": "<p>They come.<script>document.title = 'x'</script><img src='https://e.example/x'><p>They <i>go</i>."}}"#;
    tent.run(&["api", "POST", "posts", "--data", essay]).ok();
    chromium.open(&scene.url("/"));
    assert_eq!(chromium.title(), "Alice Schröder");
    chromium.look("profile-owner");
    chromium.follow("button[value=sign_out]");
    chromium.look("profile");
    let text = chromium.text();
    for part in [
        "Alice Schröder",
        "second quay",
        "The tide is out",
        "On tides\nThey come.\nThey go.",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("For me alone"), "{text}");
    assert_eq!(
        chromium.tab_order(),
        [
            "The picture",
            "https://alice.example/",
            "https://tides.example/harbour?day=2026-11-24",
            "Sign in"
        ]
    );
    assert_eq!(
        chromium.run("return document.querySelector('link[rel=\"https://tent.io/rels/profile\"]').getAttribute('href')"),
        "/profile"
    );
    chromium.open(&scene.url("/oauth/authorize?client_id=x"));
    assert_eq!(chromium.complaints().len(), 1, "the status");
    chromium.look("refused");
}
