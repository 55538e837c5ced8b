//! The calls of the draft send what its document shows, and read what it shows.

use serde_json::{Value, json};
use tent_flow::Seed;
use tent_flow::script::{Answer, Script};
use tent_proto::call::{Call, Replay};
use tent_proto::draft::call::*;
use tent_proto::draft::model::{Follower, Following, Info, License, Post, TypeReference};
use tent_proto::mac::{Algorithm, Credentials, Header};
use tent_proto::model::{Content, Status};
use tent_proto::{PostId, Session, Timestamp};

const ROOT: &str = "https://tent.smith.me";

fn session() -> Session {
    let credentials = Credentials::new("775ecf8", "489dks293j39", Algorithm::HmacSha1).unwrap();
    let servers = vec![ROOT.parse().unwrap()];
    Session::new(
        "https://smith.me".parse().unwrap(),
        servers,
        credentials,
        Seed::new([7; 32]),
    )
}

/// What a call sends along with its target: the headers `Accept` and `Content-Type`, and a body.
struct Sent {
    accept: bool,
    body: Option<Value>,
}

const READ: Sent = Sent {
    accept: true,
    body: None,
};
const DELETE: Sent = Sent {
    accept: false,
    body: None,
};

fn change(body: Value) -> Sent {
    Sent {
        accept: true,
        body: Some(body),
    }
}

fn create(body: Value) -> Sent {
    Sent {
        accept: false,
        body: Some(body),
    }
}

fn make<C: Call>(call: C, request: &str, sent: &Sent, answer: Answer) -> C::Answer {
    let (method, path) = request.split_once(' ').unwrap();
    let mut script = Script::new().on(method, &format!("{ROOT}{path}"), answer);
    let made = script.run(session().call(call)).unwrap();
    let seen = &script.seen()[0];
    let json = |is_there: bool| if is_there { "application/json" } else { "" };
    assert_eq!(seen.header("accept"), json(sent.accept), "{request}");
    assert_eq!(
        seen.header("content-type"),
        json(sent.body.is_some()),
        "{request}"
    );
    let body = (!seen.body.is_empty()).then(|| serde_json::from_slice(&seen.body).unwrap());
    assert_eq!(body, sent.body, "{request}");
    // SHA-1, as the credential says.
    assert_eq!(
        Header::parse(seen.header("authorization"))
            .unwrap()
            .mac()
            .len(),
        28
    );
    made
}

