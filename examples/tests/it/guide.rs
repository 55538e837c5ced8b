//! The snippets of the guide, each run against a server that has just what they ask for.

mod peer;

use tent_blocking::Client;
use tent_flow::Seed;
use tent_proto::call::ListPosts;
use tent_proto::login::{Account, Registration};
use tent_proto::mac::{Algorithm, Credentials, Stamp};
use tent_proto::{List, Place, Post, Session, Timestamp};
use tent_store::{CredentialStore, FileStore, MemoryStore};

use self::peer::Peer;

include!(concat!(env!("OUT_DIR"), "/guide.rs"));

const BASIC: &str = "/profile/https%3A%2F%2Ftent.io%2Ftypes%2Finfo%2Fbasic%2Fv0.1.0";
const CURSOR: &str = "/profile/https%3A%2F%2Ftent.io%2Ftypes%2Finfo%2Fcursor%2Fv0.1.0";
const BOB: &str = "https%3A%2F%2Fbob.example";

fn key(id: &str) -> Credentials {
    Credentials::new(id, "5ecret", Algorithm::HmacSha256).unwrap()
}

fn account(peer: &Peer) -> Account {
    let servers = vec![peer.root.parse().unwrap()];
    let entity = peer.root.parse().unwrap();
    let registration = Registration::new(entity, servers, "app1".into(), key("a:1"));
    let mut account = Account::new(registration, key("u:1"));
    account.refresh_token = Some("r1".into());
    account.expires_at = Some(Timestamp::from_epoch_seconds(1));
    account
}

fn start() -> (Peer, Client, Session) {
    let peer = Peer::start();
    let client = Client::new().unwrap();
    let session = account(&peer).session(client.seed());
    (peer, client, session)
}

fn post() -> Post {
    let post = r#"{"id":"p1","entity":"https://bob.example","type":"https://tent.io/types/post/photo/v0.1.0",
        "attachments":[{"name":"a.png","type":"image/png","size":3}]}"#;
    serde_json::from_str(post).unwrap()
}

#[test]
fn logging_in_and_staying_so() {
    let (peer, client, _) = start();
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path().join("credentials.json"));
    find::find(&client, &peer.root).unwrap();
    let (registration, url, pending) = begin::begin(&client, &store, &peer.root).unwrap();
    let state = url
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1;
    let came_back = format!("https://app.example/callback?code=c&state={state}");
    peer.take();
    let account = finish::finish(&client, &store, &registration, pending, &came_back).unwrap();
    assert_eq!(
        peer.take(),
        ["POST /apps/app1/authorizations", "GET /groups?limit=1"]
    );
    let entity = &registration.entity;
    assert_eq!(store.account(entity).unwrap(), Some(account));
    store.set_default_entity(entity).unwrap();
    let session = log_in_again::log_in_again(&client, &store).unwrap();
    assert_eq!(session.entity(), entity);
}

#[test]
fn a_session_saves_what_changes_before_it_is_used() {
    let (peer, client, _) = start();
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path().join("credentials.json"));
    let old = account(&peer); // it ended long ago
    let session = session::session(&client, store.clone(), &old);
    client.run(session.get_post("p1")).unwrap();
    let asked = peer.take();
    assert_eq!(asked, ["POST /apps/app1/authorizations", "GET /posts/p1"]);
    let kept = store.account(&old.registration.entity).unwrap().unwrap();
    assert_ne!(kept.refresh_token, old.refresh_token);
}

#[test]
fn a_credential_is_refreshed_when_it_ends_soon() {
    let (peer, client, _) = start();
    let store = MemoryStore::new();
    let old = account(&peer);
    let fresh = refresh::refresh(&client, &store, old.clone()).unwrap();
    assert_eq!(peer.take(), ["POST /apps/app1/authorizations"]);
    assert_eq!(
        store.account(&old.registration.entity).unwrap(),
        Some(fresh.clone())
    );
    let same = refresh::refresh(&client, &store, fresh.clone()).unwrap();
    assert_eq!((same, peer.take().len()), (fresh, 0));
}

