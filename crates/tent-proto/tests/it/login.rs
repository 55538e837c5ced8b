//! Logging in, step by step.

use tent_flow::script::{Answer, Script};
use tent_flow::{Delivery, Seed, TransportError, TransportErrorKind};
use tent_proto::login::{
    Account, ApprovalRequest, PendingApproval, Proof, RedirectError, Register, Registration,
};
use tent_proto::mac::{Credentials, Header, Normalized};
use tent_proto::model::App;
use tent_proto::{CallError, Policy, Scope, TypeUri};

const ROOT: &str = "https://t.example/tent";
const CALLBACK: &str = "http://127.0.0.1:4711/cb";

fn registration() -> Registration {
    let credentials = Credentials::new("a:1", "regkey", Default::default()).unwrap();
    Registration::new(
        "https://alice.example".parse().unwrap(),
        vec![ROOT.parse().unwrap()],
        "app1".into(),
        credentials,
    )
}

fn seed() -> Seed {
    Seed::new([7; 32])
}

fn pending() -> (String, PendingApproval) {
    let (url, pending) = registration()
        .authorize(ApprovalRequest::new(CALLBACK), seed())
        .unwrap();
    let state = url
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    (state, pending)
}

#[test]
fn registering_and_exchanging_a_code_follow_a_policy() {
    const APPS: &str = "https://t.example/tent/apps";
    const EXCHANGE: &str = "https://t.example/tent/apps/app1/authorizations";
    let nobody = || TransportError::connect("nobody listens");
    let app = App::new("Harbour", "https://app.example");
    let entity = "https://alice.example".parse().unwrap();
    let register = Register::new(entity, vec![ROOT.parse().unwrap()], app);
    let mut script = Script::new().on("POST", APPS, nobody());
    let error = script.run(register.with_policy(Policy::off())).unwrap_err();
    assert!(matches!(error, CallError::NoAnswer { .. }), "{error:?}");
    script.finish();

    let (state, pending) = pending();
    let code = pending
        .accept(&format!("{CALLBACK}?code=9b1f0c&state={state}"))
        .unwrap();
    let exchange = registration().exchange(code, seed()).unwrap();
    let mut script = Script::new().on("POST", EXCHANGE, nobody());
    let error = script.run(exchange.with_policy(Policy::off())).unwrap_err();
    assert!(matches!(error, CallError::NoAnswer { .. }), "{error:?}");
    script.finish();
}

