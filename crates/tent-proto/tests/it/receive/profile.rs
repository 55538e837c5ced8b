//! Calls on the profile.

use proptest::option::of;
use proptest::prelude::*;
use tent_proto::call::{
    DeleteProfileSection, GetProfile, GetProfileSection, PutProfileSection, ReceiveError,
};
use tent_proto::model::Content;
use tent_proto::{Profile, TypeUri};

use super::{id, read, round_trip};
use crate::apps::extra;

/// Any type, such as is no URI at all among them.
fn section() -> impl Strategy<Value = TypeUri> {
    prop_oneof![
        "https://[a-z]{1,8}\\.example/info/[a-z]{1,5}/v[0-9]\\.[0-9x]\\.[0-9]",
        id()
    ]
    .prop_map(TypeUri::from)
}

fn content() -> impl Strategy<Value = Content> {
    extra().prop_map(|extra| {
        let members = extra.iter().map(|(name, text)| format!("{name:?}:{text}"));
        let members = members.collect::<Vec<_>>().join(" , ");
        Content::from_json(format!("{{ {members} }}")).unwrap()
    })
}

#[test]
fn get_profile() {
    round_trip(&GetProfile::default()).unwrap();
}

proptest! {
    #[test]
    fn get_profile_section(section in section(), version in of(any::<u64>())) {
        let mut call = GetProfileSection::new(section);
        call.version = version;
        round_trip(&call)?;
    }

    #[test]
    fn put_profile_section(section in section(), content in content()) {
        round_trip(&PutProfileSection::new(section, content))?;
    }

    #[test]
    fn delete_profile_section(section in section(), version in of(any::<u64>())) {
        let mut call = DeleteProfileSection::new(section);
        call.version = version;
        round_trip(&call)?;
    }

    #[test]
    fn profiles_survive(sections in proptest::collection::vec((section(), content()), 0..4)) {
        let mut profile = Profile::default();
        for (section, content) in sections {
            profile.set(section, &content).unwrap();
        }
        let text = serde_json::to_string(&profile).unwrap();
        prop_assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), profile);
    }
}

#[test]
fn a_section_that_is_no_object_is_refused_and_what_the_server_adds_is_dropped() {
    let put = |body| read::<PutProfileSection>("PUT", "/profile/t", body);
    for body in ["\"text\"", "3", "[]"] {
        assert!(
            matches!(put(body), Err(ReceiveError::NotAnObject)),
            "{body}"
        );
    }
    for body in ["", "{"] {
        assert!(matches!(put(body), Err(ReceiveError::Body(_))), "{body}");
    }
    let call = put(r#" {"z":1.50,"version":3,"tent_version":"0.2","permissions":{}} "#).unwrap();
    assert_eq!(call.content.as_json(), r#"{"permissions":{},"z":1.50}"#);
}
