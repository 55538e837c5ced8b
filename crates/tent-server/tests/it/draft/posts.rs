//! Posts of the draft, and lists of them.

use super::*;

#[tokio::test]
async fn a_post_is_one_in_both_dialects() {
    let draft = Draft::log_in().await;
    let mut sent = status("Hello, harbour", 1_356_998_400);
    sent["licences"] = json!([{"url": "https://licences.org/free-speach", "version": "0.1.0"}]);
    sent["mentions"] = json!([{"entity": "bob.example", "id": "b1"}]);
    let id = draft.publish(sent.clone()).await;
    let read = draft.call(GetPost::new(id.clone())).await;
    sent["id"] = json!(id);
    sent["entity"] = json!(draft.entity);
    sent["scope"] = json!("public");
    assert_eq!(serde_json::to_value(&read).unwrap(), sent);

    let later = draft.client.run(draft.later().get_post(id)).await.unwrap();
    assert!(later.is_public());
    assert_eq!(
        later.post_type.unwrap().as_str(),
        format!("{STATUS}/v0.1.0")
    );
    assert_eq!(later.published_at.unwrap().epoch_seconds(), 1_356_998_400);
    assert_eq!(later.licenses, ["https://licences.org/free-speach/v0.1.0"]);
    assert_eq!(
        later.mentions[0].entity.as_ref().unwrap().as_str(),
        "https://bob.example"
    );

    let private =
        tent_proto::Post::status("Low tide").published_at(Timestamp::from_epoch_seconds(9));
    let private = draft
        .client
        .run(draft.later().create_post(&private))
        .await
        .unwrap();
    let read = draft.call(GetPost::new(private.id.unwrap())).await;
    assert_eq!(
        (read.scope.as_deref(), read.time),
        (Some("limited"), Some(Timestamp::from_epoch_seconds(9)))
    );
    assert!(read.extra.is_empty() && read.recipients.is_empty());
    assert_eq!(draft.refused(GetPost::new("nowhere")).await, 404);
}

#[tokio::test]
async fn groups_are_made_by_being_named() {
    let draft = Draft::log_in().await;
    let mut post = status("For some", 5);
    post["recipients"] = json!(["friends", "elza.example"]);
    let id = draft.publish(post.clone()).await;
    assert_eq!(
        draft.call(GetPost::new(id)).await.scope.as_deref(),
        Some("limited")
    );
    post["recipients"] = json!(["elza.example"]);
    let direct = draft.publish(post.clone()).await;
    assert_eq!(
        draft.call(GetPost::new(direct)).await.scope.as_deref(),
        Some("direct")
    );
    post["recipients"] = json!(["friends"]);
    draft.publish(post).await;
    // Whoever may not read permissions learns nothing of it, so the server's own posts tell.
    let notices = draft
        .client
        .run(draft.later().list_posts(call::ListPosts::new()))
        .await;
    let made = notices.unwrap().items;
    let made = made.iter().filter(|post| {
        post.post_type.as_ref().unwrap().base() == "https://tent.io/types/post/group"
    });
    assert_eq!(made.count(), 1);
    let root = format!("{}/tent/draft/posts", draft.entity);
    assert_eq!(ask("GET", &root, &[], "").await.json(), json!([]));
}

#[tokio::test]
async fn a_list_is_asked_for_by_every_parameter() {
    let draft = Draft::log_in().await;
    let mut ids = Vec::new();
    for time in 1..=5 {
        ids.push(draft.publish(status(&time.to_string(), time)).await);
    }
    let essay = json!({"time": 6, "content": {"type": {"url": "https://tent.io/types/posts/essay", "version": "0.1.0"}, "body": "…"}});
    let essay = draft.publish(essay).await.to_string();
    let named = |at: &[usize]| at.iter().map(|&at| ids[at].to_string()).collect::<Vec<_>>();
    let time = Timestamp::from_epoch_seconds;
    assert_eq!(draft.ids(statuses()).await, named(&[4, 3, 2, 1, 0]));
    assert_eq!(draft.ids(statuses().limit(2)).await, named(&[4, 3]));
    assert_eq!(
        draft.ids(statuses().before(&ids[3]).limit(2)).await,
        named(&[2, 1])
    );
    assert_eq!(draft.ids(statuses().since(&ids[2])).await, named(&[4, 3]));
    assert_eq!(
        draft
            .ids(statuses().since_time(time(2)).before_time(time(5)))
            .await,
        named(&[3, 2])
    );
    assert_eq!(
        draft
            .ids(statuses().fetch(Fetch::False).of(&draft.entity))
            .await
            .len(),
        5
    );
    assert_eq!(draft.ids(statuses().of("bob.example")).await.len(), 0);
    let ignoring = ListPosts::new()
        .post_type(&TypeReference::new(STATUS, "0.1.0").in_view("ignore"))
        .since_time(time(5))
        .before_time(time(7));
    assert_eq!(draft.ids(ignoring).await, [essay]);
    let raw = format!("{}/tent/draft/posts?limit=many", draft.entity);
    assert_eq!(ask("GET", &raw, &[], "").await.status, 422);
}

