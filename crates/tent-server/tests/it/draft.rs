//! The dialect before v0.1: our own client does everything in it, over real sockets.

use serde_json::{Value, json};
use tent_async::Client;
use tent_flow::Seed;
use tent_proto::call;
use tent_proto::draft::call::*;
use tent_proto::draft::model::{Follower, License, Post, TypeReference};
use tent_proto::login::{ApprovalRequest, register};
use tent_proto::mac::Credentials;
use tent_proto::{
    App, Dialect, DiscoverEntity, Discovery, PostId, Scope, Session, Timestamp, TypeUri,
};

use crate::wire::{approve, ask, serve};
use crate::world::{PASSPHRASE, encoded};

const CALLBACK: &str = "https://app.example/cb";
const STATUS: &str = "https://tent.io/types/posts/status";
const SCOPES: [Scope; 8] = [
    Scope::ReadPosts,
    Scope::WritePosts,
    Scope::ReadProfile,
    Scope::WriteProfile,
    Scope::ReadFollowers,
    Scope::WriteFollowers,
    Scope::ReadFollowings,
    Scope::WriteFollowings,
];

/// An app that logged in in the draft.
struct Draft {
    client: Client,
    entity: String,
    session: Session,
}

impl Draft {
    async fn log_in() -> Self {
        Self::log_in_with(TypeUri::all()).await
    }

    /// With these types of posts alone.
    async fn log_in_with(post_type: TypeUri) -> Self {
        let (client, entity) = (Client::new().unwrap(), serve().await);
        let found = discover(&client, &entity).await;
        let app = App::new("Harbour", "https://app.example").redirect_uri(CALLBACK);
        let registered = client.run(register(&found, app)).await.unwrap();
        let asked = ApprovalRequest::new(CALLBACK)
            .profile_info_type(TypeUri::all())
            .post_type(post_type);
        let asked = SCOPES.into_iter().fold(asked, ApprovalRequest::scope);
        let (url, pending) = registered.authorize(asked, Seed::new([1; 32])).unwrap();
        assert!(url.path().ends_with("/draft/auth"), "{url}");
        let code = pending
            .accept(&approve(url.as_str(), PASSPHRASE).await)
            .unwrap();
        let exchange = registered.exchange(code, Seed::new([2; 32])).unwrap();
        let account = client.run(exchange).await.unwrap();
        Self {
            client,
            session: account.session(Seed::new([3; 32])),
            entity,
        }
    }

    async fn call<C: call::Call>(&self, call: C) -> C::Answer {
        self.client.run(self.session.call(call)).await.unwrap()
    }

    /// The status with which a call is refused.
    async fn refused<C: call::Call>(&self, call: C) -> u16 {
        match self.client.run(self.session.call(call)).await {
            Ok(_) => panic!("it was not refused"),
            Err(error) => error.status().unwrap().as_u16(),
        }
    }

    /// The same credential in v0.2.
    fn later(&self) -> Session {
        Session::new(
            self.entity.parse().unwrap(),
            vec![format!("{}/tent", self.entity).parse().unwrap()],
            self.session.credentials().unwrap().clone(),
            Seed::new([4; 32]),
        )
    }

    async fn publish(&self, post: Value) -> PostId {
        let post: Post = serde_json::from_value(post).unwrap();
        self.call(CreatePost::new(post)).await.unwrap()
    }

    async fn ids(&self, list: ListPosts) -> Vec<String> {
        let posts = self.call(list).await.into_iter();
        posts.map(|post| post.id.unwrap().to_string()).collect()
    }
}

async fn discover(client: &Client, entity: &str) -> Discovery {
    let flow = DiscoverEntity::new(entity.parse().unwrap()).speaking(Dialect::Draft);
    client.run(flow).await.unwrap()
}

fn status(text: &str, time: i64) -> Value {
    json!({"time": time, "content": {
        "type": {"url": STATUS, "version": "0.1.0", "view": "full"}, "text": text}})
}

fn statuses() -> ListPosts {
    ListPosts::new().post_type(&TypeReference::new(STATUS, "0.1.0"))
}

#[tokio::test]
async fn an_entity_is_found_in_either_dialect() {
    let (client, entity) = (Client::new().unwrap(), serve().await);
    let page = ask("HEAD", &format!("{entity}/"), &[], "").await;
    assert_eq!(page.header("tent-server"), format!("{entity}/tent/draft"));
    let page = ask("GET", &format!("{entity}/"), &[], "").await.body;
    let link = format!("<link rel=\"tent\" href=\"{entity}/tent/draft\">");
    assert!(page.contains(&link), "{page}");

    let draft = discover(&client, &entity).await;
    assert_eq!(draft.dialect, Dialect::Draft);
    assert_eq!(draft.servers[0].as_str(), format!("{entity}/tent/draft"));
    let later = DiscoverEntity::new(entity.parse().unwrap());
    let later = client.run(later).await.unwrap();
    assert_eq!(later.dialect, Dialect::V0);
    assert_eq!(later.servers[0].as_str(), format!("{entity}/tent"));
}

