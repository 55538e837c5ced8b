//! S7: what becomes of a post that is changed.

use serde_json::json;

use super::Ground;

#[tokio::test]
async fn s7_an_update_takes_four_members_and_no_others() {
    let ground = Ground::new();
    let path = ground.publish("one", true).await;
    let before = ground.ask("GET", &path, None).await.json();
    let license = "https://example.com/license";
    let change = json!({
        "content": {"text": "two"}, "licenses": [license],
        "mentions": [{"entity": "https://bob.example"}], "views": {"short": {"content": ["text"]}},
        "type": "https://example.com/other/v1.0.0", "permissions": {"public": false},
        "published_at": 1, "entity": "https://bob.example", "id": "another",
    });
    ground.ask("PUT", &path, Some(&change)).await;
    let after = ground.ask("GET", &path, None).await.json();
    for name in ["content", "licenses", "mentions"] {
        assert_eq!(after[name], change[name], "{name}");
    }
    for name in ["type", "permissions", "published_at", "entity", "id"] {
        assert_eq!(after[name], before[name], "{name}");
    }
    let short = ground.ask("GET", &format!("{path}?view=short"), None).await;
    assert_eq!(short.json()["content"], json!({"text": "two"}));
    // What is left out stays, but for mentions.
    ground
        .ask("PUT", &path, Some(&json!({"content": {}})))
        .await;
    let after = ground.ask("GET", &path, None).await.json();
    assert_eq!(
        (&after["licenses"], &after["mentions"]),
        (&json!([license]), &json!([]))
    );
}

#[tokio::test]
async fn s7_each_update_is_the_next_version() {
    let ground = Ground::new();
    let path = ground.publish("1", true).await;
    for number in 2..=4 {
        let change = json!({"content": {"text": number.to_string()}});
        let changed = ground.ask("PUT", &path, Some(&change)).await.json();
        assert_eq!(changed["version"], number);
    }
    for number in 1..=4 {
        let version = ground
            .anonymous("GET", &format!("{path}?version={number}"))
            .await;
        assert_eq!(version.json()["content"]["text"], number.to_string());
    }
    let versions = ground
        .anonymous("GET", &format!("{path}/versions"))
        .await
        .json();
    let numbers = versions
        .as_array()
        .unwrap()
        .iter()
        .map(|post| &post["version"]);
    assert!(
        numbers.eq([4, 3, 2, 1].map(|number| json!(number)).iter()),
        "{versions}"
    );
}

#[tokio::test]
async fn s7_a_version_alone_goes_back_to_it() {
    let ground = Ground::new();
    let path = ground.publish("one", true).await;
    ground
        .ask("PUT", &path, Some(&json!({"content": {"text": "two"}})))
        .await;
    let back = ground
        .ask("PUT", &path, Some(&json!({"version": 1})))
        .await
        .json();
    assert_eq!(
        (&back["version"], &back["content"]["text"]),
        (&json!(3), &json!("one"))
    );
    let app = Some(ground.server.credentials());
    let unknown = ground
        .call(app, "PUT", &path, Some(&json!({"version": 9})))
        .await;
    assert_eq!(unknown.status, 404);
}
