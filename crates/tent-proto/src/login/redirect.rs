//! What a person's browser comes back with.

use std::fmt;

use url::form_urlencoded;

use crate::Entity;
use crate::Secret;

/// The code of an approval: a secret that is exchanged once, with the entity it belongs to alone.
#[derive(Clone)]
pub struct Code {
    entity: Entity,
    code: Secret,
}

impl Code {
    pub(super) const fn new(entity: Entity, code: Secret) -> Self {
        Self { entity, code }
    }

    /// Whose approval it is the code of.
    pub const fn entity(&self) -> &Entity {
        &self.entity
    }

    pub(super) fn into_key(self) -> Secret {
        self.code
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code")
            .field("entity", &self.entity)
            .finish_non_exhaustive()
    }
}

/// Why a redirect brings no code.
///
/// Source: RFC 6749 §4.1.2.1; `docs/protocol.md` §4.4.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectError {
    /// The person did not approve.
    #[error("the approval was denied{}", described(.0))]
    Denied(Option<String>),
    /// The server says that something failed.
    #[error("the server failed to approve: {error}{}", described(.description))]
    Failed {
        /// What, in a word of OAuth.
        error: String,
        /// What, in its own words.
        description: Option<String>,
    },
    /// It carries no state, so nothing says that it belongs to this attempt.
    #[error("the redirect carries no state")]
    NoState,
    /// Its state is another one's: it does not belong to this attempt.
    #[error("the state of the redirect is not the one of this attempt")]
    WrongState,
    /// It carries no code.
    #[error("the redirect carries no code")]
    NoCode,
}

fn described(description: &Option<String>) -> String {
    let text = description.as_deref().unwrap_or_default();
    if text.is_empty() {
        String::new()
    } else {
        format!(" ({text})")
    }
}

/// The parameters of a redirect.
pub(super) struct Answer {
    pub(super) code: Option<Secret>,
    pub(super) state: Option<String>,
    pub(super) error: Option<RedirectError>,
}

/// Reads the query of a URL, or a query alone. Pairs that are empty are let pass, since servers have
/// sent `?&code=…`. Of several pairs of one name the first counts.
pub(super) fn parse(redirect: &str) -> Answer {
    let redirect = redirect.trim();
    let redirect = redirect
        .split_once('#')
        .map_or(redirect, |(before, _)| before);
    let query = redirect
        .split_once('?')
        .map_or(redirect, |(_, query)| query);
    let (mut code, mut state, mut error, mut description) = (None, None, None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let slot = match &*name {
            "code" => &mut code,
            "state" => &mut state,
            "error" => &mut error,
            "error_description" => &mut description,
            _ => continue,
        };
        if !value.is_empty() {
            slot.get_or_insert_with(|| value.into_owned());
        }
    }
    // What a peer says is shown to people, so it is kept short and plain.
    let plain =
        |text: String| -> String { text.chars().filter(|c| !c.is_control()).take(200).collect() };
    let description = description.map(plain);
    let error = error.map(|error| match &*error {
        "access_denied" | "user_abort" => RedirectError::Denied(description),
        _ => RedirectError::Failed {
            error: plain(error),
            description,
        },
    });
    Answer {
        code: code.map(Secret::new),
        state,
        error,
    }
}