fn answer(value: &Value) -> Answer {
    Answer::status(200).body(value.to_string())
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn the_profile_is_a_list_of_parts() {
    let profile = json!([
        {"type": {"url": "https://tent.io", "version": "0.1.0"},
         "licenses": [{"url": "https://tent.io/types/licenses/creative-commons", "version": "3.0.0"}],
         "entity": "smith.me",
         "servers": ["https://tent.smith.me", "https://smi.th/api"]},
        {"type": {"url": "https://tent.io/types/info/music", "version": "0.1.0"}, "bands": ["foo", "bar"]},
    ]);
    let parts: Vec<Info> = make(
        GetProfile::default(),
        "GET /profile",
        &READ,
        answer(&profile),
    );
    assert!(parts[0].is_core() && !parts[1].is_core());
    assert_eq!(parts[0].entity.as_deref(), Some("smith.me"));
    assert_eq!(parts[1].extra.get("bands"), Some(r#"["foo","bar"]"#));
    // The whole list goes back, with what nobody here knows.
    make(
        UpdateProfile::new(parts),
        "PATCH /profile",
        &change(profile.clone()),
        answer(&profile),
    );
    let sibling: Info = read(&json!({"type": {"url": "https://tent.io/types/info/tent"}}));
    assert!(sibling.is_core());
}

#[test]
fn followings_are_listed_and_changed() {
    let john = json!({"id": "ddc0563f12de", "entity": "johnsmith.me", "groups": ["friends"],
        "licenses": [{"url": "http://license.org/free-speach", "version": "0.1.0"}],
        "post_types": [{"url": "https://tent.io/post-types/photo", "version": "0.1.0"}]});
    let all: Vec<Following> = make(
        ListFollowings::default(),
        "GET /following",
        &READ,
        answer(&json!([john])),
    );
    assert_eq!(serde_json::to_value(&all[0]).unwrap(), john);

    let elza = json!({"entity": "elza-mraz.me", "groups": ["friends", "business"]});
    let call = || {
        CreateFollowing::new("elza-mraz.me")
            .in_group("friends")
            .in_group("business")
    };
    let created = make(
        call(),
        "POST /following",
        &create(elza.clone()),
        Answer::status(201),
    );
    assert_eq!(created, None);
    let located =
        Answer::status(201).header("location", "https://tent.smith.me/following/bda7f416fbba");
    let created = make(call(), "POST /following", &create(elza.clone()), located);
    assert_eq!(created.unwrap().as_str(), "bda7f416fbba");
    let told = Answer::status(201).body(r#"{"id":"bda7","entity":"elza-mraz.me"}"#);
    assert_eq!(
        make(call(), "POST /following", &create(elza), told)
            .unwrap()
            .as_str(),
        "bda7"
    );

    let changes = json!({"entity": "elza-mraz.me", "groups": ["business"]});
    let changed = make(
        UpdateFollowing::new("bda7f416fbba", read(&changes)),
        "PATCH /following/bda7f416fbba",
        &change(changes),
        answer(&json!({"id": "bda7f416fbba", "entity": "elza-mraz.me", "groups": ["business"]})),
    );
    assert_eq!(changed.groups, ["business"]);
    make(
        DeleteFollowing::new("bda7f416fbba"),
        "DELETE /following/bda7f416fbba",
        &DELETE,
        Answer::status(204),
    );
}

#[test]
fn followers_are_listed_changed_and_blocked() {
    let koss = json!({"id": "ddd67278456b", "entity": "koss.me", "groups": [], "full_name": "Tim Koss", "display_name": "koss"});
    let all: Vec<Follower> = make(
        ListFollowers::default(),
        "GET /followers",
        &READ,
        answer(&json!([koss])),
    );
    assert_eq!(serde_json::to_value(&all[0]).unwrap(), koss);
    let one = make(
        GetFollower::new("ddd67278456b"),
        "GET /followers/ddd67278456b",
        &READ,
        answer(&koss),
    );
    assert_eq!(one, all[0]);
    let changes = json!({"entity": "koss.me", "groups": ["random-people"], "full_name": "Tim Koss", "display_name": "koss"});
    let update = UpdateFollower::new("ddd67278456b", read(&changes));
    make(
        update,
        "PATCH /followers/ddd67278456b",
        &change(changes),
        answer(&koss),
    );
    make(
        DeleteFollower::new("ddd67278456b"),
        "DELETE /followers/ddd67278456b",
        &DELETE,
        Answer::status(204),
    );
}

#[test]
fn a_post_is_published_with_its_type_in_its_content() {
    let status = json!({"time": 1_345_317_062, "recipients": ["friends", "elza-mraz.me"],
        "licences": [{"url": "https://licences.org/free-speach", "version": "0.1.0"}],
        "content": {"type": {"url": "https://tent.io/types/posts/status", "version": "0.1.0", "view": "full"},
            "text": "Necessitatibus saepe.", "excerpt": "Necessitatibus..."}});
    let mut post = Post::default();
    post.time = Some(Timestamp::from_epoch_seconds(1_345_317_062));
    post.recipients = vec!["friends".into(), "elza-mraz.me".into()];
    let mut license = License::default();
    license.url = Some("https://licences.org/free-speach".into());
    license.version = Some("0.1.0".into());
    post.licences.push(license);
    post.content = Some(Content::new(&status["content"]).unwrap());
    let status_type =
        TypeReference::new("https://tent.io/types/posts/status", "0.1.0").in_view("full");
    assert_eq!(post.content_type().unwrap(), status_type);
    assert_eq!(
        post.content::<Status>().unwrap().text.unwrap(),
        "Necessitatibus saepe."
    );
    let created = make(
        CreatePost::new(post.clone()),
        "POST /posts",
        &create(status),
        Answer::status(201),
    );
    assert_eq!(created, None);
    assert_eq!(CreatePost::new(post).replay(), Replay::OnlyIfUnsent);
    assert_eq!(
        CreateFollowing::new("a.example").replay(),
        Replay::OnlyIfUnsent
    );
}

#[test]
fn a_post_is_fetched_from_elsewhere() {
    let repost = json!({"id": "3fe1abef41cb", "time": 1_345_317_776, "entity": "smithson.me", "scope": "public",
        "licenses": [{"url": "https://licences.org/free-speach", "version": "0.1.0"}],
        "content": {"type": {"url": "https://tent.io/types/posts/repost", "version": "0.1.0", "view": "full"}, "entity": "elza-mraz.me"}});
    let call = GetPost::new("3fe1abef41cb")
        .of("smithson.me")
        .fetch(Fetch::Force);
    let target = "GET /posts/3fe1abef41cb?entity=smithson%2Eme&fetch=force";
    let post = make(call, target, &READ, answer(&repost));
    // Both spellings are read.
    assert_eq!(post.licences.len(), 1);
    assert_eq!(post.scope.as_deref(), Some("public"));
    make(
        GetPost::new("3fe1abef41cb"),
        "GET /posts/3fe1abef41cb",
        &READ,
        answer(&repost),
    );
}

#[test]
fn the_parameters_of_a_list_are_written_as_the_document_writes_them() {
    let id = PostId::from("80b445839dd1");
    let time = Timestamp::from_epoch_seconds(1_345_575_602);
    let of_type = |name: &str, view: &str| {
        TypeReference::new(format!("https://tent.io/post-types/{name}"), "0.1.0").in_view(view)
    };
    let escaped = |name: &str| format!("https%3A%2F%2Ftent%2Eio%2Fpost-types%2F{name}");
    let types = format!(
        "{}%23%23excerpt,{}%23%23thumb",
        escaped("post"),
        escaped("photo")
    );
    for (call, query) in [
        (ListPosts::new(), String::new()),
        (
            ListPosts::new().since(&id).limit(50),
            "?since_id=80b445839dd1&limit=50".into(),
        ),
        (ListPosts::new().fetch(Fetch::False), "?fetch=false".into()),
        (
            ListPosts::new().fetch(Fetch::True).before(&id),
            "?fetch=true&before_id=80b445839dd1".into(),
        ),
        (
            ListPosts::new().of("smithson.me").of("sheldon.io"),
            "?entity=smithson%2Eme,sheldon%2Eio".into(),
        ),
        (
            ListPosts::new()
                .post_type(&of_type("post", "excerpt"))
                .post_type(&of_type("photo", "thumb")),
            format!("?post_types={types}"),
        ),
        (
            ListPosts::new().since_time(time).before_time(time).limit(2),
            "?since_time=1345575602&before_time=1345575602&limit=2".into(),
        ),
        // A comma within a value is no comma of the list.
        (ListPosts::new().of("a,b"), "?entity=a%2Cb".into()),
    ] {
        let all = make(
            call,
            &format!("GET /posts{query}"),
            &READ,
            answer(&json!([{}])),
        );
        assert_eq!(all.len(), 1);
    }
}

#[test]
fn json_that_is_none_is_refused() {
    // The document has a comma too many in one of its examples.
    let mut script = Script::new().on(
        "GET",
        &format!("{ROOT}/posts/8fec7937f7c1"),
        Answer::json(r#"{"content":{"type":{"url":"https://tent.io/types/posts/repost","version":"0.1.0",}}}"#),
    );
    let error = script
        .run(session().call(GetPost::new("8fec7937f7c1")))
        .unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "at $.content.type in the body");
}
