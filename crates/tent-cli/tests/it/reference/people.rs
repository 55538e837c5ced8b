//! Followings, followers and groups.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{State, body, not_found, remove};
use crate::peer::{Asked, Reply};

pub(super) fn followings(
    state: &mut State,
    asked: &Asked,
    path: &[&str],
    query: &BTreeMap<String, String>,
) -> Reply {
    if asked.method != "POST" {
        return relations(&mut state.followings, asked, path, query);
    }
    let entity = body(asked)["entity"].clone();
    let mut followings = state.followings.iter();
    if followings.any(|following| following["entity"] == entity) {
        return Reply::error(409, "Already following");
    }
    if entity == "https://nowhere.example" {
        return not_found();
    }
    let following = json!({
        "id": format!("-f{}", state.followings.len() + 1),
        "entity": entity,
        "profile": { "https://tent.io/types/info/basic/v0.1.0": { "name": "Bob\u{1b}[31m" } },
        "types": ["all"],
        "mac_key_id": "s:5ecret-id",
        "mac_key": "relation-5ecret",
        "unheard_of": 1,
    });
    state.followings.insert(0, following.clone());
    Reply::json(following.to_string())
}

/// Two a page, newest first.
pub(super) fn relations(
    relations: &mut Vec<Value>,
    asked: &Asked,
    path: &[&str],
    query: &BTreeMap<String, String>,
) -> Reply {
    match (asked.method.as_str(), path) {
        ("GET", []) => {
            let before = query.get("before_id");
            let start = before.map_or(0, |id| {
                let mut all = relations.iter();
                let index = all.position(|one| one["id"] == id.as_str());
                index.map_or(relations.len(), |index| index + 1)
            });
            let page: Vec<_> = relations.iter().skip(start).take(2).collect();
            let reply = Reply::json(serde_json::to_string(&page).unwrap());
            match page.get(1) {
                Some(last) => {
                    let id = last["id"].as_str().unwrap();
                    reply.header("Link", &format!("<?before_id={id}>; rel=\"next\""))
                }
                None => reply,
            }
        }
        ("GET", [named]) => {
            let mut all = relations.iter();
            let found = all.find(|one| one["id"] == *named || one["entity"] == *named);
            found.map_or_else(not_found, |found| Reply::json(found.to_string()))
        }
        ("DELETE", [id]) => remove(relations, id),
        _ => not_found(),
    }
}

pub(super) fn groups(groups: &mut Vec<Value>, asked: &Asked, path: &[&str]) -> Reply {
    match (asked.method.as_str(), path) {
        ("GET", []) => Reply::json(serde_json::to_string(&groups).unwrap()),
        ("POST", []) => {
            let id = format!("-g{}", groups.len() + 1);
            let group = json!({ "id": id, "name": body(asked)["name"], "created_at": 1 });
            groups.insert(0, group.clone());
            Reply::json(group.to_string())
        }
        ("PUT", [id]) => match groups.iter_mut().find(|group| group["id"] == *id) {
            Some(group) => {
                group["name"] = body(asked)["name"].clone();
                Reply::json(group.to_string())
            }
            None => not_found(),
        },
        ("DELETE", [id]) => remove(groups, id),
        _ => not_found(),
    }
}
