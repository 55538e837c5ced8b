//! Calls on groups.

use proptest::option::of;
use proptest::prelude::*;
use tent_proto::call::{CreateGroup, DeleteGroup, GetGroup, Receive, ReceiveError, UpdateGroup};
use tent_proto::model::Group;

use super::any_relation::group;
use super::{id, read, round_trip};

proptest! {
    #[test]
    fn get_group(id in id()) {
        round_trip(&GetGroup::new(id))?;
    }

    #[test]
    fn create_group(id in of(id()), name in "[^\0]{1,20}") {
        let mut call = CreateGroup::new(name);
        call.id = id.map(Into::into);
        round_trip(&call)?;
    }

    #[test]
    fn update_group(id in id(), name in ".{1,20}") {
        round_trip(&UpdateGroup::new(id, name))?;
    }

    #[test]
    fn delete_group(id in id()) {
        round_trip(&DeleteGroup::new(id))?;
    }

    #[test]
    fn a_group_survives_being_written(group in group()) {
        let json = serde_json::to_vec(&group).unwrap();
        prop_assert_eq!(serde_json::from_slice::<Group>(&json).unwrap(), group);
    }
}

fn is_refused<C: Receive>(method: &str, path: &str) {
    for body in ["{}", r#"{"name":""}"#, r#"{"name":null}"#] {
        match read::<C>(method, path, body).err() {
            Some(ReceiveError::Body(_)) => {}
            other => panic!("{method} {path} {body}: {other:?}"),
        }
    }
}

#[test]
fn a_group_has_a_name() {
    is_refused::<CreateGroup>("POST", "groups");
    is_refused::<UpdateGroup>("PUT", "groups/g");
}
