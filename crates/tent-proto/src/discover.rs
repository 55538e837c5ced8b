//! From an entity to its profile and servers.

mod dialect;
mod error;
mod profile_reader;

use std::mem;

use http::HeaderName;
use tent_discovery::{Discover, DiscoverError, DiscoverFailure, Discovered, Trace, Via};
use tent_flow::{Flow, Input, Moment, SchemeRule, Step, ready};
use url::Url;

pub use self::dialect::Dialect;
pub use self::error::{DiscoveryError, Doubt};
use self::profile_reader::{Found, ProfileReader};
use crate::draft::model::Info;
use crate::{Entity, EntityError, Profile, Server};

/// The relation of the links that lead to a profile of v0.1 and v0.2.
pub const PROFILE_RELATION: &str = "https://tent.io/rels/profile";

/// The relation of the draft before v0.1, whose links lead to API roots. Its field for them is
/// `Tent-Server` (`docs/protocol.md` §8.7).
const ROOT_RELATION: &str = "tent";
const TENT_SERVER: HeaderName = HeaderName::from_static("tent-server");

/// The relation of v0.3, which is another protocol.
const META_POST_RELATION: &str = "https://tent.io/rels/meta-post";

/// Finds the profile and the servers of an entity.
///
/// A profile may say that its entity is another one, since any page may point to somebody's profile.
/// It is believed only when that entity, discovered in its turn, names itself and the same servers.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §2.
///
/// ```
/// use tent_flow::script::{Answer, Script};
/// use tent_proto::{Entity, discover};
///
/// let mut web = Script::new()
///     .on(
///         "HEAD",
///         "https://alice.example/",
///         Answer::status(200).header("link", r#"</tent/profile>; rel="https://tent.io/rels/profile""#),
///     )
///     .on(
///         "GET",
///         "https://alice.example/tent/profile",
///         Answer::json(r#"{"https://tent.io/types/info/core/v0.1.0":
///             {"entity": "https://alice.example", "servers": ["https://alice.example/tent"]}}"#),
///     );
/// let found = web.run(discover(&Entity::typed("alice.example")?))?;
/// assert_eq!(found.servers[0].as_str(), "https://alice.example/tent");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn discover(entity: &Entity) -> DiscoverEntity {
    DiscoverEntity::new(entity.clone())
}

/// What is known of an entity after its discovery.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Discovery {
    /// The entity as its profile names it: the form that counts.
    pub entity: Entity,
    /// Its servers, most preferred first; never none.
    pub servers: Vec<Server>,
    /// The dialect that its servers speak, as the shape of its profile tells.
    pub dialect: Dialect,
    /// Its profile, as everybody may see it. One of the draft is
    /// [converted](crate::draft::convert), but for parts that have no counterpart.
    pub profile: Profile,
    /// Its profile as the draft has it, whole; empty in the later dialects.
    pub parts: Vec<Info>,
    /// Where the profile is.
    pub profile_url: Url,
    /// The version of the protocol that the profile names, as in `0.2`. v0.1 names none.
    pub tent_version: Option<String>,
    /// How the entity's page publishes the link to the profile.
    pub via: Via,
    /// What was done to find it.
    pub trace: Trace,
}

/// The flow of [`discover`].
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct DiscoverEntity {
    entity: Entity,
    /// What is asked when nobody answers by https: the same by http, where no scheme was typed.
    fallback: Option<Entity>,
    scheme: SchemeRule,
    /// The only dialect that is looked for.
    dialect: Option<Dialect>,
    state: State,
    trace: Trace,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Begin,
    /// The profile of the entity that was asked for.
    Asked(Box<Discover<ProfileReader>>),
    /// The profile of the entity that the first profile claims to be.
    Claimed(Box<Discover<ProfileReader>>, Box<Discovered<Found>>),
}

impl DiscoverEntity {
    /// Discovers this entity.
    pub fn new(entity: Entity) -> Self {
        Self {
            entity,
            fallback: None,
            scheme: SchemeRule::default(),
            dialect: None,
            state: State::Begin,
            trace: Trace::default(),
        }
    }

    /// Discovers what a person typed. Without a scheme, `https` is tried first, and `http` then where
    /// that is allowed.
    ///
    /// # Errors
    ///
    /// When the text is not an entity.
    pub fn typed(text: &str) -> Result<Self, EntityError> {
        let mut flow = Self::new(Entity::typed(text)?);
        if !text.contains("://") {
            flow.fallback = Some(Entity::typed(&format!("http://{}", text.trim()))?);
        }
        Ok(flow)
    }

    /// Says which schemes may be used. By default `http` is for loopback alone.
    pub const fn with_scheme_rule(mut self, rule: SchemeRule) -> Self {
        self.scheme = rule;
        self
    }

    /// Looks for servers of this dialect alone, where an entity has servers of several. By default the
    /// later dialects come first.
    pub const fn speaking(mut self, dialect: Dialect) -> Self {
        self.dialect = Some(dialect);
        self
    }

