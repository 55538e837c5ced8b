use http::header::{CACHE_CONTROL, LINK, VARY};
use serde_json::json;

use crate::browser::Browser;
use crate::desk::id;
use crate::world::{CALLBACK, STATUS, World};

const ESSAY: &str = "https://tent.io/types/post/essay/v0.1.0";
const BASIC: &str = "https%3A%2F%2Ftent.io%2Ftypes%2Finfo%2Fbasic%2Fv0.1.0";

#[tokio::test]
async fn the_page_shows_the_public_profile_and_posts() {
    let world = World::new().await;
    let user = world.log_in("write_profile,write_posts", "all").await;
    let basic = json!({
        "name": "Alice <b>", "bio": "Tides & boats", "location": "Harbour", "website_url": "javascript:alert(1)",
        "avatar_url": "https://pictures.example/a.png",
        "permissions": {"public": true},
    });
    world
        .call(
            Some(&user),
            "PUT",
            &format!("/profile/{BASIC}"),
            Some(basic),
        )
        .await
        .ok();
    let publish = async |post_type: &str, content, public: bool, at: i64| {
        let post = json!({"type": post_type, "content": content, "published_at": at, "permissions": {"public": public}});
        world
            .call(Some(&user), "POST", "/posts", Some(post))
            .await
            .ok();
    };
    publish(
        STATUS,
        json!({"text": "<script>alert(1)</script> https://tides.example/"}),
        true,
        1_000,
    )
    .await;
    publish(STATUS, json!({"text": "a secret"}), false, 2_000).await;
    let body = "<p onclick=x>Once <img src=//e.example/x></p><script>evil()</script><p>Twice";
    publish(
        ESSAY,
        json!({"title": "On tides", "body": body}),
        true,
        86_400,
    )
    .await;
    publish(
        "https://other.example/types/x/v1.0.0",
        json!({"text": "not shown"}),
        true,
        3_000,
    )
    .await;
    let page = Browser::default().visit(&world, "/").await.ok();
    let text = page.text();
    for part in [
        "<h1>Alice &lt;b&gt;</h1>",
        "Tides &amp; boats",
        "href=\"https://pictures.example/a.png\"",
        "&lt;script&gt;alert(1)&lt;/script&gt; <a href=\"https://tides.example/\"",
        "<h3>On tides</h3><p class=\"text\">Once</p><p class=\"text\">Twice</p>",
        "<time datetime=\"1970-01-02\">2 January 1970</time>",
        "href=\"/tent/settings\"",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    for part in [
        "<script",
        "<img",
        "onclick",
        "evil",
        "a secret",
        "not shown",
        "href=\"javascript",
        "Sign out",
    ] {
        assert!(!text.contains(part), "{part} is in {text}");
    }
    assert!(
        text.find("On tides") < text.find("tides.example/\""),
        "the newest is first"
    );
    assert_eq!(page.header(CACHE_CONTROL), "max-age=0, must-revalidate");
    assert_eq!(page.header(VARY), "Cookie");
}

#[tokio::test]
async fn a_profile_that_is_not_public_stays_so() {
    let world = World::new().await;
    let user = world.log_in("write_profile", "all").await;
    let basic = json!({"name": "Alice", "bio": "A secret", "permissions": {"public": false}});
    world
        .call(
            Some(&user),
            "PUT",
            &format!("/profile/{BASIC}"),
            Some(basic),
        )
        .await
        .ok();
    let page = Browser::default().visit(&world, "/").await.ok();
    assert!(
        page.text().contains("<h1>https://alice.example</h1>"),
        "{}",
        page.text()
    );
    assert!(!page.text().contains("A secret"));
}

#[tokio::test]
async fn the_owner_finds_the_way_to_the_other_pages() {
    let world = World::new().await;
    let mut owner = Browser::default();
    owner
        .sign_in(&world, &world.register().await.query(CALLBACK))
        .await;
    let page = owner.visit(&world, "/").await.ok();
    for part in [
        "<a href=\"/\" aria-current=\"page\">Profile</a>",
        "<a href=\"/tent/settings/apps\">Apps</a>",
        "<a href=\"/tent/settings\">Settings</a>",
        "value=\"sign_out\"",
    ] {
        assert!(
            page.text().contains(part),
            "{part} is not in {}",
            page.text()
        );
    }
    assert_eq!(page.header(CACHE_CONTROL), "no-store");
    assert!(page.header(LINK).contains("/tent/profile"));
}

#[tokio::test]
async fn a_root_elsewhere_is_linked_to() {
    let world = World::at("https://api.alice.example/tent").await;
    let page = Browser::default().visit(&world, "/tent/").await.ok();
    assert!(
        page.text()
            .contains("href=\"https://api.alice.example/tent/settings\""),
        "{}",
        page.text()
    );
    assert!(
        page.header(LINK)
            .contains("<https://api.alice.example/tent/profile>")
    );
}

#[tokio::test]
async fn older_posts_are_on_pages_of_their_own() {
    let world = World::new().await;
    let user = world.log_in("write_posts", "all").await;
    for at in 1..=41 {
        let post = json!({
            "type": STATUS, "content": {"text": format!("({at})")}, "published_at": at * 1_000,
            "permissions": {"public": at != 7},
        });
        let call = world.call(Some(&user), "POST", "/posts", Some(post)).await;
        call.ok();
    }
    let mut browser = Browser::default();
    let mut path = "/".to_owned();
    for (page, newest) in [41, 21].into_iter().enumerate() {
        let answer = browser.visit(&world, &path).await.ok();
        let text = answer.text();
        let shown = text.matches("<article>").count();
        assert_eq!(shown, 20, "{text}");
        assert!(text.contains(&format!("({newest})")), "{text}");
        assert!(!text.contains(&format!("({})", newest + 1)), "{text}");
        assert_eq!(text.contains("Newest posts"), page == 1);
        let older = text
            .split("<a href=\"")
            .find(|link| link.contains("Older posts"));
        path = match older {
            Some(link) => link.split('"').next().unwrap().to_owned(),
            None => String::new(),
        };
    }
    assert_eq!(path, "", "40 posts are two pages");

    let answer = browser.visit(&world, "/?before=nothing").await;
    let text = answer.text();
    assert!(
        text.contains("Newest posts") && !text.contains("<article>"),
        "{text}"
    );
}

#[tokio::test]
async fn files_and_photos_are_there_to_be_opened() {
    let world = World::new().await;
    let user = world.log_in("write_posts", "all").await;
    let post = world
        .attach(
            &user,
            &[("files", "tide <b> times", "text/plain", "low at six")],
        )
        .await;
    let photo = json!({
        "type": "https://tent.io/types/post/photo/v0.1.0", "content": {"caption": "The quay"},
        "permissions": {"public": true},
    });
    world
        .call(Some(&user), "POST", "/posts", Some(photo))
        .await
        .ok();
    let page = Browser::default().visit(&world, "/").await.ok();
    let text = page.text();
    assert!(text.contains("<p class=\"text\">The quay</p>"), "{text}");
    let path = format!("/posts/{}/attachments/tide%20%3Cb%3E%20times", id(&post));
    let link = format!("{path}\" rel=\"nofollow\">tide &lt;b&gt; times</a>");
    assert!(text.contains(&link), "{text}");
    assert_eq!(
        world.content(&path, "text/html, */*;q=0.8").await,
        "low at six"
    );
}
