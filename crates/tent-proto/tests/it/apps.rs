//! Apps, authorizations and tokens: what is read is written back, and a credential is refreshed.

use std::time::{Duration, UNIX_EPOCH};

use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use serde_json::value::RawValue;
use tent_flow::Seed;
use tent_flow::script::{Answer, Script};
use tent_proto::call::{GetApp, ListApps};
use tent_proto::login::{Account, Registration};
use tent_proto::mac::{Algorithm, Credentials, Header};
use tent_proto::model::Extra;
use tent_proto::{App, Authorization, CallError, Scope, Secret, Timestamp, Token, TypeUri};

const ROOT: &str = "https://a.example/tent";
const EXCHANGE: &str = "https://a.example/tent/apps/app1/authorizations";

fn seed() -> Seed {
    Seed::new([7; 32])
}

fn account() -> Account {
    let key = |id| Credentials::new(id, "k", Algorithm::HmacSha256).unwrap();
    let servers = vec![ROOT.parse().unwrap()];
    let entity = "https://alice.example".parse().unwrap();
    let registration = Registration::new(entity, servers, "app1".into(), key("a:1"));
    let mut account = Account::new(registration, key("u:1"));
    account.refresh_token = Some("r1".into());
    account.expires_at = Some(Timestamp::from_epoch_seconds(1000));
    account
}

#[test]
fn a_refresh_is_signed_by_the_app_and_gives_what_comes_next() {
    let answer = Answer::json(
        r#"{"access_token":"u:1","mac_key":"k","mac_algorithm":"hmac-sha-1","refresh_token":"r2","tent_expires_at":3000}"#,
    );
    let mut script = Script::new().on("POST", EXCHANGE, answer);
    let refresh = account().refresh(seed()).unwrap();
    let next = script
        .run(refresh.expiring_at(Timestamp::from_epoch_seconds(3000)))
        .unwrap();
    let seen = &script.seen()[0];
    assert_eq!(
        &seen.body[..],
        br#"{"code":"r1","token_type":"mac","tent_expires_at":3000}"#
    );
    let header = Header::parse(seen.header("authorization")).unwrap();
    assert_eq!(header.id(), "a:1");
    let mut expected = account();
    expected.credentials = Credentials::new("u:1", "k", Algorithm::HmacSha1).unwrap();
    expected.refresh_token = Some("r2".into());
    expected.expires_at = Some(Timestamp::from_epoch_seconds(3000));
    assert_eq!(next, expected);
}

#[test]
fn without_a_new_refresh_token_the_old_one_stays_and_without_an_end_there_is_none() {
    let answer = Answer::json(r#"{"access_token":"u:2","mac_key":"k2"}"#);
    let mut script = Script::new().on("POST", EXCHANGE, answer);
    let next = script.run(account().refresh(seed()).unwrap()).unwrap();
    assert_eq!(
        (next.credentials.id(), next.refresh_token),
        ("u:2", Some("r1".into()))
    );
    assert_eq!(next.expires_at, None);
}

#[test]
fn a_refresh_that_may_have_arrived_is_not_sent_again() {
    let mut two = account();
    let other = "https://b.example".parse().unwrap();
    two.registration.servers.push(other);
    let lost = Answer::times_out();
    let mut script = Script::new().on("POST", EXCHANGE, lost);
    let error = script.run(two.refresh(seed()).unwrap()).unwrap_err();
    assert!(
        matches!(error, CallError::OutcomeUnknown { .. }),
        "{error:?}"
    );
    assert_eq!(script.seen().len(), 1);
}

#[test]
fn an_account_of_an_old_server_has_nothing_to_refresh() {
    let mut old = account();
    old.refresh_token = None;
    assert_eq!(
        old.refresh(seed()).unwrap_err().to_string(),
        "the account has no refresh token"
    );
}

#[test]
fn what_ends_before_a_time_is_due() {
    let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    assert!(account().expires_before(at(1001)));
    assert!(!account().expires_before(at(1000)));
    let mut endless = account();
    endless.expires_at = None;
    assert!(!endless.expires_before(at(1001)));
}

#[test]
fn keys_are_shown_to_whoever_asks_for_them() {
    let app = r#"{"id":"app1","mac_key_id":"a:1","mac_key":"5ecret","authorizations":[
        {"id":"z1","mac_key_id":"u:1","mac_key":"5ecret","mac_algorithm":"hmac-sha-1"},{"id":"z2"}]}"#;
    let session = account().session(seed());
    let mut script = Script::new()
        .on(
            "GET",
            &format!("{ROOT}/apps/app1?secrets=true"),
            Answer::json(app),
        )
        .on(
            "GET",
            &format!("{ROOT}/apps?secrets=true"),
            Answer::json(format!("[{app}]")),
        );
    let app = script
        .run(session.call(GetApp::new("app1").with_secrets()))
        .unwrap();
    let key = app.authorizations[0].credentials().unwrap();
    assert_eq!((key.id(), key.algorithm()), ("u:1", Algorithm::HmacSha1));
    assert!(app.authorizations[1].credentials().is_err());
    assert_eq!(app.credentials().unwrap().id(), "a:1");
    let apps = script
        .run(session.call(ListApps::new().with_secrets()))
        .unwrap();
    assert_eq!(apps, [app]);
    assert!(!format!("{apps:?}").contains("5ecret"));
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![
        proptest::sample::select(Scope::KNOWN),
        "x_[a-z]{1,5}".prop_map(|text| text.as_str().into()),
    ]
}

