//! Logging in to a server of the draft: the same steps, in its own words.

use serde_json::{Value, json};
use tent_flow::Seed;
use tent_flow::script::{Answer, Script};
use tent_proto::draft::call::GetProfile;
use tent_proto::login::{
    Account, ApprovalRequest, PendingApproval, Proof, RedirectError, Registration, register,
};
use tent_proto::mac::{Algorithm, Credentials, Header};
use tent_proto::{App, Dialect, Entity, Scope, TypeUri, discover};

use super::{ROOT, answer};

const CALLBACK: &str = "https://app.example/callback";

fn registration() -> Registration {
    let credentials = Credentials::new("9a1c", "regkey", Algorithm::HmacSha256).unwrap();
    Registration::new(
        "https://smith.me".parse().unwrap(),
        vec![ROOT.parse().unwrap()],
        "9a1c".into(),
        credentials,
    )
    .in_dialect(Dialect::Draft)
}

fn asked() -> ApprovalRequest {
    ApprovalRequest::new(CALLBACK)
        .scope(Scope::ReadPosts)
        .scope(Scope::WriteProfile)
        .profile_info_type(TypeUri::all())
        .post_type("https://tent.io/types/posts/status/v0.1.0".into())
        .post_type("https://tent.io/types/posts/photo/v0.2.0#meta".into())
}

fn pending() -> (String, PendingApproval) {
    let (url, pending) = registration()
        .authorize(asked(), Seed::new([7; 32]))
        .unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap();
    (state.1.into_owned(), pending)
}

#[test]
fn a_person_logs_in_from_their_host_name_to_a_signed_call() {
    let profile = json!([{"type": {"url": "https://tent.io", "version": "0.1.0"},
        "entity": "smith.me", "servers": [ROOT]}]);
    let registered = json!({"id": "9a1c", "secret": "regkey", "mac_algorithm": "hmac-sha-256"});
    let token = json!({"access_token": "u7", "mac_key": "userkey", "mac_algorithm": "hmac-sha-1", "token_type": "mac"});
    let root = |path: &str| format!("{ROOT}{path}");
    let mut script = Script::new()
        .on(
            "HEAD",
            "https://smith.me/",
            Answer::status(200).header("tent-server", ROOT),
        )
        .on("GET", &root("/profile"), answer(&profile))
        .on(
            "POST",
            &root("/apps"),
            Answer::status(201)
                .header("location", &root("/apps/9a1c"))
                .body(registered.to_string()),
        )
        .on("POST", &root("/apps/9a1c/access_token"), answer(&token))
        .on("GET", &root("/profile"), answer(&profile));

    let found = script
        .run(discover(&Entity::typed("smith.me").unwrap()))
        .unwrap();
    let app = App::new("Harbour", "https://app.example")
        .description("Posts from the quay.")
        .redirect_uri(CALLBACK)
        .scope(Scope::ReadPosts, "To show them.");
    let registered = script.run(register(&found, app)).unwrap();
    assert_eq!(registered, registration());
    let (url, pending) = registered.authorize(asked(), Seed::new([7; 32])).unwrap();
    let state = url
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1;
    let code = pending
        .accept(&format!("{CALLBACK}?code=c0de&state={state}"))
        .unwrap();
    let account = script
        .run(registered.exchange(code, Seed::new([8; 32])).unwrap())
        .unwrap();
    // The algorithm is the one that the answer names.
    let expected = Credentials::new("u7", "userkey", Algorithm::HmacSha1).unwrap();
    assert_eq!(account.credentials, expected);
    let session = account.session(Seed::new([9; 32]));
    let parts = script.run(session.call(GetProfile::default())).unwrap();
    assert_eq!(parts[0].entity.as_deref(), Some("smith.me"));

    let [registering, exchanging, calling] = &script.seen()[2..] else {
        panic!("{:?}", script.seen());
    };
    assert_eq!(registering.header("authorization"), "");
    let sent: Value = serde_json::from_slice(&registering.body).unwrap();
    let expected = json!({"name": "Harbour", "url": "https://app.example", "description": "Posts from the quay.",
        "redirect_uris": [CALLBACK], "scopes": {"read_posts": "To show them."}});
    assert_eq!(sent, expected);
    let sent: Value = serde_json::from_slice(&exchanging.body).unwrap();
    assert_eq!(sent, json!({"code": "c0de", "token_type": "mac"}));
    for (seen, id, length) in [(exchanging, "9a1c", 44), (calling, "u7", 28)] {
        let header = Header::parse(seen.header("authorization")).unwrap();
        assert_eq!((header.id(), header.mac().len()), (id, length));
    }
    for seen in [registering, exchanging] {
        assert_eq!(seen.header("accept"), "application/json");
        assert_eq!(seen.header("content-type"), "application/json");
    }
    script.finish();
}