#[tokio::test]
async fn a_type_is_listed_in_the_view_that_is_asked_for() {
    let draft = Draft::log_in().await;
    let mut post = tent_proto::Post::status("Long").public();
    post.content = Some(
        tent_proto::model::Content::from_json(r#"{"text":"Long","location":{"type":"Point"}}"#)
            .unwrap(),
    );
    let view = json!({"excerpt": {"content": ["text"]}});
    post.views = serde_json::from_value(view).unwrap();
    draft
        .client
        .run(draft.later().create_post(&post))
        .await
        .unwrap();
    let excerpt =
        TypeReference::new("https://tent.io/types/post/status", "0.1.0").in_view("excerpt");
    let seen = draft.call(ListPosts::new().post_type(&excerpt)).await;
    assert_eq!(
        seen[0].content.as_ref().unwrap().read::<Value>().unwrap(),
        json!({"text": "Long", "type": {"url": "https://tent.io/types/post/status", "version": "0.1.0", "view": "excerpt"}})
    );
}

#[tokio::test]
async fn a_list_goes_on_behind_the_post_of_somebody_else() {
    let draft = Draft::log_in().await;
    let mut other = tent_proto::Post::status("Of Bob")
        .public()
        .published_at(Timestamp::from_epoch_seconds(3));
    other.id = Some("b1".into());
    other.entity = Some("https://bob.example".parse().unwrap());
    let owner = owner(&draft).await;
    draft
        .client
        .run(owner.call(call::CreatePost::new(&other)))
        .await
        .unwrap();
    let own = draft.publish(status("Mine", 2)).await.to_string();
    let older = ListPosts::new().before(&"b1".into());
    assert_eq!(draft.ids(older.clone()).await, [&*own]);
    assert_eq!(
        draft.ids(older.of("bob.example").of(&draft.entity)).await,
        [own]
    );
    let of_bob = draft.call(GetPost::new("b1").of("bob.example")).await;
    assert_eq!(of_bob.entity.as_deref(), Some("bob.example"));
    assert_eq!(draft.refused(GetPost::new("b1")).await, 404);
}

/// An app of v0.2 that may bring in posts.
async fn owner(draft: &Draft) -> Session {
    let found = DiscoverEntity::new(draft.entity.parse().unwrap());
    let found = draft.client.run(found).await.unwrap();
    let app = App::new("Mover", "https://app.example").redirect_uri(CALLBACK);
    let registered = draft.client.run(register(&found, app)).await.unwrap();
    let asked = ApprovalRequest::new(CALLBACK).post_type(TypeUri::all());
    let asked = [Scope::WritePosts, Scope::ImportPosts, Scope::ReadPosts]
        .into_iter()
        .fold(asked, ApprovalRequest::scope);
    let (url, pending) = registered.authorize(asked, Seed::new([5; 32])).unwrap();
    let code = pending
        .accept(&approve(url.as_str(), PASSPHRASE).await)
        .unwrap();
    let exchange = registered.exchange(code, Seed::new([6; 32])).unwrap();
    draft
        .client
        .run(exchange)
        .await
        .unwrap()
        .session(Seed::new([7; 32]))
}

#[tokio::test]
async fn posts_are_fetched_from_the_servers_of_others() {
    let (alice, bob) = (Draft::log_in().await, Draft::log_in().await);
    let of_bob = bob.publish(status("Bob's", 2)).await;
    let mine = alice.publish(status("Mine", 1)).await.to_string();
    let post = GetPost::new(of_bob.clone()).of(&bob.entity);
    assert_eq!(alice.refused(post.clone()).await, 404);
    for fetch in [Fetch::True, Fetch::Force] {
        let fetched = alice.call(post.clone().fetch(fetch)).await;
        assert_eq!(fetched.entity.as_ref(), Some(&bob.entity));
    }
    let list = statuses().of(&bob.entity).of(&alice.entity);
    let of_bob = of_bob.to_string();
    assert_eq!(
        alice.ids(list.clone().fetch(Fetch::True)).await,
        [of_bob.clone(), mine.clone()]
    );
    assert_eq!(alice.ids(list.clone()).await, [&*mine]);
    let forced = statuses().of(&bob.entity).fetch(Fetch::Force);
    assert_eq!(alice.ids(forced.clone()).await, [of_bob]);
    // Strangers make the server ask nobody.
    let url = format!(
        "{}/tent/draft/posts?fetch=force&entity={}",
        alice.entity, bob.entity
    );
    assert_eq!(ask("GET", &url, &[], "").await.status, 403);
    let unknown = GetPost::new("x")
        .of("http://127.0.0.1:1")
        .fetch(Fetch::Force);
    assert_eq!(alice.refused(unknown).await, 404);
}
