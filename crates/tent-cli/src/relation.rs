//! Followings and followers, which are shown and found alike.

use serde::Serialize;
use tent_proto::call::{
    Call, GetFollowerByEntity, GetFollowingByEntity, ListFollowers, ListFollowings,
};
use tent_proto::model::{Basic, Follower, Following};
use tent_proto::{Entity, List, Profile, Session, TypeUri};

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::listing::{self, Pages};
use crate::meant::{Meant, Named};
use crate::output;
use crate::plain::plain;
use crate::program::Program;

/// A following, or a follower.
pub(crate) trait Relation: Serialize + Sized {
    type List: List<Item = Self>;
    type ByEntity: Call<Answer = Self>;
    /// The command that lists them.
    const LISTED_BY: &str;

    /// What to say when there is none of this entity.
    fn missing(entity: &Entity) -> String;

    fn list(limit: Option<u32>) -> Self::List;
    fn by_entity(entity: Entity) -> Self::ByEntity;
    fn id(&self) -> Option<&str>;
    fn entity(&self) -> Option<&Entity>;
    fn profile(&self) -> Option<&Profile>;
    #[must_use]
    fn without_secrets(self) -> Self;
}

macro_rules! relation {
    ($relation:ty, $list:ty, $by_entity:ty, $listed_by:literal, $missing:literal) => {
        impl Relation for $relation {
            type List = $list;
            type ByEntity = $by_entity;
            const LISTED_BY: &str = $listed_by;

            fn missing(entity: &Entity) -> String {
                format!($missing, entity)
            }

            fn list(limit: Option<u32>) -> $list {
                let list = <$list>::new();
                match limit {
                    Some(limit) => list.limit(limit),
                    None => list,
                }
            }

            fn by_entity(entity: Entity) -> $by_entity {
                <$by_entity>::new(entity)
            }

            fn id(&self) -> Option<&str> {
                self.id.as_ref().map(|id| id.as_str())
            }

            fn entity(&self) -> Option<&Entity> {
                self.entity.as_ref()
            }

            fn profile(&self) -> Option<&Profile> {
                self.profile.as_ref()
            }

            fn without_secrets(mut self) -> Self {
                self.mac_key_id = None;
                self.mac_key = None;
                self
            }
        }
    };
}

relation!(
    Following,
    ListFollowings,
    GetFollowingByEntity,
    "tent followings",
    "you do not follow {}"
);
relation!(
    Follower,
    ListFollowers,
    GetFollowerByEntity,
    "tent followers",
    "{} does not follow you"
);

/// Shows those there are.
pub(crate) fn list<R: Relation>(program: &Program, pages: Pages) -> Outcome {
    let session = program.session()?;
    pages.show(program, &session, R::list(pages.limit), |relation| {
        show::<R>(program, relation)
    })
}

/// Shows one: its entity, its name if it is known, its id.
pub(crate) fn show<R: Relation>(program: &Program, relation: R) -> Outcome {
    if program.json() {
        return output::json(&relation.without_secrets());
    }
    let basic = TypeUri::from("https://tent.io/types/info/basic/v0.1.x");
    let profile = relation.profile();
    let name = profile.and_then(|profile| profile.read::<Basic>(&basic).ok()?.name);
    let name = name.filter(|name| !name.trim().is_empty());
    let entity = relation.entity().map(Entity::as_str);
    let parts = [entity.or(Some("-")), name.as_deref(), relation.id()];
    let parts: Vec<_> = parts.into_iter().flatten().map(plain).collect();
    output::line(&parts.join("  "))
}

/// The id of the one that was named.
pub(crate) fn find<R: Relation>(
    program: &Program,
    session: &Session,
    named: Named,
) -> Outcome<String> {
    let meant = match named {
        Named::Id(id) => return Ok(id),
        Named::Entity(meant) => meant,
    };
    let found = program.try_call(session, R::by_entity(meant.typed.clone()))?;
    match found {
        Ok(relation) => match relation.id() {
            Some(id) => Ok(id.to_owned()),
            None => search::<R>(program, session, &meant),
        },
        // It may be stored in another form, and v0.1 knows ids alone.
        Err(error) if error.status().is_some_and(|status| status == 404) => {
            search::<R>(program, session, &meant)
        }
        Err(error) => Err(Failure::of_call(error, session.entity()).into()),
    }
}

/// Looks through the whole list.
fn search<R: Relation>(program: &Program, session: &Session, meant: &Meant) -> Outcome<String> {
    for relation in listing::items(program, session, R::list(Some(200)))? {
        let relation: R = relation?;
        let entity = relation.entity();
        let is_meant =
            entity.is_some_and(|entity| meant.iter().any(|one| one.is_same_page(entity)));
        if let (true, Some(id)) = (is_meant, relation.id()) {
            return Ok(id.to_owned());
        }
    }
    let what = R::missing(&meant.typed);
    let hint = format!("`{} --all` lists them", R::LISTED_BY);
    Err(Failure::new(Exit::Refused, what).hint(hint).into())
}
