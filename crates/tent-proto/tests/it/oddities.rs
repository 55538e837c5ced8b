//! docs/protocol.md §9: what servers write in odd ways is read, and written in the one way.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};
use tent_proto::call::{Call, ListFollowers, ListPosts};
use tent_proto::json::DecodeError;
use tent_proto::model::{Envelope, Follower};
use tent_proto::{Post, Server};

fn posts(answer: Response<Bytes>) -> Result<Vec<Post>, DecodeError> {
    let server: Server = "https://tent.alice.example".parse().unwrap();
    Ok(ListPosts::new().answer(&server, answer)?.items)
}

/// A post of a server newer than this crate, in the one way to write it, and as servers have written it.
fn newer(n: i64) -> (Value, Value) {
    let one_way = json!({
        "id": format!("p{n}"), "entity": "https://alice.example",
        "type": format!("https://tent.io/types/post/status/v0.{}.0#x", n % 7),
        "content": {"text": "hi", "n": n, "weights": [1.5, null, {"deep": [[n]]}]},
        "published_at": 1_356_998_400 - n, "received_at": n, "updated_at": -n, "version": n,
        "licenses": ["https://l.example"],
        "mentions": [{"entity": "https://bob.example", "mood": {"of": [n]}}],
        "permissions": {"public": n % 2 == 0, "entities": {"https://c.example": true}, "circles": [n]},
        "attachments": [{"name": "a.png", "type": "image/x-new", "size": n, "sha": "00"}],
        "app": {"name": "Harbour", "id": n}, "reactions": {"wave": n}, "until": null, "tags": [],
    });
    let mut odd = one_way.clone();
    odd["published_at"] = json!((1_356_998_400 - n).to_string());
    odd["received_at"] = json!(n as f64);
    odd["version"] = json!(format!(" {n} "));
    odd["permissions"]["public"] = json!((n % 2 == 0).to_string());
    odd["permissions"]["entities"]["https://d.example"] = Value::Null;
    odd["mentions"]
        .as_array_mut()
        .unwrap()
        .insert(0, Value::Null);
    odd["attachments"][0]["size"] = json!(n.to_string());
    let members = odd.as_object_mut().unwrap();
    let licenses = members.remove("licenses").unwrap();
    members.insert("licences".into(), licenses);
    (one_way, odd)
}

#[test]
fn a_page_of_200_posts_of_a_newer_server_survives() {
    let (one_way, odd): (Vec<Value>, Vec<Value>) = (0..200).map(newer).unzip();
    let one_way = Value::from(one_way);
    for page in [one_way.clone(), Value::from(odd)] {
        let body = Bytes::from(page.to_string());
        let read = posts(Response::new(body.clone())).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), one_way);
        // By way of envelopes, too.
        let envelopes = Envelope::parse_page(&body).unwrap();
        let read_later = envelopes.iter().map(|envelope| envelope.to_post().unwrap());
        assert!(read_later.eq(read));
    }
}

#[test]
fn json_is_read_whatever_type_it_claims_and_nothing_is_no_page() {
    for media_type in [
        "text/html",
        "application/json; charset=utf-8",
        "image/png",
        "",
    ] {
        let answer = |body: &'static str| {
            let answer = Response::builder()
                .status(201)
                .header("content-type", media_type);
            answer.body(Bytes::from(body)).unwrap()
        };
        assert_eq!(posts(answer(r#" [{"id":"a"}] "#)).unwrap().len(), 1);
        assert!(matches!(posts(answer(" \r\n")), Err(DecodeError::Empty)));
        let error = posts(answer("<h1>busy</h1>")).unwrap_err();
        assert!(error.to_string().contains("<h1>busy"), "{error}");
    }
}

#[test]
fn a_follower_may_be_null_throughout() {
    let text = r#"{"id":null,"entity":null,"permissions":null,"created_at":null,"updated_at":null,"groups":null,"types":null,"licenses":null,"profile":null,"notification_path":null}"#;
    let follower: Follower = serde_json::from_str(text).unwrap();
    assert_eq!(
        (&follower.id, &follower.entity, follower.created_at),
        (&None, &None, None)
    );
    assert!(follower.types.is_empty() && follower.profile.is_none());
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(serde_json::to_value(&follower).unwrap(), value(text));
}

#[test]
fn all_stands_among_types_whose_order_is_kept() {
    let server: Server = "https://tent.alice.example".parse().unwrap();
    let body = r#"[{"id":"a","types":["https://b.example/t/v0.1.0#meta","all",null,"https://a.example/t"]}]"#;
    let page = ListFollowers::new().answer(&server, Response::new(Bytes::from(body)));
    let types = &page.unwrap().items[0].types;
    assert!(types.len() == 3 && types[1].is_all() && !types[0].is_all());
    assert_eq!(types[0].view(), Some("meta"));
    assert_eq!(types[2].as_str(), "https://a.example/t");
}

#[test]
fn a_post_that_a_server_made_may_have_no_entity_and_an_app_of_nulls() {
    let body = r#"[{"id":"a","entity":null,"app":{"name":null,"url":null},"version":2}]"#;
    let posts = posts(Response::new(Bytes::from(body))).unwrap();
    let app = posts[0].app.clone().unwrap();
    assert_eq!((app.name, app.url, &posts[0].entity), (None, None, &None));
    assert_eq!(
        serde_json::to_string(&posts)
            .unwrap()
            .matches("null")
            .count(),
        3
    );
}
