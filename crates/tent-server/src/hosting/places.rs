//! Which entity is where, and the routers of those that were asked for lately.

use std::collections::HashMap;
use std::iter::successors;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Router;
use tent_proto::{Entity, Server};

use crate::router::is_taken_by_api;
use crate::server::root_path;

/// How many routers are kept. Beyond, the one that was not used for longest is made anew when it is
/// needed again.
const ROUTERS: usize = 256;

/// Where an entity is: host and port as a `Host` header has them, and the path below which all of its
/// API is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

    /// Whether one of two has something of its API where the other is.
    fn collides(&self, other: &Self) -> bool {
        let hides = |outer: &Self, inner: &Self| {
            let below = inner.path.strip_prefix(outer.path.as_str());
            below.is_some_and(|below| below.is_empty() || is_taken_by_api(below))
        };
        self.authority == other.authority && (hides(self, other) || hides(other, self))
    }
}

fn authority(host: &str, port: Option<u16>) -> String {
    port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Something of another entity is there.
#[derive(Debug)]
pub(super) struct Taken(pub(super) Entity);

#[derive(Debug, Default)]
pub(super) struct Places(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    spots: HashMap<Place, Spot>,
    /// Grows with each use, so that spots can be told apart by time.
    uses: u64,
}

#[derive(Debug)]
struct Spot {
    entity: Entity,
    /// None while the entity is being made or removed.
    open_since: Option<u64>,
    router: Option<(Router, u64)>,
}

/// An entity that has a place.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) entity: Entity,
    pub(super) router: Option<Router>,
    place: Place,
    open_since: u64,
}

impl Places {
    /// Takes a place for an entity, which is found there once it is [kept](Claim::keep).
    pub(super) fn claim(&self, place: Place, entity: &Entity) -> Result<Claim<'_>, Taken> {
        let mut state = self.state();
        let mut spots = state.spots.iter();
        if let Some((_, spot)) = spots.find(|(other, _)| other.collides(&place)) {
            return Err(Taken(spot.entity.clone()));
        }
        let spot = Spot {
            entity: entity.clone(),
            open_since: None,
            router: None,
        };
        state.spots.insert(place.clone(), spot);
        Ok(Claim {
            places: self,
            place: Some(place),
        })
    }

    /// Takes the place of an entity that is to be removed, which is not found there from now on. The
    /// place is free once the claim is dropped.
    pub(super) fn close(&self, place: Place, entity: &Entity) -> Option<Claim<'_>> {
        let mut state = self.state();
        let spot = state.spots.get_mut(&place)?;
        if spot.entity != *entity || spot.open_since.take().is_none() {
            return None;
        }
        spot.router = None;
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
                spot.router = None;
                true
            }
            Some(_) => {
                state.spots.remove(&place);
                true
            }
            None if is_there => {
                let spot = Spot {
                    entity: entity.clone(),
                    open_since,
                    router: None,
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
    pub(super) fn find(&self, host: &str, port: Option<u16>, path: &str) -> Option<Found> {
        let mut state = self.state();
        state.uses += 1;
        let now = state.uses;
        for authority in authorities(host, port) {
            let mut place = Place {
                authority,
                path: String::new(),
            };
            for path in successors(Some(path), |path| Some(path.rsplit_once('/')?.0)) {
                path.clone_into(&mut place.path);
                let Some(spot) = state.spots.get_mut(&place) else {
                    continue;
                };
                let Some(open_since) = spot.open_since else {
                    continue;
                };
                let router = spot.router.as_mut().map(|(router, used)| {
                    *used = now;
                    router.clone()
                });
                return Some(Found {
                    entity: spot.entity.clone(),
                    router,
                    place,
                    open_since,
                });
            }
        }
        None
    }

    /// Whether there is any entity at a host.
    pub(super) fn has(&self, host: &str, port: Option<u16>) -> bool {
        let authorities: Vec<_> = authorities(host, port).collect();
        let state = self.state();
        let mut places = state.spots.keys();
        places.any(|place| authorities.contains(&place.authority))
    }

    /// Keeps the router of an entity, unless that was removed since it was found.
    pub(super) fn keep_router(&self, found: &Found, router: Router) {
        let mut state = self.state();
        let now = state.uses;
        let Some(spot) = state.spots.get_mut(&found.place) else {
            return;
        };
        if spot.open_since != Some(found.open_since) {
            return;
        }
        spot.router = Some((router, now));
        let kept = || state.spots.values().filter(|spot| spot.router.is_some());
        if kept().count() > ROUTERS {
            let spots = state.spots.values_mut();
            let used = |spot: &&mut Spot| spot.router.as_ref().map(|(_, used)| *used);
            let oldest = spots.filter(|spot| spot.router.is_some()).min_by_key(used);
            oldest.into_iter().for_each(|spot| spot.router = None);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
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
pub(super) struct Claim<'a> {
    places: &'a Places,
    place: Option<Place>,
}

impl Claim<'_> {
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

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            self.places.state().spots.remove(&place);
        }
    }
}

#[cfg(test)]
mod tests;