#[test]
fn posting_and_reading() {
    let (peer, client, session) = start();
    publish::publish(&client, &session).unwrap();
    answer::answer(&client, &session, &post()).unwrap();
    assert_eq!(peer.take(), ["POST /posts"; 5]);
    read::read(&client, &session).unwrap();
    assert_eq!(
        peer.take(),
        ["GET /posts/p1".to_owned(), format!("GET /posts/{BOB}/q7")]
    );
    list::list(&client, &session).unwrap();
    let asked = peer.take().join("\n");
    for call in [
        "HEAD /posts?post_types",
        "GET /followers",
        "GET /posts?limit=30",
    ] {
        assert!(asked.contains(call), "{asked}");
    }
    parts::parts(&client, &session, &post()).unwrap();
    let asked = peer.take().join("\n");
    for call in [
        "GET /posts?limit=30",
        "since_id=p1",
        "before_time=1359676800",
    ] {
        assert!(asked.contains(call), "{asked}");
    }
    let place = Place::new(ListPosts::new());
    let next = catch_up::catch_up(&client, &session, place).unwrap();
    assert_eq!(next.unwrap().list().query().since().unwrap().id, "p1");
    peer.take();
    thread::thread(&client, &session).unwrap();
    let asked = peer.take();
    assert!(asked.len() > 1 && asked[0] == "GET /posts/p1", "{asked:?}");
    change::change(&client, &session).unwrap();
    let mut asked = peer.take();
    asked.retain(|call| !call.contains("before_version"));
    assert_eq!(
        asked,
        [
            "GET /posts/p1",
            "PUT /posts/p1",
            "GET /posts/p1/versions",
            "PUT /posts/p1",
            "DELETE /posts/p1"
        ]
    );
    poll::poll(&client, &session).unwrap();
    assert_eq!(
        peer.take(),
        ["GET /posts?limit=20", "GET /posts?limit=20 304"]
    );
}

#[test]
fn files_go_up_and_down() {
    let (peer, client, session) = start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("quay.jpg");
    std::fs::write(&path, [0xff, 0xd8, 0xff]).unwrap();
    upload::upload(&client, &session, path.to_str().unwrap()).unwrap();
    let file = std::fs::File::create(&path).unwrap();
    download::download(&client, &session, &post(), file).unwrap();
    assert_eq!(
        peer.take(),
        ["POST /posts", "GET /posts/p1/attachments/a.png"]
    );
    assert_eq!(std::fs::read(&path).unwrap(), b"PNG");
}

#[test]
fn the_profile_and_what_was_read() {
    let (peer, client, session) = start();
    profile::profile(&client, &session).unwrap();
    let asked = peer.take();
    assert_eq!(
        asked[..3],
        [
            "GET /profile".to_owned(),
            format!("PUT {BASIC}"),
            format!("GET {BASIC}?version=1")
        ]
    );
    assert!(asked[3].starts_with("DELETE /profile/https%3A%2F%2Fharbour"));
    mark_as_read::mark_as_read(&client, &session, &post()).unwrap();
    assert_eq!(
        peer.take()[1..],
        ["GET /profile".to_owned(), format!("PUT {CURSOR}")]
    );
}

#[test]
fn people_and_apps() {
    let (peer, client, session) = start();
    follow::follow(&client, &session).unwrap();
    let asked = peer.take();
    assert_eq!(asked[..2], ["POST /followings", "GET /followings"]);
    assert_eq!(asked[asked.len() - 1], "DELETE /followings/f0");
    group::group(&client, &session).unwrap();
    assert_eq!(
        peer.take(),
        [
            "POST /groups",
            "GET /followings/f0",
            "PUT /followings/f0",
            "POST /posts",
            "GET /groups",
            "DELETE /groups/g1"
        ]
    );
    revoke_all::revoke_all(&client, &session, "Harbour").unwrap();
    assert_eq!(
        peer.take(),
        ["GET /apps", "DELETE /apps/app1/authorizations/z1"]
    );
}

