//! Proving that a credential works.

use http::Method;
use tent_flow::{Flow, Input, Moment, Step, ready};

use crate::call::{Api, ListGroups};

use crate::{CallError, Exchange, Refusal, Session};

/// How much is known of a credential after [`Session::prove`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Proof {
    /// The server gave what it gives to nobody without a credential.
    Authenticated,
    /// The server did not refuse the signature, and gave what it might also give to anybody: the
    /// approval does not cover reading groups, or the server has none.
    NotRefused,
}

impl Session {
    /// Makes a signed call that shows whether the credential works.
    ///
    /// A success alone proves little, since servers take a header they cannot read for none at all and
    /// answer with what is public. So this asks for the groups, which nobody gets without a credential
    /// and the scope `read_groups`; where that is not granted, or there are none as in the draft, for
    /// the profile, whose shape does not matter.
    ///
    /// Source: `docs/protocol.md` §6.7 and §9.3.
    pub fn prove(&self) -> Prove {
        Prove {
            asked: Asked::Groups(self.call(ListGroups::new().limit(1))),
            session: self.clone(),
        }
    }
}

/// The flow of [`Session::prove`].
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct Prove {
    session: Session,
    asked: Asked,
}

#[derive(Debug)]
enum Asked {
    Groups(Exchange<ListGroups>),
    Profile(Exchange<Api>),
}

impl Flow for Prove {
    type Output = Result<Proof, CallError>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        match &mut self.asked {
            Asked::Groups(exchange) => match ready!(exchange.step(now, input)) {
                Ok(_) => Step::Done(Ok(Proof::Authenticated)),
                Err(CallError::Refused(refusal)) if !is_about_the_credential(&refusal) => {
                    self.asked = Asked::Profile(self.session.api(Api::new(Method::GET, "profile")));
                    self.step(now, Input::Ready)
                }
                Err(error) => Step::Done(Err(error)),
            },
            Asked::Profile(exchange) => {
                let profile = ready!(exchange.step(now, input));
                Step::Done(profile.map(|_| Proof::NotRefused))
            }
        }
    }
}

/// A `401` is; of the `403`s, the one for a bad signature, and not the one for a missing scope.
fn is_about_the_credential(refusal: &Refusal) -> bool {
    refusal.status() == http::StatusCode::UNAUTHORIZED
        || refusal
            .text()
            .is_some_and(|text| text.contains("Invalid MAC"))
}
