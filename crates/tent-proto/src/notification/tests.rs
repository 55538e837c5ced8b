//! What is received, and what is not.

use http::Method;

use super::*;
use crate::mac::{Algorithm, Stamp};

const NOW: u64 = 1_356_998_400;
const BODY: &[u8] = br#"{"id":"p1"}"#;

fn credentials() -> Credentials {
    Credentials::new("u:1", "k", Algorithm::HmacSha1).unwrap()
}

fn url() -> Url {
    Url::parse("https://app.example:8443/notify?for=alice").unwrap()
}

fn signed(timestamp: u64, nonce: &str) -> String {
    credentials().sign(&Method::POST, &url(), Stamp { timestamp, nonce })
}

fn receive(
    receiver: &mut Receiver,
    now: u64,
    authorization: &str,
    body: &[u8],
) -> Result<Notification, NotificationError> {
    let now = Moment::at_epoch_seconds(now);
    receiver.receive(now, Some(authorization), body, |id| {
        (id == "u:1").then(credentials)
    })
}

#[test]
fn one_post_or_several_are_received() {
    let mut receiver = Receiver::new(url());
    let one = receive(&mut receiver, NOW, &signed(NOW, "a"), BODY).unwrap();
    assert_eq!((one.mac_id.as_str(), one.posts.len()), ("u:1", 1));
    let two = receive(&mut receiver, NOW, &signed(NOW, "b"), b" [{},{}]").unwrap();
    assert_eq!(two.posts.len(), 2);
}

#[test]
fn what_is_not_the_servers_is_refused() {
    let mut receiver = Receiver::new(url());
    let mut status = |authorization: &str, body| {
        receive(&mut receiver, NOW, authorization, body)
            .unwrap_err()
            .status()
            .as_u16()
    };
    let good = signed(NOW, "a");
    assert_eq!(status("Bearer x", BODY), 401);
    assert_eq!(status("MAC id=\"u:1\"", BODY), 401);
    assert_eq!(status(&good.replace("u:1", "u:2"), BODY), 401);
    assert_eq!(
        status(&good.replace("nonce=\"a\"", "nonce=\"b\""), BODY),
        403
    );
    assert_eq!(status(&signed(NOW - WINDOW - 1, "a"), BODY), 401);
    assert_eq!(status(&signed(NOW + WINDOW + 1, "a"), BODY), 401);
    assert_eq!(status(&good, b"<html>"), 400);
    let mut elsewhere = Receiver::new("https://app.example/notify".parse().unwrap());
    let error = receive(&mut elsewhere, NOW, &good, BODY).unwrap_err();
    assert!(matches!(error, NotificationError::Mismatch));
    let nobody = receiver.receive(Moment::at_epoch_seconds(NOW), None, BODY, |_| None);
    assert!(matches!(nobody, Err(NotificationError::Unsigned)));
}

#[test]
fn a_nonce_counts_once_as_long_as_its_time_does() {
    let mut receiver = Receiver::new(url());
    let early = signed(NOW - WINDOW, "a");
    receive(&mut receiver, NOW, &early, BODY).unwrap();
    receive(&mut receiver, NOW, &signed(NOW, "a"), BODY).unwrap();
    let again = receive(&mut receiver, NOW, &early, BODY).unwrap_err();
    assert!(matches!(again, NotificationError::Replayed), "{again}");
    // Later its time is over, and it is forgotten.
    let late = receive(&mut receiver, NOW + 1, &early, BODY).unwrap_err();
    assert!(matches!(late, NotificationError::Stale(_)), "{late}");
    receive(&mut receiver, NOW + 1, &signed(NOW + 1, "b"), BODY).unwrap();
    assert!(!receiver.seen.contains_key(&(NOW - WINDOW)));
}
