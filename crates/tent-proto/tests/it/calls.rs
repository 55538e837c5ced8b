//! Every call: what it sends, and what it makes of the answer.

mod relations;

use http::Method;
use tent_flow::Seed;
use tent_flow::script::{Answer, Script};
use tent_proto::call::*;
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::model::{Authorization, Content, Group};
use tent_proto::{App, Entity, GroupId, Post, PostId, Scope, Session, TypeUri};

const ROOT: &str = "https://a.example/tent";
const BOB: &str = "https://bob.example";

fn session() -> Session {
    let entity: Entity = "https://alice.example".parse().unwrap();
    let credentials = Credentials::new("u:1", "k", Algorithm::HmacSha256).unwrap();
    let servers = vec![ROOT.parse().unwrap()];
    Session::new(entity, servers, credentials, Seed::new([7; 32]))
}

fn bob() -> Entity {
    BOB.parse().unwrap()
}

/// Makes a call, which must send this request with this body, and gives back what it makes of the
/// answer.
fn make<C: Call>(call: C, request: &str, body: &str, answer: Answer) -> C::Answer {
    let (method, path) = request.split_once(' ').unwrap();
    let mut script = Script::new().on(method, &format!("{ROOT}/{path}"), answer);
    let made = script.run(session().call(call)).unwrap();
    let seen = &script.seen()[0];
    assert_eq!(std::str::from_utf8(&seen.body).unwrap(), body, "{request}");
    let media_type = if body.is_empty() {
        ""
    } else {
        "application/vnd.tent.v0+json"
    };
    assert_eq!(seen.header("content-type"), media_type, "{request}");
    assert_eq!(seen.header("accept"), "application/vnd.tent.v0+json");
    assert!(!seen.header("authorization").is_empty(), "{request}");
    made
}

fn nothing() -> Answer {
    Answer::status(200).header("content-type", "text/html")
}

#[test]
fn servers_of_v0_1_tell_numbers_below_the_list() {
    let followers = Count::new(ListFollowers::new()).below();
    let count = make(followers, "GET followers/count", "", Answer::json("7"));
    assert_eq!(count, 7);
    let essays = ListPosts::new().post_type(&TypeUri::essay());
    let query = "post_types=https%3A%2F%2Ftent.io%2Ftypes%2Fpost%2Fessay%2Fv0.1.0";
    let count = make(
        Count::new(essays).below(),
        &format!("GET posts/count?{query}"),
        "",
        Answer::json("0"),
    );
    assert_eq!(count, 0);
}

