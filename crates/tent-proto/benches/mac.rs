//! What signing and verifying cost, beside the least that the work can take.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tent_flow::{Moment, Seed};
use tent_proto::mac::{Algorithm, Credentials, Header, Nonces, Normalized, Stamp};
use tent_testkit::bench::{Table, Work};
use url::{Position, Url};

const ID: &str = "u:7nC2wq0Yd1kR5sV8xZ3bLg";
const KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const STAMP: Stamp<'static> = Stamp {
    timestamp: 1_356_998_400,
    nonce: "k3Jd9sQ7k3Jd",
};

#[expect(
    clippy::disallowed_methods,
    reason = "a bench reads the clock as a driver does"
)]
fn main() {
    let url = "https://tent.alice.example/tent/posts?limit=2&post_types=https%3A%2F%2Ftent.io%2Ftypes%2Fpost%2Fstatus%2Fv0.1.0";
    let url = Url::parse(url).expect("a URL");
    let credentials = Credentials::new(ID, KEY, Algorithm::HmacSha256).expect("a credential");
    let keyed = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("a key");
    let ready = Normalized::for_url("GET", &url, STAMP.timestamp, STAMP.nonce).to_string();
    let before = format!(
        "MAC id=\"{ID}\", ts=\"1356998400\", nonce=\"{}\", mac=\"",
        STAMP.nonce
    );
    let sign_ready = || {
        let mut mac = keyed.clone();
        mac.update(ready.as_bytes());
        let mut text = [0; 44];
        let length = BASE64
            .encode_slice(mac.finalize().into_bytes(), &mut text)
            .expect("room");
        let mac = std::str::from_utf8(&text[..length]).expect("base64");
        let mut header = String::with_capacity(before.len() + length + 1);
        header.push_str(&before);
        header.push_str(mac);
        header.push('"');
        header
    };

    let mut table = Table::start("MAC: signing, beside a ready string and a keyed hash");
    table.compare(
        Work::named("sign: method, URL, timestamp, nonce to the text")
            .at_most(1.20)
            .allocations_at_most(1),
        || credentials.sign(&Method::GET, &url, STAMP),
        sign_ready,
    );
    let nonces = Nonces::new(Seed::new([7; 32]));
    table.compare(
        Work::named("the same with clock, nonce and header value").at_most(1.50),
        || {
            let wall = SystemTime::now();
            let mono = std::time::Duration::ZERO;
            let nonce = nonces.next();
            let stamp = Stamp {
                timestamp: Moment { wall, mono }.epoch_seconds(),
                nonce: nonce.as_str(),
            };
            credentials.authorization(&Method::GET, &url, stamp)
        },
        sign_ready,
    );

    let text = credentials.sign(&Method::GET, &url, STAMP);
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let host = "tent.alice.example";
    let mut table = Table::start("MAC: verifying, beside the same by hand");
    table.compare(
        Work::named("verify a header")
            .at_most(1.15)
            .allocations_at_most(0),
        || {
            let header = Header::parse(&text).expect("a header");
            let request = Normalized::new(&header, "GET", target, host, 443);
            credentials.verify(&header, &request)
        },
        || verify_by_hand(&keyed, &text, target, host),
    );
}

/// Reads just this header, and trusts its order.
fn verify_by_hand(keyed: &Hmac<Sha256>, text: &str, target: &str, host: &str) -> bool {
    let mut parts = text.split('"').skip(1).step_by(2);
    let mut next = || parts.next().unwrap_or_default();
    let (_id, ts, nonce, given) = (next(), next(), next(), next());
    let mut normalized = [0; 512];
    let mut length = 0;
    for field in [ts, nonce, "GET", target, host, "443", ""] {
        normalized[length..length + field.len()].copy_from_slice(field.as_bytes());
        length += field.len();
        normalized[length] = b'\n';
        length += 1;
    }
    let mut mac = keyed.clone();
    mac.update(&normalized[..length]);
    let mut expected = [0; 44];
    let length = BASE64
        .encode_slice(mac.finalize().into_bytes(), &mut expected)
        .expect("room");
    expected[..length].ct_eq(given.as_bytes()).into()
}