fn type_uri() -> impl Strategy<Value = TypeUri> {
    prop_oneof![
        Just(TypeUri::all()),
        "https://[a-z]{1,8}\\.example/t/v[0-9]\\.[0-9]\\.x(#[a-z]{1,4})?".prop_map(TypeUri::from),
    ]
}

fn secret() -> impl Strategy<Value = Secret> {
    ".{0,12}".prop_map(Secret::from)
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_epoch_seconds)
}

/// Members that nobody knows, with texts that a number could not keep.
pub(crate) fn extra() -> impl Strategy<Value = Extra> {
    let text = proptest::sample::select(&["null", "1.50", "[{\"a\":[]}]", "\"\\u00e9\"", "1e400"]);
    vec(("x_[a-z]{1,3}", text), 0..3).prop_map(|members| {
        let mut extra = Extra::default();
        for (name, text) in members {
            extra.set(name, RawValue::from_string(text.to_owned()).unwrap());
        }
        extra
    })
}

pub(crate) fn authorization() -> impl Strategy<Value = Authorization> {
    let types = || vec(type_uri(), 0..3);
    let granted = (
        vec(scope(), 0..3),
        types(),
        types(),
        of(".{0,9}"),
        of(".{0,9}"),
    );
    let key = (of(secret()), of(".{0,9}"), of(secret()), of(".{0,9}"));
    (of(".{0,9}"), granted, key, extra()).prop_map(|(id, granted, key, extra)| {
        let mut made = Authorization::default();
        made.id = id.map(|id| id.as_str().into());
        (
            made.scopes,
            made.post_types,
            made.profile_info_types,
            made.notification_url,
            made.follow_url,
        ) = granted;
        (
            made.token_code,
            made.mac_key_id,
            made.mac_key,
            made.mac_algorithm,
        ) = key;
        made.extra = extra;
        made
    })
}

pub(crate) fn app() -> impl Strategy<Value = App> {
    let text = || of(".{0,9}");
    let shown = (text(), text(), text(), text());
    let asked = (vec(".{0,9}", 0..3), btree_map(scope(), ".{0,9}", 0..3));
    let given = (text(), of(timestamp()), vec(authorization(), 0..2));
    let key = (text(), of(secret()), text());
    (shown, asked, given, key, extra()).prop_map(|(shown, asked, given, key, extra)| {
        let mut made = App::default();
        (made.name, made.description, made.url, made.icon) = shown;
        (made.redirect_uris, made.scopes) = asked;
        let (id, created_at, authorizations) = given;
        made.id = id.map(|id| id.as_str().into());
        (made.created_at, made.authorizations) = (created_at, authorizations);
        (made.mac_key_id, made.mac_key, made.mac_algorithm) = key;
        made.extra = extra;
        made
    })
}

fn token() -> impl Strategy<Value = Token> {
    let key = (of(".{0,9}"), of(secret()), of(".{0,9}"), of(".{0,9}"));
    (key, of(secret()), of(timestamp()), extra()).prop_map(|(key, refresh, end, extra)| {
        let mut made = Token::default();
        (
            made.access_token,
            made.mac_key,
            made.mac_algorithm,
            made.token_type,
        ) = key;
        made.refresh_token = refresh;
        made.tent_expires_at = end;
        made.extra = extra;
        made
    })
}

fn reread<T: serde::Serialize + serde::de::DeserializeOwned>(object: &T) -> T {
    serde_json::from_str(&serde_json::to_string(object).unwrap()).unwrap()
}

proptest! {
    #[test]
    fn apps_survive(app in app()) {
        prop_assert_eq!(reread(&app), app);
    }

    #[test]
    fn authorizations_survive(authorization in authorization()) {
        prop_assert_eq!(reread(&authorization), authorization);
    }

    #[test]
    fn tokens_survive(token in token()) {
        prop_assert_eq!(reread(&token), token);
    }
}
