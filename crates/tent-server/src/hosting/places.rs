//! Which entity is where, and the servers of those that were asked for lately.

use std::collections::{BTreeMap, HashMap};
use std::iter::successors;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tent_proto::{Entity, Server};

use crate::router::is_taken_by_api;
use crate::server::{Shared, root_path};

/// How many servers are kept. Beyond, the one that was not used for longest is opened anew when it is
/// needed again.
const SERVERS: usize = 4096;

/// Where an entity is: host and port as a `Host` header has them, and the path below which all of its
/// API is. Those of one host follow each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    authority: String,
    path: String,
}

impl Place {
    pub(super) fn of(root: &Server) -> Self {
        let url = root.url();
        Self {
            authority: authority(url.host_str().unwrap_or_default(), url.port()),
            path: root_path(root).to_owned(),
        }
    }

    fn at(authority: &str, path: &str) -> Self {
        Self {
            authority: authority.to_owned(),
            path: path.to_owned(),
        }
    }
}

/// A path, and all those above it, up to the root.
fn upwards(path: &str) -> impl Iterator<Item = &str> {
    successors(Some(path), |path| Some(path.rsplit_once('/')?.0))
}

fn authority(host: &str, port: Option<u16>) -> String {
    port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Something of another entity is there.
#[derive(Debug)]
pub(super) struct Taken(pub(super) Entity);

/// The places of all entities, with a server for some.
#[derive(Debug)]
pub(super) struct Places<S = Shared>(Mutex<State<S>>);

#[derive(Debug)]
struct State<S> {
    spots: BTreeMap<Place, Spot>,
    /// The servers that are kept, and when each was last used.
    servers: HashMap<Place, (S, u64)>,
    /// Grows with each use, so that spots can be told apart by time.
    uses: u64,
}

impl<S> Default for Places<S> {
    fn default() -> Self {
        Self(Mutex::new(State {
            spots: BTreeMap::new(),
            servers: HashMap::new(),
            uses: 0,
        }))
    }
}

#[derive(Debug)]
struct Spot {
    entity: Entity,
    /// None while the entity is being made or removed.
    open_since: Option<u64>,
}

impl<S> State<S> {
    /// Whoever has something of its API where one at this place would have it, or the other way round.
    fn in_the_way(&self, place: &Place) -> Option<&Spot> {
        let Place { authority, path } = place;
        let above = upwards(path).find_map(|above| {
            let spot = self.spots.get(&Place::at(authority, above))?;
            let below = path.strip_prefix(above)?;
            (below.is_empty() || is_taken_by_api(below)).then_some(spot)
        });
        let below = || {
            let all = self
                .spots
                .range(Place::at(authority, &format!("{path}/"))..);
            let mut all = all.map_while(|(other, spot)| {
                let below = other.path.strip_prefix(path.as_str())?;
                (other.authority == *authority && below.starts_with('/')).then_some((below, spot))
            });
            let hidden = all.find(|(below, _)| is_taken_by_api(below));
            hidden.map(|(_, spot)| spot)
        };
        above.or_else(below)
    }
}

/// An entity that has a place.
#[derive(Debug, Clone)]
pub(super) struct Found<S = Shared> {
    pub(super) entity: Entity,
    pub(super) server: Option<S>,
    place: Place,
    open_since: u64,
}

impl<S: Clone> Places<S> {
    /// Takes a place for an entity, which is found there once it is [kept](Claim::keep).
    pub(super) fn claim(&self, place: Place, entity: &Entity) -> Result<Claim<'_, S>, Taken> {
        let mut state = self.state();
        if let Some(spot) = state.in_the_way(&place) {
            return Err(Taken(spot.entity.clone()));
        }
        let spot = Spot {
            entity: entity.clone(),
            open_since: None,
        };
        state.spots.insert(place.clone(), spot);
        Ok(Claim {
            places: self,
            place: Some(place),
        })
    }

    /// Takes the place of an entity that is to be removed, which is not found there from now on. The
    /// place is free once the claim is dropped.
    pub(super) fn close(&self, place: Place, entity: &Entity) -> Option<Claim<'_, S>> {
        let mut state = self.state();
        let spot = state.spots.get_mut(&place)?;
        if spot.entity != *entity || spot.open_since.take().is_none() {
            return None;
        }
        state.servers.remove(&place);
        Some(Claim {
            places: self,
            place: Some(place),
        })
    }

    /// Notes that an entity came or went at another process, and perhaps another came in its place.
    /// `false` when it is being made or removed here: then it is not known what will be.
    pub(super) fn update(&self, place: Place, entity: &Entity, is_there: bool) -> bool {
        let mut state = self.state();
        state.uses += 1;
        let open_since = Some(state.uses);
        match state.spots.get_mut(&place) {
            Some(spot) if spot.entity != *entity => true,
            Some(spot) if spot.open_since.is_none() => false,
            Some(spot) if is_there => {
                spot.open_since = open_since;
                state.servers.remove(&place);
                true
            }
            Some(_) => {
                state.spots.remove(&place);
                state.servers.remove(&place);
                true
            }
            None if is_there => {
                let spot = Spot {
                    entity: entity.clone(),
                    open_since,
                };
                state.spots.insert(place, spot);
                true
            }
            None => true,
        }
    }

    /// All entities that have a place.
    pub(super) fn entities(&self) -> Vec<Entity> {
        let state = self.state();
        let spots = state.spots.values();
        spots.map(|spot| spot.entity.clone()).collect()
    }

    /// The entity that a request is for: of those at its host the one with the longest path.
    pub(super) fn find(&self, host: &str, port: Option<u16>, path: &str) -> Option<Found<S>> {
        let mut state = self.state();
        state.uses += 1;
        let now = state.uses;
        for authority in authorities(host, port) {
            let mut place = Place {
                authority,
                path: String::new(),
            };
            for path in upwards(path) {
                path.clone_into(&mut place.path);
                let Some(spot) = state.spots.get(&place) else {
                    continue;
                };
                let Some(open_since) = spot.open_since else {
                    continue;
                };
                let entity = spot.entity.clone();
                let server = state.servers.get_mut(&place).map(|(server, used)| {
                    *used = now;
                    server.clone()
                });
                return Some(Found {
                    entity,
                    server,
                    place,
                    open_since,
                });
            }
        }
        None
    }

    /// Whether there is any entity at a host.
    pub(super) fn has(&self, host: &str, port: Option<u16>) -> bool {
        let state = self.state();
        authorities(host, port).any(|authority| {
            let mut from = state.spots.range(Place::at(&authority, "")..);
            let next = from.next();
            next.is_some_and(|(place, _)| place.authority == authority)
        })
    }

    /// Keeps the server of an entity, unless that was removed since it was found.
    pub(super) fn keep_server(&self, found: &Found<S>, server: S) {
        let mut state = self.state();
        let now = state.uses;
        let spot = state.spots.get(&found.place);
        if spot.and_then(|spot| spot.open_since) != Some(found.open_since) {
            return;
        }
        state.servers.insert(found.place.clone(), (server, now));
        if state.servers.len() > SERVERS {
            let oldest = state.servers.iter().min_by_key(|(_, (_, used))| *used);
            let oldest = oldest.map(|(place, _)| place.clone());
            oldest.and_then(|place| state.servers.remove(&place));
        }
    }

    fn state(&self) -> MutexGuard<'_, State<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that names no port is for the one of its scheme, and may name that as well.
fn authorities(host: &str, port: Option<u16>) -> impl Iterator<Item = String> {
    let bare = matches!(port, Some(80 | 443)).then(|| authority(host, None));
    [authority(host, port)].into_iter().chain(bare)
}

/// A place that is taken, and given up when this is dropped.
#[derive(Debug)]
#[must_use]
pub(super) struct Claim<'a, S: Clone = Shared> {
    places: &'a Places<S>,
    place: Option<Place>,
}

impl<S: Clone> Claim<'_, S> {
    /// The entity is there, and found from now on.
    pub(super) fn keep(mut self) {
        let mut state = self.places.state();
        state.uses += 1;
        let now = state.uses;
        let spot = self
            .place
            .take()
            .and_then(|place| state.spots.get_mut(&place));
        spot.into_iter()
            .for_each(|spot| spot.open_since = Some(now));
    }
}

impl<S: Clone> Drop for Claim<'_, S> {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            self.places.state().spots.remove(&place);
        }
    }
}

#[cfg(test)]
mod tests;
