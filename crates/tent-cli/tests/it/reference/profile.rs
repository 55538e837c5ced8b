//! The profile.

use serde_json::{Map, Value, json};

use super::{State, body, not_found};
use crate::peer::{Asked, Reply};

pub(super) fn show(state: &State, asked: &Asked) -> Reply {
    Reply::json(Value::from(sections(state, asked)).to_string())
}

fn sections(state: &State, asked: &Asked) -> Map<String, Value> {
    let root = format!("http://{}", asked.header("host"));
    let core =
        json!({ "entity": root, "servers": [format!("{root}/tent")], "tent_version": "0.2" });
    let basic = json!({ "name": "Alice \u{1b}[31m", "bio": "Sails.\nReads." });
    let mut sections = Map::new();
    sections.insert("https://tent.io/types/info/core/v0.1.0".to_owned(), core);
    sections.insert("https://tent.io/types/info/basic/v0.1.0".to_owned(), basic);
    sections.extend(state.sections.clone());
    sections.retain(|_, section| !section.is_null());
    sections
}

pub(super) fn change(state: &mut State, asked: &Asked, section: &str) -> Reply {
    match asked.method.as_str() {
        "PUT" => {
            let mut content = body(asked);
            content["version"] = 2.into();
            let permissions = &mut content["permissions"];
            if permissions.is_null() {
                *permissions = json!({ "public": false });
            }
            state.sections.insert(section.to_owned(), content);
            show(state, asked)
        }
        "DELETE" if sections(state, asked).contains_key(section) => {
            state.sections.insert(section.to_owned(), Value::Null);
            Reply::html("")
        }
        _ => not_found(),
    }
}
