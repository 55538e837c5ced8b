//! Posts, their versions and mentions.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Value, json};
use tent_proto::multipart::{Event, Part, Reader};

use super::{Reference, State, body, not_found, remove};
use crate::peer::{Asked, Reply};

/// A post of somebody, as the server got it.
pub(crate) fn receive(server: &Reference, post: Value) {
    server.state.lock().unwrap().posts.insert(0, post);
}

pub(crate) fn status(entity: &str, id: &str, text: &str, answers: &[(&str, &str)]) -> Value {
    let mentions = answers.iter();
    let mentions = mentions.map(|(entity, post)| json!({ "entity": entity, "post": post }));
    json!({
        "id": id,
        "entity": entity,
        "type": "https://tent.io/types/post/status/v0.1.0",
        "content": { "text": text },
        "mentions": mentions.collect::<Vec<_>>(),
        "permissions": { "public": true },
    })
}

type Query = BTreeMap<String, String>;

pub(super) fn answer(state: &mut State, asked: &Asked, path: &[&str], query: &Query) -> Reply {
    let own = format!("http://{}", asked.header("host"));
    match (asked.method.as_str(), path) {
        ("GET", ["count"]) => Reply::json(state.posts.len().to_string()),
        ("HEAD", []) => Reply::status(200).header("Count", &state.posts.len().to_string()),
        ("POST", []) => create(state, asked, &own),
        ("GET", []) => list(&state.posts, query),
        ("GET", &[id]) => show(state, &own, id, query),
        ("GET", &[id, "versions"]) => {
            let all = versions(state, id);
            if all.is_empty() {
                return not_found();
            }
            Reply::json(Value::from(all).to_string())
        }
        ("GET", &[id, "mentions"]) => mentions(state, &own, id, query),
        ("GET", &[id, "attachments", name]) => file(state, asked, id, name),
        ("GET", &[entity, id]) => show(state, entity, id, query),
        ("PUT", &[id]) => update(state, asked, id),
        ("DELETE", &[id]) => match query.get("version") {
            Some(version) => delete_version(state, id, version),
            None => remove(&mut state.posts, id),
        },
        _ => not_found(),
    }
}

fn create(state: &mut State, asked: &Asked, own: &str) -> Reply {
    let id = format!("post{}", state.posts.len() + 1);
    let mut post = if asked.header("content-type").starts_with("multipart/") {
        take_form(state, asked, &id)
    } else {
        body(asked)
    };
    post["id"] = id.into();
    post["entity"] = own.into();
    post["version"] = 1.into();
    post["published_at"] = 1_356_998_400.into();
    post["unheard_of"] = json!({ "a": [1] });
    state.posts.insert(0, post.clone());
    Reply::json(post.to_string())
}

/// A post is a part of Tent's type, and what follows it are files.
fn take_form(state: &mut State, asked: &Asked, id: &str) -> Value {
    let mut reader = Reader::new(asked.header("content-type")).unwrap();
    let mut form = Bytes::copy_from_slice(asked.body.as_bytes());
    let mut parts: Vec<(Part, String)> = Vec::new();
    while let Some(event) = reader.next(&mut form).unwrap() {
        match event {
            Event::Part(part) => parts.push((part, String::new())),
            Event::Bytes(bytes) => {
                let content = &mut parts.last_mut().unwrap().1;
                content.push_str(str::from_utf8(&bytes).unwrap());
            }
            _ => {}
        }
    }
    reader.finish().unwrap();
    let (head, post) = parts.remove(0);
    assert_eq!(head.media_type(), Some("application/vnd.tent.v0+json"));
    let mut post: Value = serde_json::from_str(&post).unwrap();
    let files = parts.into_iter().map(|(part, content)| {
        let (name, media_type) = (part.file_name().unwrap(), part.media_type().unwrap());
        let size = content.len();
        let key = [id, name, media_type].map(str::to_owned);
        state.files.insert(key, content);
        json!({ "category": part.category(), "name": name, "type": media_type, "size": size })
    });
    post["attachments"] = files.collect::<Vec<_>>().into();
    post
}

/// A file is there for whoever names its type first.
fn file(state: &State, asked: &Asked, id: &str, name: &str) -> Reply {
    let first = asked.header("accept").split([',', ';']).next();
    let key = [id, name, first.unwrap_or_default()].map(str::to_owned);
    let found = state.files.get(&key);
    found.map_or_else(not_found, |content| {
        Reply::status(200)
            .header("Content-Type", &key[2])
            .body(content.as_str())
    })
}

