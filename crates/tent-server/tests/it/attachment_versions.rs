//! The files of posts that change and go.

use serde_json::json;

use crate::desk::{Desk, id};
use crate::form::{FORM, file, files, form, post_part, status};

#[tokio::test]
async fn the_same_content_is_stored_once_and_goes_with_its_last_post() {
    let desk = Desk::new().await;
    let attach = async |name: &str| {
        let files = [("photos", name, "image/png", "abc")];
        desk.world.attach(&desk.user, &files).await
    };
    let (one, two) = (attach("one.png").await, attach("two.png").await);
    assert_eq!(
        files(&desk.folder()),
        ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]
    );
    desk.delete(&format!("/posts/{}", id(&one))).await;
    let path = format!("/posts/{}/attachments/two.png", id(&two));
    assert_eq!(desk.world.content(&path, "image/png").await, "abc");
    desk.delete(&format!("/posts/{}", id(&two))).await;
    assert_eq!(files(&desk.folder()), [""; 0]);
    assert_eq!(desk.world.get(&path).await.error().0, 404);
}

#[tokio::test]
async fn an_update_keeps_the_files_or_replaces_them_all() {
    let desk = Desk::new().await;
    let post = desk
        .world
        .attach(&desk.user, &[("photos", "a.png", "image/png", "first")])
        .await;
    let path = format!("/posts/{}", id(&post));
    let update = json!({"content": {"text": "Look again"}});
    let kept = desk
        .world
        .call(Some(&desk.user), "PUT", &path, Some(update.clone()))
        .await;
    assert_eq!(kept.ok().json()["attachments"], post["attachments"]);
    let kept = desk.put(id(&post), &update, &[]).await.ok().json();
    assert_eq!(
        (&kept["version"], &kept["attachments"]),
        (&3.into(), &post["attachments"])
    );

    let other = [
        file("photos", "a.png", "image/png", "second"),
        file("photos", "b.png", "image/png", "more"),
    ];
    let replaced = desk.put(id(&post), &update, &other).await.ok().json();
    assert_eq!(replaced["version"], 4);
    assert_eq!(replaced["content"], update["content"]);
    assert_eq!(replaced["attachments"][0]["size"], 6);
    assert_eq!(replaced["attachments"][1]["name"], "b.png");
    let content = async |version: &str| {
        let path = format!("{path}/attachments/a.png{version}");
        desk.world.content(&path, "image/png").await
    };
    assert_eq!(content("").await, "second");
    for (version, expected) in [("1", "first"), ("3", "first"), ("4", "second")] {
        assert_eq!(content(&format!("?version={version}")).await, expected);
    }
    for version in ["0", "5", "x"] {
        let path = format!("{path}/attachments/a.png?version={version}");
        assert_eq!(desk.world.get(&path).await.error().0, 404, "{version}");
    }

    let refused = desk.put(id(&post), &json!({"version": 1}), &other).await;
    assert_eq!(refused.error().0, 422);
    let missing = desk.put(id(&post), &json!({"version": 9}), &[]).await;
    assert_eq!(missing.error().0, 404);
    assert_eq!(content("").await, "second", "nothing was lost by that");
    let back = desk
        .put(id(&post), &json!({"version": 1}), &[])
        .await
        .ok()
        .json();
    assert_eq!(back["attachments"], post["attachments"]);
    assert_eq!(content("").await, "first");
}

#[tokio::test]
async fn the_files_of_a_version_go_with_it() {
    let desk = Desk::new().await;
    let post = desk
        .world
        .attach(&desk.user, &[("photos", "a.png", "image/png", "first")])
        .await;
    let path = format!("/posts/{}", id(&post));
    for content in ["second", "third"] {
        let files = [file("photos", "a.png", "image/png", content)];
        desk.put(id(&post), &json!({}), &files).await.ok();
    }
    assert_eq!(files(&desk.folder()).len(), 3);
    desk.delete(&format!("{path}?version=1")).await;
    assert_eq!(files(&desk.folder()).len(), 2);
    desk.delete(&format!("{path}?version=3")).await;
    assert_eq!(files(&desk.folder()).len(), 1);
    let left = format!("{path}/attachments/a.png");
    assert_eq!(desk.world.content(&left, "image/png").await, "second");
    let files_of_none = [file("a", "a", "a/a", "x")];
    let unknown = desk.put("unknown", &json!({}), &files_of_none).await;
    assert_eq!(unknown.error().0, 404);
    assert_eq!(files(&desk.folder()).len(), 1);
}

#[tokio::test]
async fn a_write_that_is_refused_leaves_no_file() {
    let desk = Desk::new().await;
    let header = desk.world.sign(&desk.user, "POST", "/posts");
    let send = async |content: &str| {
        let parts = [post_part(&status("Look")), file("a", "a", "a/a", content)];
        let request = desk
            .world
            .request("POST", "/tent/posts")
            .header("authorization", &header)
            .header("content-type", FORM);
        desk.world
            .send(request.body(form(&parts).into()).unwrap())
            .await
    };
    send("one").await.ok();
    assert_eq!(send("two").await.error().1, "Replayed MAC Nonce");
    assert_eq!(files(&desk.folder()).len(), 1);
    // An import that is there already.
    let importer = desk.world.log_in("write_posts,import_posts", "all").await;
    let mut imported = status("Look");
    imported["id"] = "i1".into();
    for content in ["three", "four"] {
        let parts = [post_part(&imported), file("a", "a", "a/a", content)];
        let target = ("POST", "/posts");
        let sent = desk
            .world
            .send_form(Some(&importer), target, FORM, form(&parts));
        assert_eq!(sent.await.ok().json()["attachments"][0]["size"], 5);
    }
    assert_eq!(
        files(&desk.folder()).len(),
        2,
        "the first import is what is kept"
    );
}
