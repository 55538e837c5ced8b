//! Finding a follower or a following by its entity.

use tent_flow::{Flow, Input, Moment, Step, ready};

use crate::call::{Call, GetFollower, GetFollowerByEntity, GetFollowing, GetFollowingByEntity};
use crate::model::{Follower, Following};
use crate::{CallError, Entity, Exchange, Session};

impl Session {
    /// Reads the follower that is this entity.
    ///
    /// Old servers name but the id of the follower, in the `Content-Location` of an answer that is
    /// otherwise empty; it is then read by that id, from the server that was asked.
    ///
    /// Source: `docs/protocol.md` §6.3 and §9.3.
    pub fn find_follower(&self, entity: Entity) -> FindByEntity<GetFollowerByEntity, GetFollower> {
        FindByEntity::new(self.clone(), GetFollowerByEntity::new(entity))
    }

    /// Reads the following that is this entity, as [`find_follower`](Self::find_follower) does.
    ///
    /// Source: `docs/protocol.md` §6.4 and §9.3.
    pub fn find_following(
        &self,
        entity: Entity,
    ) -> FindByEntity<GetFollowingByEntity, GetFollowing> {
        FindByEntity::new(self.clone(), GetFollowingByEntity::new(entity))
    }
}

/// The flow of [`Session::find_follower`] and [`Session::find_following`].
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct FindByEntity<E, I> {
    session: Session,
    asked: Asked<E, I>,
}

#[derive(Debug)]
enum Asked<E, I> {
    ByEntity(Exchange<E>),
    ById(Exchange<I>),
}

/// What can be read by its entity and by its id.
trait Relation: Sized {
    type ById: Call<Answer = Self>;

    /// The call that gets the rest of it, when there is but its id.
    fn rest(&self) -> Option<Self::ById>;
}

impl Relation for Follower {
    type ById = GetFollower;

    fn rest(&self) -> Option<GetFollower> {
        let id = self.id.as_ref().filter(|_| self.entity.is_none())?;
        Some(GetFollower::new(id.as_str()))
    }
}

impl Relation for Following {
    type ById = GetFollowing;

    fn rest(&self) -> Option<GetFollowing> {
        let id = self.id.as_ref().filter(|_| self.entity.is_none())?;
        Some(GetFollowing::new(id.as_str()))
    }
}

impl<E: Call, I: Call> FindByEntity<E, I> {
    fn new(session: Session, call: E) -> Self {
        Self {
            asked: Asked::ByEntity(session.call(call)),
            session,
        }
    }
}

impl<E, I> Flow for FindByEntity<E, I>
where
    E: Call,
    E::Answer: Relation<ById = I>,
    I: Call<Answer = E::Answer>,
{
    type Output = Result<E::Answer, CallError>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        match &mut self.asked {
            Asked::ByEntity(exchange) => {
                let found = match ready!(exchange.step(now, input)) {
                    Ok(found) => found,
                    Err(error) => return Step::Done(Err(error)),
                };
                match found.rest() {
                    Some(call) => {
                        self.asked = Asked::ById(self.session.call(call));
                        self.step(now, Input::Ready)
                    }
                    None => Step::Done(Ok(found)),
                }
            }
            Asked::ById(exchange) => exchange.step(now, input),
        }
    }
}
