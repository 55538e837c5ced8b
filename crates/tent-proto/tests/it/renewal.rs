//! Credentials that expire: renewed before, and saved before they are used.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tent_flow::script::{Answer, Clock, Seen, run};
use tent_flow::{Effect, Flow, Input, Seed, Step};
use tent_proto::call::ListPosts;
use tent_proto::login::{Account, Registration};
use tent_proto::mac::{Credentials, Header};
use tent_proto::{CallError, Session, Timestamp};

const START: u64 = 1_356_998_400;
const HOUR: i64 = 3600;

/// What happened, in this order: requests with the credential that signed them, and saves.
type Log = Arc<Mutex<Vec<String>>>;

fn key(id: &str) -> Credentials {
    Credentials::new(id, "k", Default::default()).unwrap()
}

/// An account whose credential lives for an hour.
fn account() -> Account {
    let entity = "https://alice.example".parse().unwrap();
    let servers = vec!["https://a.example".parse().unwrap()];
    let registration = Registration::new(entity, servers, "app".into(), key("a:1"));
    let mut account = Account::new(registration, key("u:1"));
    account.refresh_token = Some("again-1".into());
    account.expires_at = Some(Timestamp::from_epoch_seconds(START as i64 + HOUR));
    account.lifetime = Some(HOUR);
    account
}

fn session(log: &Log, fails: &'static str) -> Session {
    let log = Arc::clone(log);
    let session = account().session(Seed::new([7; 32]));
    session.on_change(move |account| {
        let mut log = log.lock().unwrap();
        let is_first = !log.iter().any(|line| line.starts_with("save"));
        let token = account.refresh_token.as_ref().unwrap().expose();
        log.push(format!("save {} {token}", account.credentials.id()));
        match is_first && !fails.is_empty() {
            true => Err(fails),
            false => Ok(()),
        }
    })
}

/// Logs a request, and gives what a server says that renews for another hour.
fn answer(log: &Log, asked: &Seen, now: u64) -> Answer {
    let header = Header::parse(asked.header("authorization")).unwrap();
    let line = format!("{} {}", header.id(), asked.url.path());
    log.lock().unwrap().push(line);
    if asked.method == "GET" {
        return Answer::json("[]");
    }
    let body: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(body["code"], "again-1");
    assert_eq!(body["tent_expires_at"], now as i64 + HOUR);
    let end = now as i64 + HOUR;
    Answer::json(format!(
        r#"{{"access_token":"u:2","mac_key":"k","mac_algorithm":"hmac-sha-256","refresh_token":"again-2","tent_expires_at":{end}}}"#
    ))
}

fn list(session: &Session, clock: &mut Clock, log: &Log) -> Result<(), CallError> {
    let now = clock.now().epoch_seconds();
    let call = session.call(ListPosts::new());
    run(call, clock, |asked| answer(log, asked, now)).map(drop)
}

fn taken(log: &Log) -> Vec<String> {
    std::mem::take(&mut log.lock().unwrap())
}

#[test]
fn it_is_renewed_in_time_and_saved_before_it_is_used() {
    let log = Log::default();
    let session = session(&log, "");
    let mut clock = Clock::at_epoch_seconds(START);
    list(&session, &mut clock, &log).unwrap();
    assert_eq!(taken(&log), ["u:1 /posts"]);
    clock.advance(Duration::from_secs(2701));
    list(&session.clone(), &mut clock, &log).unwrap();
    let renewed = [
        "a:1 /apps/app/authorizations",
        "save u:2 again-2",
        "u:2 /posts",
    ];
    assert_eq!(taken(&log), renewed);
    list(&session, &mut clock, &log).unwrap();
    assert_eq!(taken(&log), ["u:2 /posts"]);
    assert_eq!(session.credentials().unwrap().id(), "u:2");
}

