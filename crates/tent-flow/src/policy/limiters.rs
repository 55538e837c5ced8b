//! The limits of many servers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Limiter;

/// What is known of the limits of servers, for each credential. Clones share it; each driver's client has
/// one, for whoever makes several sessions of one account.
///
/// ```
/// use tent_flow::policy::{Limiter, Limiters};
///
/// let limiters = Limiters::default();
/// let first: Limiter = limiters.limiter("https://a.example", Some("u:1"));
/// let same: Limiter = limiters.clone().limiter("https://a.example", Some("u:1"));
/// let other: Limiter = limiters.limiter("https://a.example", Some("u:2"));
/// assert!(first.is_same(&same) && !first.is_same(&other));
/// ```
#[derive(Clone, Default)]
pub struct Limiters(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    limiters: BTreeMap<Name, Limiter>,
    /// How many there may be until those that nobody uses are forgotten.
    most: usize,
}

/// The server, and the id of the credential.
type Name = (Box<str>, Option<Box<str>>);

/// So many are kept though nobody uses them.
const KEPT: usize = 1024;

impl Limiters {
    /// The limiter of a server for a credential, named by its id, or for those who have none.
    pub fn limiter(&self, server: &str, credential: Option<&str>) -> Limiter {
        let mut known = self.known();
        if known.limiters.len() >= known.most {
            known.forget();
        }
        let name = (server.into(), credential.map(Into::into));
        known.limiters.entry(name).or_default().clone()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Nothing under the lock can panic halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Forgets those that nobody uses, when there are too many. A server tells its limit again.
    fn forget(&mut self) {
        if self.limiters.len() >= KEPT {
            self.limiters.retain(|_, limiter| limiter.is_shared());
        }
        self.most = KEPT.max(2 * self.limiters.len());
    }
}

impl fmt::Debug for Limiters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiters")
            .field("count", &self.known().limiters.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_and_credential_has_one() {
        let limiters = Limiters::default();
        let names = [("a", Some("1")), ("a", Some("2")), ("a", None), ("b", None)];
        let all: Vec<_> = names
            .map(|(server, id)| limiters.limiter(server, id))
            .into();
        for (place, (server, id)) in names.into_iter().enumerate() {
            let again = limiters.clone().limiter(server, id);
            let same = all.iter().position(|one| one.is_same(&again));
            assert_eq!(same, Some(place));
        }
    }

    #[test]
    fn those_that_are_used_stay_and_the_rest_does_not_grow() {
        let limiters = Limiters::default();
        let used = limiters.limiter("used", None);
        for number in 0..3 * KEPT {
            limiters.limiter(&number.to_string(), None);
        }
        assert!(limiters.limiter("used", None).is_same(&used));
        assert!(limiters.known().limiters.len() <= KEPT);
        // Those of many who use them at once stay, too.
        let many: Vec<_> = (0..3 * KEPT)
            .map(|number| limiters.limiter("many", Some(&number.to_string())))
            .collect();
        for (number, one) in many.iter().enumerate() {
            let again = limiters.limiter("many", Some(&number.to_string()));
            assert!(one.is_same(&again), "{number}");
        }
    }
}