#[test]
fn notifications_are_received_once() {
    let url: url::Url = "https://app.example/notify".parse().unwrap();
    let mut receiver = tent_proto::notification::Receiver::new(url.clone());
    let account = account(&Peer::start());
    let timestamp = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let stamp = Stamp {
        timestamp,
        nonce: "3721c8",
    };
    let signed = account.credentials.sign(&http::Method::POST, &url, stamp);
    let mut notified =
        || notified::notified(&mut receiver, &account, Some(&signed), b"{\"id\":\"p1\"}");
    assert_eq!((notified(), notified()), (200, 401));
}

#[test]
fn calls_and_transports_of_ones_own() {
    let (peer, client, session) = start();
    raw::raw(&client, &session).unwrap();
    assert_eq!(tide::tide(&client, &session).unwrap(), 140);
    assert_eq!(peer.take(), ["GET /posts?limit=1", "GET /tides/aarhus"]);
    archived::archived(&client, &session).unwrap();
    assert_eq!(
        peer.take(),
        ["GET /posts/3fe1abef41cb?entity=smithson%2Eme&fetch=force"]
    );
    set_up::set_up().unwrap();
    patient::patient(session.clone());

    let mut script = tent_flow::script::Script::new().on(
        "GET",
        "https://alice.example/posts/p1",
        tent_flow::script::Answer::json("{\"id\":\"p1\"}"),
    );
    let session = Session::new(
        "https://alice.example".parse().unwrap(),
        vec!["https://alice.example".parse().unwrap()],
        key("u:1"),
        Seed::new([7; 32]),
    );
    let now = || tent_flow::Moment {
        wall: std::time::SystemTime::now(),
        mono: std::time::Duration::ZERO,
    };
    // The transport: the script plays one request of the flow.
    let send = |request: tent_flow::Request, sink: Box<dyn tent_flow::Sink>| {
        script.run(peer::Once::new(request, sink))
    };
    let read = run::run(session.get_post("p1"), now, send).unwrap();
    assert_eq!(read, serde_json::from_str("{\"id\":\"p1\"}").unwrap());
}

#[test]
fn each_error_asks_for_something_else() {
    let (peer, client, session) = start();
    assert_eq!(careful::careful(&client, &session), "done");
    peer.refuse(401, "Invalid MAC Key ID");
    assert_eq!(careful::careful(&client, &session), "log in again");
    peer.refuse(403, "Unauthorized");
    assert_eq!(careful::careful(&client, &session), "ask for another scope");
    let nobody = Session::anonymous(session.entity().clone(), session.servers().to_vec());
    assert_eq!(
        careful::careful(&client, &nobody),
        "mend the call: nothing was sent"
    );
    let closed = vec!["http://127.0.0.1:1".parse().unwrap()];
    let down = Session::new(session.entity().clone(), closed, key("u:1"), client.seed());
    assert_eq!(
        careful::careful(&client, &down),
        "try later: nothing was done"
    );
}

#[tokio::test]
async fn publishing_asynchronously() {
    let peer = Peer::start();
    let client = tent_async::Client::new().unwrap();
    let session = account(&peer).session(client.seed());
    publish_async::publish_async(&client, &session)
        .await
        .unwrap();
    assert_eq!(peer.take(), ["POST /posts"]);
}

#[test]
fn a_feed_goes_on_until_it_may_not() {
    let (peer, client, session) = start();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("place.json");
    peer.refuse(403, "Unauthorized");
    let error = watch::watch(&client, &session, &place).unwrap_err();
    assert!(error.to_string().contains("403"), "{error}");
    assert!(!place.exists(), "nothing came");
}

#[tokio::test]
async fn lines_for_many() {
    assert_eq!(for_many::for_many(3).unwrap().len(), 3);
}