#[test]
fn what_could_not_be_saved_is_not_used_and_not_lost() {
    let log = Log::default();
    let session = session(&log, "the disk is full");
    let mut clock = Clock::at_epoch_seconds(START + 3000);
    let error = list(&session, &mut clock, &log).unwrap_err();
    assert!(matches!(error, CallError::NotSaved(_)), "{error:?}");
    assert_eq!(
        taken(&log),
        ["a:1 /apps/app/authorizations", "save u:2 again-2"]
    );
    log.lock().unwrap().push("save, once more".into());
    list(&session, &mut clock, &log).unwrap();
    assert_eq!(taken(&log)[1..], ["save u:2 again-2", "u:2 /posts"]);
}

fn sent<T>(step: Step<T>) -> String {
    match step {
        Step::Do(Effect::Send(request, _)) => request.url.path().to_owned(),
        Step::Do(Effect::Wait(_)) => "waits".to_owned(),
        _ => "else".to_owned(),
    }
}

#[test]
fn one_call_renews_for_all() {
    let log = Log::default();
    let session = session(&log, "");
    let mut clock = Clock::at_epoch_seconds(START + 3000);
    let call = || session.call(ListPosts::new());
    let mut first = call();
    assert_eq!(
        sent(first.step(clock.now(), Input::Ready)),
        "/apps/app/authorizations"
    );
    assert_eq!(sent(call().step(clock.now(), Input::Ready)), "/posts");
    clock.advance(Duration::from_secs(601));
    let mut waiting = call();
    assert_eq!(sent(waiting.step(clock.now(), Input::Ready)), "waits");
    assert_eq!(sent(waiting.step(clock.now(), Input::Ready)), "waits");
    // A call that is dropped leaves it to the next.
    drop(first);
    assert_eq!(
        sent(waiting.step(clock.now(), Input::Ready)),
        "/apps/app/authorizations"
    );
}

#[test]
fn a_renewal_that_fails_is_tried_again_later_and_a_dead_credential_is_called_so() {
    let log = Log::default();
    let session = session(&log, "");
    let mut clock = Clock::at_epoch_seconds(START + 3000);
    let refused = |clock: &mut Clock| {
        let is_over = clock.now().epoch_seconds() >= START + 3600;
        let mut asked_for = Vec::new();
        let outcome = run(session.call(ListPosts::new()), clock, |asked| {
            asked_for.push(asked.method.to_string());
            match asked.method.as_str() {
                "POST" => Answer::status(403),
                _ if is_over => Answer::status(401).body(r#"{"error":"Invalid MAC Key ID"}"#),
                _ => Answer::json("[]"),
            }
        });
        (asked_for.join(" "), outcome.map(drop))
    };
    let (asked, outcome) = refused(&mut clock);
    assert_eq!((asked.as_str(), outcome.is_ok()), ("POST GET", true));
    let (asked, _) = refused(&mut clock);
    assert_eq!(asked, "GET");
    clock.advance(Duration::from_secs(151));
    let (asked, _) = refused(&mut clock);
    assert_eq!(asked, "POST GET");
    clock.advance(Duration::from_secs(451));
    let (_, outcome) = refused(&mut clock);
    assert!(outcome.unwrap_err().is_dead_credential());
}

/// Its clock may be wrong: what it renews has ended already.
#[test]
fn a_server_that_gives_no_more_time_is_not_asked_again_at_once() {
    let session = account().session(Seed::new([7; 32]));
    let session = session.on_change(|_| Ok::<_, CallError>(()));
    let mut clock = Clock::at_epoch_seconds(START + 3000);
    let mut asked_for = Vec::new();
    for _ in 0..3 {
        let listed = run(session.call(ListPosts::new()), &mut clock, |asked| {
            asked_for.push(asked.method.to_string());
            assert!(asked_for.len() < 9, "{asked_for:?}");
            match asked.method.as_str() {
                "POST" => Answer::json(format!(
                    r#"{{"access_token":"u:1","mac_key":"k","mac_algorithm":"hmac-sha-256","refresh_token":"again","tent_expires_at":{START}}}"#
                )),
                _ => Answer::json("[]"),
            }
        });
        listed.unwrap();
    }
    assert_eq!(asked_for, ["POST", "GET", "GET", "GET"]);
}
