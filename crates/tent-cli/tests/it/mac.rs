//! `tent mac`, against the recorded vectors.

use serde_json::Value;

use crate::tent::Tent;

const VECTORS: &str = include_str!("../../../tent-proto/tests/vectors/mac-recorded.json");

struct Vector {
    method: String,
    url: String,
    id: String,
    key: String,
    ts: String,
    nonce: String,
    mac: String,
    algorithm: String,
}

fn vectors() -> Vec<Vector> {
    let all: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(all.len(), 3);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    all.iter()
        .map(|v| Vector {
            method: text(&v["method"]),
            url: format!(
                "https://{}:{}{}",
                v["host"].as_str().unwrap(),
                v["port"],
                text(&v["request_uri"])
            ),
            id: text(&v["id"]),
            key: text(&v["key"]),
            ts: v["ts"].to_string(),
            nonce: text(&v["nonce"]),
            mac: text(&v["mac"]),
            algorithm: text(&v["algorithm"]),
        })
        .collect()
}

impl Vector {
    fn header(&self) -> String {
        let Self {
            id, ts, nonce, mac, ..
        } = self;
        format!("MAC id=\"{id}\", ts=\"{ts}\", nonce=\"{nonce}\", mac=\"{mac}\"")
    }

    fn sign_arguments<'a>(&'a self, key: &'a str) -> Vec<&'a str> {
        vec![
            "mac",
            "sign",
            "--id",
            &self.id,
            "--key",
            key,
            "--algorithm",
            &self.algorithm,
            "--ts",
            &self.ts,
            "--nonce",
            &self.nonce,
            &self.method,
            &self.url,
        ]
    }
}

#[test]
fn every_vector_is_signed_and_verified() {
    let tent = Tent::new();
    for vector in vectors() {
        let signed = tent.run(&vector.sign_arguments(&vector.key)).ok();
        assert_eq!(signed, vector.header() + "\n");
        let spaces = vector.header().replace(',', "");
        let named = format!("Authorization: {}", vector.header());
        for header in [vector.header(), spaces, named] {
            let arguments = [
                "mac",
                "verify",
                "--key",
                &vector.key,
                &vector.method,
                &vector.url,
                &header,
            ];
            assert_eq!(tent.run(&arguments).ok(), "valid\n");
        }
    }
}

#[test]
fn the_key_may_come_by_another_way_than_the_process_list() {
    let tent = Tent::new();
    for vector in vectors() {
        let read = tent.run_with(&vector.sign_arguments("-"), &format!("{}\n", vector.key));
        assert_eq!(read.ok(), vector.header() + "\n");
        let mut arguments = vector.sign_arguments("-");
        arguments.retain(|argument| !["--key", "-"].contains(argument));
        let from_environment = tent
            .command(&arguments)
            .env("TENT_MAC_KEY", &vector.key)
            .output();
        assert_eq!(
            crate::tent::Ran::from(from_environment.unwrap()).ok(),
            vector.header() + "\n"
        );
    }
}

#[test]
fn what_is_not_right_is_invalid() {
    let tent = Tent::new();
    let vector = vectors().remove(1);
    let (method, url, header) = (vector.method.as_str(), vector.url.as_str(), vector.header());
    let other_url = format!("{url}&x=1");
    let other_time = header.replace(&vector.ts, "1356283729");
    for (key, method, url, header) in [
        ("another", method, url, header.as_str()),
        (&vector.key, "PUT", url, &header),
        (&vector.key, method, &other_url, &header),
        (&vector.key, method, url, &other_time),
        (&vector.key, method, url, "MAC id=\"x\""),
        (&vector.key, method, url, "Bearer x"),
    ] {
        let ran = tent.run(&["mac", "verify", "--key", key, method, url, header]);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (1, "invalid\n"),
            "{}",
            ran.err
        );
        assert!(!ran.err.contains(&vector.key) && !ran.err.is_empty());
    }
    let sha1 = [
        "mac",
        "verify",
        "--algorithm",
        "hmac-sha-1",
        "--key",
        &vector.key,
        method,
        url,
        &header,
    ];
    assert_eq!(tent.run(&sha1).code, 1);
}

#[test]
fn json_is_one_object() {
    let tent = Tent::new();
    let vector = vectors().remove(0);
    let mut arguments = vector.sign_arguments(&vector.key);
    arguments.push("--json");
    let signed: Value = serde_json::from_str(&tent.run(&arguments).ok()).unwrap();
    assert_eq!(
        signed,
        serde_json::json!({ "authorization": vector.header() })
    );
    let verify = [
        "mac",
        "verify",
        "--json",
        "--key",
        "wrong",
        &vector.method,
        &vector.url,
        &vector.header(),
    ];
    let ran = tent.run(&verify);
    assert_eq!((ran.code, ran.out.as_str()), (1, "{\"valid\":false}\n"));
}

#[test]
fn what_cannot_be_signed_is_wrong_usage() {
    let tent = Tent::new();
    let sign = |id: &str, nonce: &str, method: &str, url: &str| {
        let arguments = [
            "mac", "sign", "--id", id, "--key", "5ecret", "--ts", "1", "--nonce", nonce, method,
            url,
        ];
        let err = tent.run(&arguments).fails_with(2);
        assert!(!err.contains("5ecret"), "{err}");
    };
    sign("a\"b", "n", "GET", "https://a.example/");
    sign("a:1", "n\"", "GET", "https://a.example/");
    sign("a:1", "n", "G T", "https://a.example/");
    sign("a:1", "n", "GET", "a.example");
    sign("a:1", "n", "GET", "ftp://a.example/");
}