#[test]
fn registering_is_not_signed_and_keeps_the_credential() {
    let answer = r#"{"id":"app1","mac_key_id":"a:1","mac_key":"regkey","mac_algorithm":"hmac-sha-256","authorizations":[]}"#;
    let mut script = Script::new().on("POST", "https://t.example/tent/apps", Answer::json(answer));
    let app = App::new("Harbour", "https://app.example").redirect_uri(CALLBACK);
    let flow = Register::new(
        "https://alice.example".parse().unwrap(),
        vec![ROOT.parse().unwrap()],
        app.clone(),
    );
    assert_eq!(script.run(flow).unwrap(), registration());
    assert_eq!(script.seen()[0].header("authorization"), "");
    let sent: App = serde_json::from_slice(&script.seen()[0].body).unwrap();
    assert_eq!(sent, app);

    let mut script = Script::new().on(
        "POST",
        "https://t.example/tent/apps",
        Answer::json(r#"{"id":"app1","mac_key":"5ecret"}"#),
    );
    let flow = Register::new(
        "https://alice.example".parse().unwrap(),
        vec![ROOT.parse().unwrap()],
        app,
    );
    let error = script.run(flow).unwrap_err();
    assert!(matches!(error, CallError::Decode { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("5ecret"));
}

#[test]
fn the_server_that_registers_is_the_one_that_approves() {
    let answer = r#"{"id":"app1","mac_key_id":"a:1","mac_key":"regkey"}"#;
    let down = TransportError::new(TransportErrorKind::Connect, Delivery::NotSent);
    let mut script = Script::new()
        .on("POST", "https://down.example/apps", down)
        .on("POST", "https://up.example/apps", Answer::json(answer));
    let servers = [
        "https://down.example",
        "https://up.example",
        "https://z.example",
    ];
    let flow = Register::new(
        "https://alice.example".parse().unwrap(),
        servers.map(|server| server.parse().unwrap()).to_vec(),
        App::new("Harbour", "https://app.example"),
    );
    let registration = script.run(flow).unwrap();
    let asked = ApprovalRequest::new(CALLBACK);
    let (url, _) = registration.authorize(asked, seed()).unwrap();
    assert_eq!(url.host_str(), Some("up.example"));
    let order = registration.servers.iter().map(|server| server.as_str());
    assert_eq!(
        order.collect::<Vec<_>>(),
        [
            "https://up.example",
            "https://down.example",
            "https://z.example"
        ]
    );
}

#[test]
fn the_approval_url_has_every_parameter_encoded() {
    let asked = ApprovalRequest::new(CALLBACK)
        .scope(Scope::ReadPosts)
        .scope(Scope::WritePosts)
        .post_type(TypeUri::status())
        .profile_info_type(TypeUri::all())
        .notification_url("https://app.example/notify");
    let (url, _) = registration().authorize(asked, seed()).unwrap();
    let state = url
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1;
    assert!(state.len() == 40 && state.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_eq!(
        url.as_str(),
        format!(
            "https://t.example/tent/oauth/authorize?client_id=app1\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2Fcb&response_type=code&state={state}\
             &scope=read_posts%2Cwrite_posts&tent_profile_info_types=all\
             &tent_post_types=https%3A%2F%2Ftent.io%2Ftypes%2Fpost%2Fstatus%2Fv0.1.0\
             &tent_notification_url=https%3A%2F%2Fapp.example%2Fnotify"
        )
    );
    let (other, _) = registration()
        .authorize(ApprovalRequest::new(CALLBACK), Seed::new([8; 32]))
        .unwrap();
    assert!(!other.as_str().contains(&*state));
}

#[test]
fn the_state_is_checked_before_the_code_is_used() {
    let (state, pending) = pending();
    let accept = |redirect: &str| pending.clone().accept(redirect);
    for redirect in [
        format!("{CALLBACK}?code=c0de&state={state}"),
        format!("{CALLBACK}?&state={state}&&code=c0de#x"),
        format!("code=c0de&state={state}"),
        format!("  {CALLBACK}?code=c0de&code=other&state={state}\n"),
    ] {
        let code = accept(&redirect).unwrap();
        assert_eq!(code.entity().as_str(), "https://alice.example");
    }
    let refusals = [
        (format!("{CALLBACK}?code=c0de"), RedirectError::NoState),
        (
            format!("{CALLBACK}?code=c0de&state="),
            RedirectError::NoState,
        ),
        (
            format!("{CALLBACK}?code=c0de&state={state}x"),
            RedirectError::WrongState,
        ),
        (
            format!("{CALLBACK}?code=c0de&state=x&state={state}"),
            RedirectError::WrongState,
        ),
        (format!("{CALLBACK}?state={state}"), RedirectError::NoCode),
        (
            format!("{CALLBACK}?error=access_denied"),
            RedirectError::Denied(None),
        ),
        (
            format!("{CALLBACK}?error=access_denied&state=x&code=c0de"),
            RedirectError::WrongState,
        ),
        (
            format!(
                "{CALLBACK}?error=server_error&error_description=invalid_client_id%0a&state={state}&code=c0de"
            ),
            RedirectError::Failed {
                error: "server_error".into(),
                description: Some("invalid_client_id".into()),
            },
        ),
        (CALLBACK.into(), RedirectError::NoState),
        (String::new(), RedirectError::NoState),
    ];
    for (redirect, expected) in refusals {
        assert_eq!(accept(&redirect).unwrap_err(), expected, "{redirect}");
    }
}

#[test]
fn what_is_pasted_is_a_url_or_a_code() {
    let (state, pending) = pending();
    assert!(pending.clone().accept_pasted(" c0de\n").is_ok());
    assert!(
        pending
            .clone()
            .accept_pasted(&format!("{CALLBACK}?code=c&state={state}"))
            .is_ok()
    );
    let error = pending
        .clone()
        .accept_pasted(&format!("{CALLBACK}?code=c&state=x"))
        .unwrap_err();
    assert_eq!(error, RedirectError::WrongState);
    assert_eq!(
        pending.accept_pasted("  ").unwrap_err(),
        RedirectError::NoCode
    );
}

#[test]
fn the_steps_can_be_stored_between_them_and_never_show_their_secrets() {
    let (state, pending) = pending();
    let stored = serde_json::to_string(&pending).unwrap();
    let restored: PendingApproval = serde_json::from_str(&stored).unwrap();
    let code = restored
        .accept(&format!("code=c0de&state={state}"))
        .unwrap();
    let stored = serde_json::to_string(&registration()).unwrap();
    assert_eq!(
        serde_json::from_str::<Registration>(&stored).unwrap(),
        registration()
    );
    let account = Account::new(
        registration(),
        Credentials::new("u:1", "userkey", Default::default()).unwrap(),
    );
    let stored = serde_json::to_string(&account).unwrap();
    assert_eq!(serde_json::from_str::<Account>(&stored).unwrap(), account);
    let shown = format!("{pending:?} {code:?} {account:?} {:?}", registration());
    for secret in [&*state, "c0de", "regkey", "userkey"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn a_code_is_exchanged_once_signed_as_the_app() {
    let url = "https://t.example/tent/apps/app1/authorizations";
    let (state, pending) = pending();
    let code = pending.accept(&format!("code=c0de&state={state}")).unwrap();
    let answer = r#"{"access_token":"u:7","mac_key":"userkey","mac_algorithm":"hmac-sha-1","token_type":"mac","refresh_token":"again","tent_expires_at":1400000000}"#;
    let mut script = Script::new().on("POST", url, Answer::json(answer));
    let account = script
        .run(registration().exchange(code.clone(), seed()).unwrap())
        .unwrap();
    assert_eq!(account.credentials.id(), "u:7");
    assert_eq!(account.credentials.algorithm().as_str(), "hmac-sha-1");
    assert_eq!(account.refresh_token.as_ref().unwrap().expose(), "again");
    assert_eq!(account.expires_at.unwrap().epoch_seconds(), 1_400_000_000);
    let seen = &script.seen()[0];
    assert_eq!(&seen.body[..], br#"{"code":"c0de","token_type":"mac"}"#);
    let header = Header::parse(seen.header("authorization")).unwrap();
    let request = Normalized::new(
        &header,
        "POST",
        "/tent/apps/app1/authorizations",
        "t.example",
        443,
    );
    registration()
        .credentials
        .verify(&header, &request)
        .unwrap();

    let mut script = Script::new().on("POST", url, Answer::times_out());
    let error = script
        .run(registration().exchange(code.clone(), seed()).unwrap())
        .unwrap_err();
    assert!(matches!(error, CallError::OutcomeUnknown { .. }));
    script.finish();

    let mut other = registration();
    other.entity = "https://bob.example".parse().unwrap();
    assert_eq!(
        other.exchange(code, seed()).unwrap_err().code.as_str(),
        "https://alice.example"
    );
}

#[test]
fn only_what_nobody_else_gets_proves_a_credential() {
    let session = Account::new(
        registration(),
        Credentials::new("u:1", "k", Default::default()).unwrap(),
    )
    .session(seed());
    let groups = "https://t.example/tent/groups?limit=1";
    let profile = "https://t.example/tent/profile";
    let mut script = Script::new().on("GET", groups, Answer::json("[]"));
    assert_eq!(script.run(session.prove()).unwrap(), Proof::Authenticated);
    for status in [403, 404, 501] {
        let mut script = Script::new()
            .on(
                "GET",
                groups,
                Answer::status(status).body(r#"{"error":"Unauthorized"}"#),
            )
            .on("GET", profile, Answer::json("{}"));
        assert_eq!(script.run(session.prove()).unwrap(), Proof::NotRefused);
        script.finish();
    }
    for (status, text) in [
        (401, "Invalid MAC Key ID"),
        (403, "Invalid MAC Signature"),
        (401, "Stale"),
    ] {
        let mut script = Script::new().on("GET", groups, Answer::status(status).body(text));
        let error = script.run(session.prove()).unwrap_err();
        assert_eq!(error.is_dead_credential(), text == "Invalid MAC Key ID");
        script.finish();
    }
}
