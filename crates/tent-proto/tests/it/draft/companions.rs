//! What the companion pages of the document describe (`docs/protocol.md` §8.7), but for the login.

use http::Method;
use serde_json::json;
use tent_flow::Moment;
use tent_flow::script::{Answer, Script};
use tent_proto::call::{Access, Call, Replay};
use tent_proto::draft::call::{CreateFollower, NotifyPosts, NotifyRemovals, UpdateApp};
use tent_proto::draft::convert::Converter;
use tent_proto::draft::model::{License, TypeReference};
use tent_proto::mac::{Algorithm, Credentials, Header, Stamp};
use tent_proto::model::Status;
use tent_proto::notification::{NotificationError, Receiver};
use tent_proto::{App, Session};

use super::{ROOT, answer, change, make, read, repost, session, written};

#[test]
fn an_app_is_changed_whole() {
    let sent = json!({"name": "Harbour", "url": "https://app.example"});
    let call = || UpdateApp::new("9a1c", App::new("Harbour", "https://app.example"));
    let told = make(
        call(),
        "PATCH /apps/9a1c",
        &change(sent.clone()),
        answer(&sent),
    );
    assert_eq!(written(&told.unwrap()), sent);
    let told = make(
        call(),
        "PATCH /apps/9a1c",
        &change(sent),
        Answer::status(200),
    );
    assert_eq!(told, None);
}

