//! The members of a post as they are stored: those of its JSON object, without the braces.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use tent_proto::model::Mention;

/// The members with some of them replaced, all others to the letter.
pub(super) fn replace(
    members: &str,
    changes: &BTreeMap<&'static str, Box<RawValue>>,
    version: u32,
) -> Result<String, serde_json::Error> {
    let object = object(members);
    let mut all: BTreeMap<&str, &RawValue> = serde_json::from_str(&object)?;
    let version = to_raw_value(&version)?;
    all.extend(changes.iter().map(|(name, value)| (*name, &**value)));
    all.insert("version", &version);
    let mut text = serde_json::to_string(&all)?;
    text.pop();
    Ok(text.split_off(1))
}

/// Whom, and which posts, the post mentions.
pub(super) fn mentions(members: &str) -> Result<Vec<Mention>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Mentioning {
        #[serde(default)]
        mentions: Vec<Mention>,
    }
    serde_json::from_str(&object(members)).map(|Mentioning { mentions }| mentions)
}

fn object(members: &str) -> String {
    format!("{{{members}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_replaced_stays_to_the_letter() {
        let members = r#""id":"p1","content":{"n":1.50},"mentions":[],"version":1"#;
        let mentions = to_raw_value(&[Mention::default()]).unwrap();
        let changed = replace(members, &[("mentions", mentions)].into(), 4).unwrap();
        assert_eq!(
            changed,
            r#""content":{"n":1.50},"id":"p1","mentions":[{}],"version":4"#
        );
    }
}
