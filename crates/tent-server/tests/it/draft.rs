//! The dialect before v0.1: our own client does everything in it, over real sockets.

mod posts;

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