#[tokio::test]
async fn the_profile_is_a_list_that_is_changed_in_parts() {
    let draft = Draft::log_in().await;
    let mut profile = draft.call(GetProfile::default()).await;
    assert!(profile[0].is_core());
    assert_eq!(profile[0].entity.as_deref(), Some(&*draft.entity));
    let music = json!({"type": {"url": "https://tent.io/types/info/music", "version": "0.1.0"}, "bands": ["foo"]});
    profile.push(serde_json::from_value(music).unwrap());
    let changed = draft.call(UpdateProfile::new(profile.clone())).await;
    assert_eq!(changed, profile);
    let later = draft.client.run(draft.later().get_profile()).await;
    let music = later.unwrap();
    let music = music.section(&"https://tent.io/types/info/music/v0.1.0".into());
    assert!(music.unwrap().contains(r#""bands":["foo"]"#), "{music:?}");
    // Nothing is lost by leaving parts out, and the roots stay where they are.
    assert_eq!(draft.call(UpdateProfile::new(Vec::new())).await, profile);
    profile[0].servers.clear();
    assert_eq!(draft.refused(UpdateProfile::new(profile)).await, 422);
}

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

#[tokio::test]
async fn people_are_followed_by_their_host_names() {
    let (alice, bob) = (Draft::log_in().await, Draft::log_in().await);
    let follow = CreateFollowing::new(&bob.entity).in_group("friends");
    let id = alice.call(follow.clone()).await.unwrap();
    assert_eq!(alice.refused(follow).await, 409);
    let listed = alice.call(ListFollowings::default()).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].id.as_ref(), Some(&id));
    assert_eq!(listed[0].entity.as_ref(), Some(&bob.entity));
    assert_eq!(listed[0].groups, ["friends"]);
    let mut changed = listed[0].clone();
    changed.groups = vec!["business".to_owned()];
    let answer = alice
        .call(UpdateFollowing::new(id.clone(), changed.clone()))
        .await;
    assert_eq!(answer, changed);

    let followers = bob.call(ListFollowers::default()).await;
    assert_eq!(followers[0].entity.as_ref(), Some(&alice.entity));
    let follower = followers[0].id.clone().unwrap();
    let mut named = Follower::default();
    named.groups = vec!["random-people".to_owned()];
    named.full_name = Some("Alice Koss".to_owned());
    named.display_name = Some("koss".to_owned());
    let answer = bob
        .call(UpdateFollower::new(follower.clone(), named.clone()))
        .await;
    named.id = Some(follower.clone());
    named.entity = Some(alice.entity.clone());
    assert_eq!(answer, named);
    assert_eq!(bob.call(GetFollower::new(follower.clone())).await, named);

    bob.call(DeleteFollower::new(follower.clone())).await;
    assert_eq!(bob.refused(GetFollower::new(follower)).await, 404);
    alice.call(DeleteFollowing::new(id.clone())).await;
    assert_eq!(alice.refused(DeleteFollowing::new(id)).await, 404);
    assert_eq!(alice.call(ListFollowings::default()).await, []);
}

#[tokio::test]
async fn answers_have_the_statuses_and_the_form_of_the_document() {
    let entity = serve().await;
    let root = format!("{entity}/tent/draft");
    let json = [("Content-Type", "application/json")];
    let body =
        r#"{"name":"Old","url":"https://app.example","redirect_uris":["https://app.example/cb"]}"#;
    let app = ask("POST", &format!("{root}/apps"), &json, body).await;
    let id = app.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(app.status, 201);
    assert_eq!(
        app.header("location"),
        format!("{root}/apps/{}", encoded(&id))
    );
    assert_eq!(app.header("content-type"), "application/json");
    assert_eq!(app.header("cache-control"), "no-store");
    assert_eq!(app.json()["mac_algorithm"], "hmac-sha-256");
    assert!(app.json()["secret"].is_string());

    let unsigned = ask("POST", &format!("{root}/posts"), &json, "{}").await;
    assert_eq!(
        (unsigned.status, unsigned.header("content-type")),
        (403, "application/json")
    );
    for (method, path) in [
        ("DELETE", "/profile"),
        ("POST", "/followers"),
        ("GET", "/following/x"),
    ] {
        assert_eq!(
            ask(method, &format!("{root}{path}"), &json, "{}")
                .await
                .status,
            405,
            "{path}"
        );
    }
    assert_eq!(
        ask("GET", &format!("{root}/groups"), &[], "").await.status,
        404
    );
}

#[tokio::test]
async fn an_app_is_changed_with_its_own_credential() {
    let (client, entity) = (Client::new().unwrap(), serve().await);
    let found = discover(&client, &entity).await;
    let app = App::new("Harbour", "https://app.example").redirect_uri(CALLBACK);
    let registered = client.run(register(&found, app.clone())).await.unwrap();
    let session = registered.session(Seed::new([1; 32]));
    let id = session
        .credentials()
        .map(Credentials::id)
        .unwrap()
        .to_owned();
    let mut renamed = app;
    renamed.name = Some("Quay".to_owned());
    let changed = client
        .run(session.call(UpdateApp::new(id.as_str(), renamed)))
        .await;
    assert_eq!(changed.unwrap().unwrap().name.as_deref(), Some("Quay"));
}

#[tokio::test]
async fn what_is_granted_in_the_draft_is_all_that_is() {
    let status = TypeUri::from(format!("{STATUS}/v0.1.0").as_str());
    let draft = Draft::log_in_with(status.clone()).await;
    draft.publish(self::status("Granted", 1)).await;
    let essay = json!({"time": 1, "content": {"type": {"url": "https://tent.io/types/posts/essay", "version": "0.1.0"}}});
    let essay: Post = serde_json::from_value(essay).unwrap();
    assert_eq!(draft.refused(CreatePost::new(essay)).await, 403);
    let nothing: Post = serde_json::from_value(json!({"content": {"text": "?"}})).unwrap();
    assert_eq!(draft.refused(CreatePost::new(nothing)).await, 422);
    let licensed = License::new("https://licences.org/x", "1.0.0");
    let mut post: Post = serde_json::from_value(self::status("x", 1)).unwrap();
    post.licences.push(licensed);
    draft.call(CreatePost::new(post)).await.unwrap();
    let private = tent_proto::Post::status("v0.2").public();
    let refused = draft.client.run(draft.later().create_post(&private)).await;
    assert_eq!(refused.unwrap_err().status().unwrap(), 403);
}