#[test]
fn groups() {
    let friends = || Answer::json(r#"{"id":"g7","name":"friends","created_at":1}"#);
    let group: Group = make(
        CreateGroup::new("friends"),
        "POST groups",
        r#"{"name":"friends"}"#,
        friends(),
    );
    assert_eq!(group.id, Some(GroupId::from("g7")));
    make(GetGroup::new("g7"), "GET groups/g7", "", friends());
    make(
        UpdateGroup::new("g7", "close"),
        "PUT groups/g7",
        r#"{"name":"close"}"#,
        friends(),
    );
    make(DeleteGroup::new("g7"), "DELETE groups/g7", "", nothing());
    let all = make(
        ListGroups::new().limit(3),
        "GET groups?limit=3",
        "",
        Answer::json("[{}]"),
    );
    assert_eq!(all.items.len(), 1);
    assert_eq!(
        make(
            CountGroups::default(),
            "HEAD groups",
            "",
            nothing().header("Count", "7")
        ),
        7
    );
}

#[test]
fn sections_of_the_profile() {
    let basic = "profile/https%3A%2F%2Ftent.io%2Ftypes%2Finfo%2Fbasic%2Fv0.1.0";
    let section = make(
        GetProfileSection::new(TypeUri::basic()).version(2),
        &format!("GET {basic}?version=2"),
        "",
        Answer::json(r#"{"name":"Alice","x":1.50}"#),
    );
    assert_eq!(section.as_json(), r#"{"name":"Alice","x":1.50}"#);
    let content = Content::from_json(r#"{"name":"Al"}"#).unwrap();
    let profile = make(
        PutProfileSection::new(TypeUri::basic(), content),
        &format!("PUT {basic}"),
        r#"{"name":"Al"}"#,
        Answer::json(r#"{"https://tent.io/types/info/basic/v0.1.0":{"name":"Al"}}"#),
    );
    assert_eq!(profile.section(&TypeUri::basic()), Some(r#"{"name":"Al"}"#));
    make(
        DeleteProfileSection::new(TypeUri::basic()),
        &format!("DELETE {basic}"),
        "",
        nothing(),
    );
    let one = DeleteProfileSection::new(TypeUri::basic()).version(1);
    make(one, &format!("DELETE {basic}?version=1"), "", nothing());
}

#[test]
fn posts_are_changed_and_go() {
    let post = || Answer::json(r#"{"id":"p1","version":2}"#);
    let text = Post::status("Better").public();
    // Mentions are always sent, and what servers would not apply never is.
    let sent = r#"{"content":{"text":"Better"},"mentions":[]}"#;
    let changed = make(
        UpdatePost::new("p1", text.clone()),
        "PUT posts/p1",
        sent,
        post(),
    );
    assert_eq!(changed.version, Some(2));
    let sent = format!(r#"{{"content":{{"text":"Better"}},"mentions":[{{"entity":"{BOB}"}}]}}"#);
    make(
        UpdatePost::new("p1", text.mentioning(&bob())),
        "PUT posts/p1",
        &sent,
        post(),
    );
    make(
        RevertPost::new("p1", 1),
        "PUT posts/p1",
        r#"{"version":1}"#,
        post(),
    );
    make(DeletePost::new("p1"), "DELETE posts/p1", "", nothing());
    make(
        DeletePost::new("p1").version(3),
        "DELETE posts/p1?version=3",
        "",
        nothing(),
    );
    let of_bob = GetPost::new("p1").of(bob()).version(2);
    make(
        of_bob,
        "GET posts/https%3A%2F%2Fbob.example/p1?version=2",
        "",
        post(),
    );
    assert_eq!(
        make(
            CountVersions::new(ListVersions::new("p1")),
            "HEAD posts/p1/versions",
            "",
            nothing().header("count", "3")
        ),
        3
    );
    assert_eq!(
        make(
            CountMentions::new(ListMentions::new("p1")),
            "HEAD posts/p1/mentions",
            "",
            nothing().header("count", "0")
        ),
        0
    );
}

#[test]
fn apps_and_authorizations() {
    let app = || Answer::json(r#"{"id":"app1","name":"Harbour"}"#);
    make(GetApp::new("app1"), "GET apps/app1", "", app());
    let renamed = App::new("Pier", "https://app.example");
    make(
        UpdateApp::new("app1".into(), renamed),
        "PUT apps/app1",
        r#"{"name":"Pier","url":"https://app.example"}"#,
        app(),
    );
    make(DeleteApp::new("app1"), "DELETE apps/app1", "", nothing());
    assert_eq!(
        make(ListApps::default(), "GET apps", "", Answer::json("[{},{}]")).len(),
        2
    );
    let mut granted = Authorization::default();
    granted.scopes.push(Scope::ReadPosts);
    let authorization = || Answer::json(r#"{"id":"z1","scopes":["read_posts"]}"#);
    let sent = r#"{"scopes":["read_posts"]}"#;
    make(
        CreateAuthorization::new("app1".into(), granted.clone()),
        "POST apps/app1/authorizations",
        sent,
        authorization(),
    );
    let update = UpdateAuthorization::new("app1".into(), "z1".into(), granted);
    let updated = make(
        update,
        "PUT apps/app1/authorizations/z1",
        sent,
        authorization(),
    );
    assert_eq!(updated.scopes, [Scope::ReadPosts]);
    let revoke = RevokeAuthorization::new("app1".into(), "z1".into());
    make(revoke, "DELETE apps/app1/authorizations/z1", "", nothing());
}

#[test]
fn what_creates_is_sent_once_and_what_repeats_harmlessly_may_be_sent_again() {
    let once = [
        CreateGroup::new("x").replay(),
        CreateFollowing::new(bob()).replay(),
        CreateAuthorization::new("a".into(), Authorization::default()).replay(),
        CreatePost::new(&Post::status("x")).replay(),
        RegisterApp::new(App::default()).replay(),
        // Each makes a version.
        UpdatePost::new("p", Post::default()).replay(),
        RevertPost::new("p", 1).replay(),
        PutProfileSection::new("s".into(), Content::new(&()).unwrap()).replay(),
        Api::new(Method::PUT, "posts/p").replay(),
        Api::new(Method::POST, "posts").replay(),
    ];
    assert!(once.iter().all(|replay| *replay == Replay::OnlyIfUnsent));
    let again = [
        DeleteGroup::new("g").replay(),
        DeletePost::new("p").replay(),
        DeleteFollower::new("r").replay(),
        DeleteFollowing::new("f").replay(),
        UpdateGroup::new("g", "x").replay(),
        GetPost::new("p").replay(),
        Api::new(Method::HEAD, "posts").replay(),
        Api::new(Method::DELETE, "posts/p").replay(),
    ];
    assert!(again.iter().all(|replay| *replay == Replay::Always));
}

#[test]
fn versions_go_down_and_mentions_go_up_whatever_the_links_say() {
    let versions = ListVersions::new("p1").limit(2);
    let page = make(
        versions,
        "GET posts/p1/versions?limit=2",
        "",
        Answer::json(r#"[{"version":5},{"version":4}]"#).header(
            "link",
            r#"</tent/posts/p1/versions?limit=2&before_version=4>; rel="next""#,
        ),
    );
    make(
        page.next.unwrap(),
        "GET posts/p1/versions?limit=2&before_version=4",
        "",
        Answer::json("[]"),
    );

    let mentions = ListMentions::new("p1").post_type(&TypeUri::status());
    let of_type =
        "posts/p1/mentions?post_types=https%3A%2F%2Ftent.io%2Ftypes%2Fpost%2Fstatus%2Fv0.1.0";
    let answer = Answer::json(format!(
        r#"[{{"entity":"{BOB}","post":"r1","type":"t"}},{{"entity":"{BOB}","post":"r2"}}]"#
    ))
    .header(
        "link",
        r#"</tent/posts/p1/mentions?before_id=r2>; rel="next""#,
    );
    let page = make(mentions, &format!("GET {of_type}"), "", answer);
    assert_eq!(page.items[1].post, Some(PostId::from("r2")));
    let next = format!("GET {of_type}&since_id=r2&since_id_entity=https%3A%2F%2Fbob.example");
    let last = make(page.next.unwrap(), &next, "", Answer::json("[]"));
    assert!(last.next.is_none());
}