#[test]
fn a_server_follows_without_a_signature_and_gets_a_credential() {
    let call = || {
        CreateFollower::new("koss.me")
            .under(License::new("https://licences.org/free-speach", "0.1.0"))
            .post_type(
                TypeReference::new("https://tent.io/types/posts/photo", "~> 0.1").in_view("meta"),
            )
    };
    assert_eq!(
        (call().access(), call().replay()),
        (Access::Public, Replay::OnlyIfUnsent)
    );
    let sent = json!({
        "entity": "koss.me",
        "licenses": [{"url": "https://licences.org/free-speach", "version": "0.1.0"}],
        "types": [{"url": "https://tent.io/types/posts/photo", "version": "~> 0.1", "view": "meta"}]
    });
    let located = Answer::status(201).header("location", "https://tent.smith.me/followers/ddd6");
    let told =
        Answer::status(201).body(r#"{"id":"ddd6","secret":"k","mac_algorithm":"hmac-sha-1"}"#);
    for (answer, algorithm) in [
        (told, Algorithm::HmacSha1),
        (located.body(r#"{"secret":"k"}"#), Algorithm::HmacSha256),
    ] {
        let url = format!("{ROOT}/followers");
        let mut script = Script::new().on("POST", &url, answer);
        let servers = vec![ROOT.parse().unwrap()];
        let session = Session::anonymous("https://smith.me".parse().unwrap(), servers);
        let registered = script.run(session.call(call())).unwrap();
        let expected = Credentials::new("ddd6", "k", algorithm).unwrap();
        assert_eq!(registered.credentials().unwrap(), expected);
        assert!(!format!("{registered:?}").contains("\"k\""));
        let seen = &script.seen()[0];
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&seen.body).unwrap(),
            sent
        );
        assert_eq!(seen.header("authorization"), "");
        assert_eq!(seen.header("accept"), "application/json");
    }
}

#[test]
fn what_one_server_sends_another_receives() {
    let posts = json!([repost()]);
    let removed = json!([{"id": "ddd6", "entity": "koss.me"}]);
    let (told, ended) = (
        NotifyPosts::new(read(&posts)),
        NotifyRemovals::new(read(&removed)),
    );
    for call in [told.replay(), ended.replay()] {
        assert_eq!(call, Replay::Always);
    }
    let url = format!("{ROOT}/notifications");
    let mut receiver = Receiver::new(url.parse().unwrap());
    let mut script =
        Script::new()
            .on("POST", &url, Answer::status(200))
            .on("DELETE", &url, Answer::status(204));
    let session = session();
    script.run(session.call(told)).unwrap();
    script.run(session.call(ended)).unwrap();

    let [told, ended] = script.seen() else {
        panic!("{:?}", script.seen());
    };
    let find = |_: &str| session.credentials().cloned();
    let now = Header::parse(told.header("authorization"))
        .unwrap()
        .timestamp();
    let now = Moment::at_epoch_seconds(now);
    let received = receiver.receive(now, Some(told.header("authorization")), &told.body, find);
    let post = &received.unwrap().posts[0];
    assert_eq!(
        written(&Converter::new().post_from_v0(post).unwrap()),
        repost()
    );
    let authorization = Some(ended.header("authorization"));
    let received = receiver.receive_removal(now, authorization, &ended.body, find);
    assert_eq!(written(&received.unwrap().removed), removed);
    for seen in [told, ended] {
        assert_eq!(seen.header("content-type"), "application/json");
        assert_eq!(seen.header("accept"), "");
    }
}

const NOW: u64 = 1_345_317_800;

fn credentials() -> Credentials {
    Credentials::new("775ecf8", "k", Algorithm::HmacSha1).unwrap()
}

fn receiver() -> Receiver {
    Receiver::new("https://app.example/notifications".parse().unwrap())
}

fn signed(method: &Method, nonce: &str) -> String {
    let url = "https://app.example/notifications".parse().unwrap();
    credentials().sign(
        method,
        &url,
        Stamp {
            timestamp: NOW,
            nonce,
        },
    )
}

#[test]
fn notifications_of_every_dialect_are_received() {
    let later = json!({"id": "p1", "type": "https://tent.io/types/post/status/v0.1.0", "content": {"type": {}, "text": "Hi"}});
    let untyped = json!({"id": "p2"});
    let mut receiver = receiver();
    let now = Moment::at_epoch_seconds(NOW);
    for (nonce, body) in ["a", "b", "c"].into_iter().zip([
        json!([repost(), later, untyped]),
        json!(repost()),
        later.clone(),
    ]) {
        let authorization = signed(&Method::POST, nonce);
        let find = |id: &str| (id == "775ecf8").then(credentials);
        let body = body.to_string();
        let received = receiver.receive(now, Some(&authorization), body.as_bytes(), find);
        let posts = received.unwrap().posts;
        if nonce != "c" {
            // One of the draft is converted, and can be converted back.
            assert_eq!(
                posts[0].entity.as_ref().unwrap().as_str(),
                "https://smithson.me"
            );
            let back = Converter::new().post_from_v0(&posts[0]).unwrap();
            assert_eq!(written(&back), repost());
        }
        match nonce {
            "a" => {
                assert_eq!(posts.len(), 3);
                assert_eq!(written(&posts[1]), later);
                assert_eq!(written(&posts[2]), untyped);
            }
            "b" => assert_eq!(posts.len(), 1),
            _ => assert_eq!(posts[0].content::<Status>().unwrap().text.unwrap(), "Hi"),
        }
    }
}

#[test]
fn what_cannot_be_converted_is_no_notification() {
    // It would read as a post of the later dialects, if nobody looked.
    let mut unclear = repost();
    unclear["published_at"] = json!(5);
    unclear.as_object_mut().unwrap().remove("licences");
    let authorization = signed(&Method::POST, "a");
    let now = Moment::at_epoch_seconds(NOW);
    let body = unclear.to_string();
    let received = receiver().receive(now, Some(&authorization), body.as_bytes(), |_| {
        Some(credentials())
    });
    let error = received.unwrap_err();
    assert!(matches!(error, NotificationError::Body(_)), "{error:?}");
    assert_eq!(error.status(), 400);
}

#[test]
fn removals_are_received_and_signed_as_what_they_are() {
    let mut receiver = receiver();
    let now = Moment::at_epoch_seconds(NOW);
    let mut receive = |authorization: &str, body: &str| {
        receiver.receive_removal(now, Some(authorization), body.as_bytes(), |_| {
            Some(credentials())
        })
    };
    let one = json!({"id": "ddd6", "entity": "koss.me", "why": "tired"});
    let removal = receive(&signed(&Method::DELETE, "a"), &one.to_string()).unwrap();
    assert_eq!(
        (removal.mac_id.as_str(), written(&removal.removed)),
        ("775ecf8", json!([one]))
    );
    let two = receive(
        &signed(&Method::DELETE, "b"),
        &json!([one, one]).to_string(),
    );
    assert_eq!(two.unwrap().removed.len(), 2);

    let again = receive(&signed(&Method::DELETE, "b"), "{}").unwrap_err();
    assert!(matches!(again, NotificationError::Replayed), "{again:?}");
    let post = receive(&signed(&Method::POST, "c"), "{}").unwrap_err();
    assert!(matches!(post, NotificationError::Mismatch), "{post:?}");
    let nothing = receive(&signed(&Method::DELETE, "d"), "").unwrap_err();
    assert!(matches!(nothing, NotificationError::Body(_)), "{nothing:?}");
}
