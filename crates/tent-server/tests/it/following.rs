//! Two servers, over real sockets: one entity follows another.

use tent_async::Client;
use tent_proto::call::{
    CreateFollowing, DeleteFollowing, GetFollowerByEntity, GetFollowing, ListFollowers,
    ListFollowings, ListPosts, UpdateFollowing,
};
use tent_proto::follow::Followed;
use tent_proto::model::{Following, Permissions, RelationChange};
use tent_proto::{CallError, Entity, Post, Session};
use tent_server::TestServer;

use crate::store;

struct Pair {
    client: Client,
    alice: TestServer,
    bob: TestServer,
}

impl Pair {
    fn start() -> Self {
        Self {
            client: Client::new().unwrap(),
            alice: store::test_server(),
            bob: store::test_server(),
        }
    }

    /// Alice follows Bob.
    async fn follow(&self) -> Following {
        let call = CreateFollowing::new(self.bob.entity().clone());
        let followed = self.client.run(self.alice.session().call(call)).await;
        followed.unwrap()
    }
}

fn anonymous(server: &TestServer) -> Session {
    Session::anonymous(server.entity().clone(), vec![server.root().clone()])
}

#[tokio::test]
async fn both_servers_know_who_follows_whom() {
    let pair = Pair::start();
    let following = pair.follow().await;
    let Pair { client, alice, bob } = &pair;
    assert_eq!(following.entity.as_ref(), Some(bob.entity()));
    assert!(following.updated_at.is_some() && following.mac_key.is_none());
    let profile = following.profile.as_ref().unwrap();
    assert_eq!(profile.core().unwrap().entity.as_ref(), Some(bob.entity()));

    let find = GetFollowerByEntity::new(alice.entity().clone()).with_secrets();
    let follower = client.run(bob.session().call(find)).await.unwrap();
    assert_eq!(follower.entity.as_ref(), Some(alice.entity()));
    assert_eq!(follower.id.as_ref(), following.remote_id.as_ref());
    let with_keys = GetFollowing::new(following.id.clone().unwrap()).with_secrets();
    let with_keys = client.run(alice.session().call(with_keys)).await.unwrap();
    assert_eq!(
        with_keys.credentials().unwrap(),
        follower.credentials().unwrap()
    );

    // Everybody sees that, and little more.
    let seen = client
        .run(anonymous(alice).call(ListFollowings::new()))
        .await;
    let seen = seen.unwrap().items.remove(0);
    assert_eq!(seen.entity.as_ref(), Some(bob.entity()));
    assert!(seen.profile.is_none() && seen.remote_id.is_none() && seen.updated_at.is_none());
    let seen = client.run(anonymous(bob).call(ListFollowers::new())).await;
    assert_eq!(seen.unwrap().items.len(), 1);

    let again = CreateFollowing::new(bob.entity().clone());
    let again = client.run(alice.session().call(again)).await.unwrap_err();
    assert_eq!(again.status().unwrap(), 409);

    let told = client
        .run(anonymous(alice).list_posts(ListPosts::new()))
        .await;
    let told = told.unwrap().items;
    let content: RelationChange = told[0].content().unwrap();
    assert_eq!(content.entity.as_ref(), Some(bob.entity()));
    assert_eq!(content.action.as_deref(), Some("create"));
}

#[tokio::test]
async fn a_follower_sees_what_is_shared_with_it() {
    let pair = Pair::start();
    let following = pair.follow().await;
    let Pair { client, alice, bob } = &pair;
    let keys = GetFollowing::new(following.id.unwrap()).with_secrets();
    let keys = client.run(alice.session().call(keys)).await.unwrap();
    let followed = Followed::new(
        bob.entity().clone(),
        vec![bob.root().clone()],
        keys.remote_id.clone().unwrap(),
        keys.credentials().unwrap(),
    );
    let session = followed.session(client.seed());

    let shared = Post::status("for Alice").visible_to(alice.entity());
    let other: Entity = "https://carol.example".parse().unwrap();
    for post in [
        Post::status("for all").public(),
        shared,
        Post::status("for Carol").visible_to(&other),
        Post::status("for me"),
    ] {
        client.run(bob.session().create_post(&post)).await.unwrap();
    }
    let statuses = || ListPosts::new().post_type(&tent_proto::TypeUri::status());
    let texts = async |session: &Session| {
        let page = client.run(session.list_posts(statuses())).await.unwrap();
        let texts = page.items.iter();
        let texts = texts.map(|post| post.content::<tent_proto::model::Status>().unwrap().text);
        texts.map(Option::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(texts(&session).await, ["for Alice", "for all"]);
    assert_eq!(texts(&anonymous(bob)).await, ["for all"]);
    assert_eq!(texts(&bob.session()).await.len(), 4);
}

#[tokio::test]
async fn an_ended_following_is_ended_on_both_sides() {
    let pair = Pair::start();
    let following = pair.follow().await;
    let Pair { client, alice, bob } = &pair;
    let id = following.id.unwrap();
    client
        .run(alice.session().call(DeleteFollowing::new(id.clone())))
        .await
        .unwrap();
    let gone = client
        .run(alice.session().call(GetFollowing::new(id)))
        .await;
    assert_eq!(gone.unwrap_err().status().unwrap(), 404);
    // The other server is told after the answer.
    for _ in 0..1000 {
        let list = client.run(bob.session().call(ListFollowers::new())).await;
        if list.unwrap().items.is_empty() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the other server still has a follower");
}

#[tokio::test]
async fn who_cannot_be_followed_is_told() {
    let pair = Pair::start();
    let Pair { client, alice, .. } = &pair;
    let follow = async |entity: &str| {
        let call = CreateFollowing::new(entity.parse().unwrap());
        let error = client.run(alice.session().call(call)).await.unwrap_err();
        let CallError::Refused(refusal) = error else {
            panic!("{error:?}")
        };
        refusal.status().as_u16()
    };
    assert_eq!(follow(alice.entity().as_str()).await, 406);
    assert_eq!(follow("http://127.0.0.1:1").await, 404);
    let list = client
        .run(alice.session().call(ListFollowings::new()))
        .await;
    assert!(list.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_following_can_be_hidden() {
    let pair = Pair::start();
    let following = pair.follow().await;
    let Pair { client, alice, .. } = &pair;
    let mut changes = Following::default();
    changes.permissions = Some(Permissions::private());
    let call = UpdateFollowing::new(following.id.unwrap(), changes);
    client.run(alice.session().call(call)).await.unwrap();
    let seen = client
        .run(anonymous(alice).call(ListFollowings::new()))
        .await;
    assert!(seen.unwrap().items.is_empty());
    let seen = client
        .run(alice.session().call(ListFollowings::new()))
        .await;
    assert_eq!(seen.unwrap().items.len(), 1);
}