fn does_mention(post: &Value, entity: &str, id: &str) -> bool {
    let mentions = post["mentions"].as_array();
    mentions.is_some_and(|mentions| {
        let mut mentions = mentions.iter();
        mentions.any(|mention| mention["entity"] == entity && mention["post"] == id)
    })
}

/// Two a page, whatever was asked for.
fn list(posts: &[Value], query: &Query) -> Reply {
    let wanted = |post: &&Value| match (query.get("mentioned_entity"), query.get("mentioned_post"))
    {
        (Some(entity), Some(id)) => does_mention(post, entity, id),
        _ => true,
    };
    let mut posts: Vec<_> = posts.iter().filter(wanted).collect();
    if let Some(before) = query.get("before_id") {
        let index = posts.iter().position(|post| post["id"] == before.as_str());
        posts.drain(..index.map_or(posts.len(), |index| index + 1)); // unknown: nothing
    }
    posts.truncate(2);
    let reply = Reply::json(serde_json::to_string(&posts).unwrap());
    let (Some(first), Some(last)) = (posts.first(), posts.last()) else {
        return reply;
    };
    let mut others = query.clone();
    others.retain(|name, _| name.starts_with("mentioned"));
    let link = |relation, name: &str, post: &Value| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&others);
        query.append_pair(name, post["id"].as_str().unwrap());
        format!("</tent/posts?{}>; rel=\"{relation}\"", query.finish())
    };
    let mut links = link("prev", "since_id", first);
    if posts.len() == 2 {
        links = format!("{links}, {}", link("next", "before_id", last));
    }
    reply.header("Link", &links)
}

fn show(state: &State, entity: &str, id: &str, query: &Query) -> Reply {
    let mut all = state.posts.iter().chain(&state.history);
    let found = all.find(|post| {
        let version = query.get("version");
        post["id"] == id
            && post["entity"] == entity
            && version.is_none_or(|version| is_version(post, version))
    });
    found.map_or_else(not_found, |post| Reply::json(post.to_string()))
}

fn is_version(post: &Value, version: &str) -> bool {
    post["version"].as_u64() == version.parse().ok()
}

/// Highest first.
fn versions(state: &State, id: &str) -> Vec<Value> {
    let all = state.posts.iter().chain(state.history.iter().rev());
    all.filter(|post| post["id"] == id).cloned().collect()
}

/// What is public and mentions a post, oldest first and two a page.
fn mentions(state: &State, own: &str, id: &str, query: &Query) -> Reply {
    let posts = state.posts.iter().rev();
    let mut all: Vec<_> = posts
        .filter(|post| does_mention(post, own, id) && post["permissions"]["public"] == true)
        .map(|post| json!({ "entity": post["entity"], "post": post["id"], "type": post["type"] }))
        .collect();
    if let Some(since) = query.get("since_id") {
        let index = all.iter().position(|one| one["post"] == since.as_str());
        all.drain(..index.map_or(all.len(), |index| index + 1));
    }
    all.truncate(2);
    Reply::json(Value::from(all).to_string())
}

/// Content and mentions alone change. Mentions that are left out are erased, and none can be added
/// to a post that had none.
fn update(state: &mut State, asked: &Asked, id: &str) -> Reply {
    let change = body(asked);
    let Some(index) = state.posts.iter().position(|post| post["id"] == id) else {
        return not_found();
    };
    let old = state.posts[index].clone();
    let mut new = old.clone();
    if let Some(version) = change.get("version") {
        let versions = versions(state, id);
        match versions.iter().find(|post| post["version"] == *version) {
            Some(post) => new = post.clone(),
            None => return not_found(),
        }
    } else {
        if let Some(content) = change.get("content") {
            new["content"] = content.clone();
        }
        let had_some = old["mentions"]
            .as_array()
            .is_some_and(|all| !all.is_empty());
        let mentions = change.get("mentions").filter(|_| had_some);
        new["mentions"] = mentions.cloned().unwrap_or_else(|| json!([]));
    }
    new["version"] = (old["version"].as_u64().unwrap() + 1).into();
    state.history.push(old);
    state.posts[index] = new.clone();
    Reply::json(new.to_string())
}

fn delete_version(state: &mut State, id: &str, version: &str) -> Reply {
    let before = state.history.len();
    let is_it = |post: &Value| post["id"] == id && is_version(post, version);
    state.history.retain(|post| !is_it(post));
    if state.history.len() < before {
        Reply::html("")
    } else {
        not_found()
    }
}