#[test]
fn the_approval_url_is_the_drafts() {
    let (state, _) = pending();
    let (url, _) = registration()
        .authorize(asked(), Seed::new([7; 32]))
        .unwrap();
    assert_eq!(
        url.as_str(),
        format!(
            "{ROOT}/auth?client_id=9a1c&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&state={state}\
             &scope=read_posts,write_profile&tent_profile_info_types=all\
             &tent_post_types=https%3A%2F%2Ftent%2Eio%2Ftypes%2Fposts%2Fstatus%23%230%2E1%2E0,\
             https%3A%2F%2Ftent%2Eio%2Ftypes%2Fposts%2Fphoto%23%230%2E2%2E0"
        )
    );
    let nothing = ApprovalRequest::new(CALLBACK).notification_url("https://app.example/notify");
    let (url, _) = registration()
        .authorize(nothing, Seed::new([7; 32]))
        .unwrap();
    let names: Vec<_> = url
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(names, ["client_id", "redirect_uri", "state"]);
}

#[test]
fn the_state_of_a_redirect_is_checked_as_ever() {
    for (query, expected) in [
        ("code=c", RedirectError::NoState),
        ("code=c&state=other", RedirectError::WrongState),
        ("state=STATE", RedirectError::NoCode),
        (
            "error=access_denied&state=STATE",
            RedirectError::Denied(None),
        ),
    ] {
        let (state, pending) = pending();
        let redirect = format!("{CALLBACK}?{}", query.replace("STATE", &state));
        assert_eq!(pending.accept(&redirect).unwrap_err(), expected, "{query}");
    }
}

#[test]
fn the_id_may_be_in_the_location_alone() {
    let found = |answer: Answer| {
        let mut script = Script::new()
            .on(
                "HEAD",
                "https://smith.me/",
                Answer::status(200).header("tent-server", ROOT),
            )
            .on(
                "GET",
                &format!("{ROOT}/profile"),
                Answer::json(r#"[{"type":{"url":"https://tent.io"},"entity":"smith.me"}]"#),
            )
            .on("POST", &format!("{ROOT}/apps"), answer);
        let found = script
            .run(discover(&Entity::typed("smith.me").unwrap()))
            .unwrap();
        script.run(register(&found, App::new("Harbour", "https://app.example")))
    };
    let located = Answer::status(201)
        .header("location", "/apps/9a1c")
        .body(r#"{"secret":"regkey"}"#);
    assert_eq!(found(located).unwrap(), registration());
    let error = found(Answer::status(201).body(r#"{"id":5,"secret":["5ecret"]}"#)).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap();
    let told = format!("{error:?} {error} {cause} {:?}", cause.source());
    assert!(!told.contains("5ecret"), "{told}");
    assert!(found(Answer::status(201)).is_err());
}

#[test]
fn an_account_keeps_its_dialect_and_one_without_is_of_a_later_one() {
    let credentials = Credentials::new("u7", "userkey", Algorithm::HmacSha1).unwrap();
    let account = Account::new(registration(), credentials);
    let stored = serde_json::to_value(&account).unwrap();
    assert_eq!(stored["registration"]["dialect"], "draft");
    assert_eq!(serde_json::from_value::<Account>(stored).unwrap(), account);
    let later = serde_json::to_value(registration().in_dialect(Dialect::V0)).unwrap();
    assert_eq!(later.get("dialect"), None);
    let later: Registration = serde_json::from_value(later).unwrap();
    assert_eq!(later.dialect, Dialect::V0);
}

#[test]
fn without_groups_the_profile_proves_a_credential_whatever_its_shape() {
    let session = super::session();
    let mut script = Script::new()
        .on(
            "GET",
            &format!("{ROOT}/groups?limit=1"),
            Answer::status(404),
        )
        .on("GET", &format!("{ROOT}/profile"), Answer::json("[]"));
    assert_eq!(script.run(session.prove()).unwrap(), Proof::NotRefused);
}
