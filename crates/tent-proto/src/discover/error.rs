//! Why an entity was not discovered.

use tent_discovery::{DiscoverFailure, Trace};

use crate::{Entity, EntityError};

/// Why an entity was not discovered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// It cannot be asked for.
    #[error("that is not an entity")]
    NotAnEntity(#[source] EntityError),
    /// It has no profile that can be found and read.
    #[error("no profile of {entity} was found")]
    NotFound {
        /// What was asked for.
        entity: Entity,
        /// Why nothing was found.
        #[source]
        failure: Box<DiscoverFailure>,
        /// What was done.
        trace: Trace,
    },
    /// Its profile claims to be another entity's, which does not say so itself.
    #[error("the profile of {entity} claims to be that of {claimed}, which does not bear it out")]
    ClaimsAnother {
        /// What was asked for.
        entity: Entity,
        /// What the profile says.
        claimed: Entity,
        /// Why it is not believed.
        #[source]
        doubt: Doubt,
        /// What was done.
        trace: Trace,
    },
}

impl DiscoveryError {
    /// What was done until it failed.
    pub const fn trace(&self) -> Option<&Trace> {
        match self {
            Self::NotAnEntity(_) => None,
            Self::NotFound { trace, .. } | Self::ClaimsAnother { trace, .. } => Some(trace),
        }
    }
}

/// Why a profile that claims to be another entity's is not believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Doubt {
    /// What it claims cannot be asked.
    #[error("what it claims is not an entity")]
    NotAnEntity(#[source] EntityError),
    /// The entity that is claimed has no profile.
    #[error("no profile of the claimed entity was found")]
    NotFound(#[source] Box<DiscoverFailure>),
    /// The profile of the entity that is claimed names yet another.
    #[error("the claimed entity's own profile names {0}")]
    NamesAnother(Entity),
    /// The profile of the entity that is claimed names other servers.
    #[error("the claimed entity's own profile names other servers")]
    OtherServers,
}
