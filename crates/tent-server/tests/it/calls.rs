//! Every call that the server serves, made by a client over a real socket.

use tent_async::Client;
use tent_flow::Flow;
use tent_proto::call::*;
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::model::{Basic, Content, Follower, Following, Permissions, RelationChange, Status};
use tent_proto::{App, CallError, Entity, Post, Scope, Session, TypeUri};
use tent_server::TestServer;

use crate::store;

struct Caller {
    client: Client,
    server: TestServer,
    session: Session,
}

impl Caller {
    fn start() -> Self {
        let server = store::test_server();
        Self {
            client: Client::new().unwrap(),
            session: server.session(),
            server,
        }
    }

    async fn make<C: Call>(&self, call: C) -> C::Answer {
        self.run(self.session.call(call)).await
    }

    async fn run<T, F: Flow<Output = Result<T, CallError>>>(&self, flow: F) -> T {
        let done = self.client.run(flow).await;
        done.unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// The status of a refusal.
    async fn refused<C: Call>(&self, call: C) -> u16
    where
        C::Answer: std::fmt::Debug,
    {
        let error = self.client.run(self.session.call(call)).await.unwrap_err();
        error.status().unwrap().as_u16()
    }
}

#[tokio::test]
async fn calls_on_posts() {
    let caller = &Caller::start();
    let post = caller
        .make(CreatePost::new(&Post::status("one").public()))
        .await;
    let id = post.id.clone().unwrap();
    assert_eq!(
        caller.make(GetPost::new(id.clone())).await.content,
        post.content
    );
    let own = caller.server.entity().clone();
    let by_entity = caller.make(GetPost::new(id.clone()).of(own.clone())).await;
    assert_eq!(by_entity.id, post.id);
    assert!(
        caller
            .make(GetPost::new(id.clone()).view("meta"))
            .await
            .content
            .is_none()
    );

    let unchanged = Conditional::new(GetPost::new(id.clone()));
    let Change::Changed { validator, .. } = caller.make(unchanged).await else {
        panic!("nothing was known yet")
    };
    let again = GetPost::new(id.clone()).if_changed(&validator.unwrap());
    assert!(matches!(caller.make(again).await, Change::Unchanged));

    let mut two = post.clone();
    two.content = Some(Content::new(&Status::new("two")).unwrap());
    assert_eq!(
        caller.make(UpdatePost::new(id.clone(), two)).await.version,
        Some(2)
    );
    assert_eq!(
        caller.make(RevertPost::new(id.clone(), 1)).await.version,
        Some(3)
    );
    let old = caller.make(GetPost::new(id.clone()).version(2)).await;
    assert_eq!(
        old.content::<Status>().unwrap().text.as_deref(),
        Some("two")
    );
    let versions = caller.make(ListVersions::new(id.clone())).await;
    assert_eq!(versions.items.len(), 3);
    assert_eq!(
        caller
            .make(CountVersions::new(ListVersions::new(id.clone())))
            .await,
        3
    );

    let reply = Post::status("reply").public().reply_to(&post);
    let reply = caller.make(CreatePost::new(&reply)).await;
    let mentions = caller.make(ListMentions::new(id.clone())).await;
    assert_eq!(mentions.items[0].post, reply.id);
    assert_eq!(
        caller
            .make(CountMentions::new(ListMentions::new(id.clone())))
            .await,
        1
    );
    let page = caller.make(ListPosts::new().limit(1)).await;
    assert_eq!(page.items[0].id, reply.id);
    assert_eq!(caller.make(CountPosts::new(ListPosts::new())).await, 2);
    let scanned = caller.make(ScanPosts::new(ListPosts::new())).await;
    assert_eq!(scanned.envelopes().unwrap().len(), 2);

    let imported = caller
        .make(ImportPost::new("mine", Post::status("old").public()))
        .await;
    assert_eq!(imported.id.as_ref().unwrap().as_str(), "mine");
    let again = caller
        .make(ImportPost::new("mine", Post::status("old").public()))
        .await;
    assert_eq!(again, imported);

    caller.make(DeletePost::new(id.clone()).version(2)).await;
    assert_eq!(
        caller.refused(GetPost::new(id.clone()).version(2)).await,
        404
    );
    caller.make(DeletePost::new(id.clone())).await;
    assert_eq!(caller.refused(GetPost::new(id)).await, 404);

    let answer = caller
        .make(Api::new(http::Method::GET, "/posts/count"))
        .await;
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn calls_on_the_profile() {
    let caller = &Caller::start();
    let profile = caller.make(GetProfile::default()).await;
    assert_eq!(
        profile.core().unwrap().entity.as_ref(),
        Some(caller.server.entity())
    );
    let mut basic = Basic::default();
    basic.name = Some("Alice".into());
    let put = caller.make(PutProfileSection::of(&basic).unwrap()).await;
    assert_eq!(put.get::<Basic>().unwrap().unwrap().name, basic.name);
    let section = caller.make(GetProfileSection::new(TypeUri::basic())).await;
    assert!(section.as_json().contains("Alice"));
    let edit = caller.session.edit_profile(|basic: &mut Basic| {
        basic.location = Some("Ghent".into());
    });
    caller.run(edit).await;
    let profile = caller.make(GetProfile::default()).await;
    let edited = profile.get::<Basic>().unwrap().unwrap();
    assert_eq!(
        (edited.name, edited.location),
        (Some("Alice".into()), Some("Ghent".into()))
    );
    caller
        .make(DeleteProfileSection::new(TypeUri::basic()))
        .await;
    assert!(
        caller
            .make(GetProfile::default())
            .await
            .get::<Basic>()
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn calls_on_groups() {
    let caller = &Caller::start();
    let group = caller.make(CreateGroup::new("friends")).await;
    let id = group.id.clone().unwrap();
    assert_eq!(caller.make(GetGroup::new(id.clone())).await, group);
    let renamed = caller.make(UpdateGroup::new(id.clone(), "close")).await;
    assert_eq!(renamed.name.as_deref(), Some("close"));
    assert_eq!(caller.make(ListGroups::new()).await.items, [renamed]);
    assert_eq!(caller.make(CountGroups::new(ListGroups::new())).await, 1);
    caller.make(DeleteGroup::new(id.clone())).await;
    assert_eq!(caller.refused(GetGroup::new(id)).await, 404);
}

#[tokio::test]
async fn calls_on_followers() {
    let caller = &Caller::start();
    let bob: Entity = "https://bob.example".parse().unwrap();
    let keys = Credentials::new("s:bob", "0f1e", Algorithm::HmacSha256).unwrap();
    let mut follower = Follower::default().with_credentials(&keys);
    follower.entity = Some(bob.clone());
    follower.notification_path = Some("notifications/x".into());
    let follower = caller.make(CreateFollower::new(follower)).await;
    let id = follower.id.clone().unwrap();
    let found = caller
        .make(GetFollower::new(id.clone()).with_secrets())
        .await;
    assert_eq!(found.credentials().unwrap(), keys);
    let by_entity = caller.make(GetFollowerByEntity::new(bob.clone())).await;
    assert_eq!(by_entity.id, follower.id);
    let found = caller.run(caller.session.find_follower(bob.clone())).await;
    assert_eq!(found.id, follower.id);
    let mut change = Follower::default();
    change.permissions = Some(Permissions::private());
    caller.make(UpdateFollower::new(id.clone(), change)).await;
    let listed = caller.make(ListFollowers::new().entity(&bob)).await;
    assert!(!listed.items[0].permissions.as_ref().unwrap().is_public());
    assert_eq!(
        caller.make(CountFollowers::new(ListFollowers::new())).await,
        1
    );
    caller.make(DeleteFollower::new(id.clone())).await;
    assert_eq!(caller.refused(GetFollower::new(id)).await, 404);
}

#[tokio::test]
async fn calls_on_followings() {
    let (caller, other) = (&Caller::start(), &Caller::start());
    let bob = other.server.entity().clone();
    other
        .make(CreatePost::new(&Post::status("from Bob").public()))
        .await;
    let following = caller.make(CreateFollowing::new(bob.clone())).await;
    let id = following.id.clone().unwrap();
    assert_eq!(
        caller.make(GetFollowing::new(id.clone())).await.entity,
        following.entity
    );
    let by_entity = caller.make(GetFollowingByEntity::new(bob.clone())).await;
    assert_eq!(by_entity.id, following.id);
    let found = caller.run(caller.session.find_following(bob.clone())).await;
    assert_eq!(found.id, following.id);
    let through = ListPosts::new().post_type(&TypeUri::status());
    let through = caller
        .make(GetThroughFollowing::new(id.clone(), through))
        .await;
    assert_eq!(through.items[0].entity.as_ref(), Some(&bob));
    let mut change = Following::default();
    change.permissions = Some(Permissions::private());
    caller.make(UpdateFollowing::new(id.clone(), change)).await;
    assert_eq!(caller.make(ListFollowings::new()).await.items.len(), 1);
    assert_eq!(
        caller
            .make(CountFollowings::new(ListFollowings::new()))
            .await,
        1
    );
    caller.make(DeleteFollowing::new(id.clone())).await;
    assert_eq!(caller.refused(GetFollowing::new(id)).await, 404);
    let posts = ListPosts::new().post_type(&TypeUri::following());
    let posts = caller.make(posts).await.items;
    let actions = posts
        .iter()
        .map(|post| post.content::<RelationChange>().unwrap().action);
    let actions: Vec<_> = actions.map(Option::unwrap).collect();
    assert_eq!(actions, ["delete", "create"]);
}

#[tokio::test]
async fn calls_on_apps() {
    let caller = &Caller::start();
    let app = App::new("Harbour", "https://app.example")
        .redirect_uri("https://app.example/cb")
        .scope(Scope::ReadPosts, "Shows your posts");
    let app = caller.make(RegisterApp::new(app)).await;
    let id = app.id.clone().unwrap();
    assert!(app.mac_key.is_some());
    assert!(caller.make(GetApp::new(id.clone())).await.mac_key.is_none());
    let mut change = App::default();
    change.name = Some("Haven".into());
    let changed = caller.make(UpdateApp::new(id.clone(), change)).await;
    assert_eq!(changed.name.as_deref(), Some("Haven"));
    assert_eq!(caller.make(ListApps::new()).await.len(), 2);
    caller.make(DeleteApp::new(id.clone())).await;
    assert_eq!(caller.refused(GetApp::new(id)).await, 404);
}