    fn look_up(&self, entity: &Entity) -> Result<Box<Discover<ProfileReader>>, EntityError> {
        let relations: &[&str] = match self.dialect {
            None => &[PROFILE_RELATION, ROOT_RELATION, META_POST_RELATION],
            Some(Dialect::V0) => &[PROFILE_RELATION],
            Some(Dialect::Draft) => &[ROOT_RELATION],
        };
        let relations = relations.iter().copied();
        let discover = Discover::new(entity.url()?, relations, ProfileReader)
            .with_target_field(TENT_SERVER, ROOT_RELATION);
        Ok(Box::new(discover.with_scheme_rule(self.scheme)))
    }

    fn begin(&mut self, now: Moment) -> Step<Result<Discovery, DiscoveryError>> {
        match self.look_up(&self.entity) {
            Ok(discover) => {
                self.state = State::Asked(discover);
                self.step(now, Input::Ready)
            }
            Err(error) => Step::Done(Err(DiscoveryError::NotAnEntity(error))),
        }
    }

    /// The profile of the entity that was asked for is there, or is not.
    fn asked(
        &mut self,
        now: Moment,
        found: Result<Discovered<Found>, DiscoverError>,
    ) -> Step<Result<Discovery, DiscoveryError>> {
        let mut found = match found {
            Ok(found) => found,
            Err(error) => return self.not_found(now, error),
        };
        self.trace.append(mem::take(&mut found.trace));
        let claimed = &found.document.entity;
        if claimed.is_same_page(&self.entity) {
            return Step::Done(Ok(self.discovery(found)));
        }
        match self.look_up(claimed) {
            Ok(discover) => {
                self.state = State::Claimed(discover, Box::new(found));
                self.step(now, Input::Ready)
            }
            Err(error) => self.not_believed(found, Doubt::NotAnEntity(error)),
        }
    }

    fn not_found(
        &mut self,
        now: Moment,
        error: DiscoverError,
    ) -> Step<Result<Discovery, DiscoveryError>> {
        let (failure, trace) = error.into_parts();
        self.trace.append(trace);
        let is_silent = matches!(failure, DiscoverFailure::Unreachable { .. });
        let plain = self.fallback.take().filter(|plain| {
            let url = plain.url();
            is_silent && url.is_ok_and(|url| self.scheme.check(&url).is_ok())
        });
        match plain {
            Some(plain) => {
                self.entity = plain;
                self.begin(now)
            }
            None => Step::Done(Err(DiscoveryError::NotFound {
                entity: self.entity.clone(),
                failure: Box::new(failure),
                trace: mem::take(&mut self.trace),
            })),
        }
    }

    /// The entity that is claimed has a profile too, or has none.
    fn claimed(
        &mut self,
        found: Discovered<Found>,
        own: Result<Discovered<Found>, DiscoverError>,
    ) -> Step<Result<Discovery, DiscoveryError>> {
        let own = match own {
            Ok(own) => own,
            Err(error) => {
                let (failure, trace) = error.into_parts();
                self.trace.append(trace);
                return self.not_believed(found, Doubt::NotFound(Box::new(failure)));
            }
        };
        self.trace.append(own.trace);
        if own.document.entity != found.document.entity {
            return self.not_believed(found, Doubt::NamesAnother(own.document.entity));
        }
        let is_listed = |server| own.document.servers.contains(server);
        let same_servers = own.document.servers.len() == found.document.servers.len()
            && found.document.servers.iter().all(is_listed);
        if !same_servers {
            return self.not_believed(found, Doubt::OtherServers);
        }
        Step::Done(Ok(self.discovery(found)))
    }

    fn not_believed(
        &mut self,
        found: Discovered<Found>,
        doubt: Doubt,
    ) -> Step<Result<Discovery, DiscoveryError>> {
        Step::Done(Err(DiscoveryError::ClaimsAnother {
            entity: self.entity.clone(),
            claimed: found.document.entity,
            doubt,
            trace: mem::take(&mut self.trace),
        }))
    }

    fn discovery(&mut self, found: Discovered<Found>) -> Discovery {
        Discovery {
            entity: found.document.entity,
            servers: found.document.servers,
            dialect: found.document.dialect,
            profile: found.document.profile,
            parts: found.document.parts,
            profile_url: found.url,
            tent_version: found.document.tent_version,
            via: found.via,
            trace: mem::take(&mut self.trace),
        }
    }
}

impl Flow for DiscoverEntity {
    type Output = Result<Discovery, DiscoveryError>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        match &mut self.state {
            State::Begin => self.begin(now),
            State::Asked(discover) => {
                let found = ready!(discover.step(now, input));
                self.asked(now, found)
            }
            State::Claimed(discover, _) => {
                let own = ready!(discover.step(now, input));
                match mem::take(&mut self.state) {
                    State::Claimed(_, found) => self.claimed(*found, own),
                    State::Begin | State::Asked(_) => self.begin(now), // not reached: matched above
                }
            }
        }
    }
}
