//! What the parameters of lists may be, as a request has them.

use std::collections::BTreeSet;

use super::Query;
use crate::call::{ReceiveError, Received};
use crate::{Entity, TypeUri};

/// What a parameter holds.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// How many; a word is none, as the reference server has it.
    Limit,
    /// An id, or another text that is not empty.
    Text,
    /// An entity.
    Entity,
    /// An entity; each time it is given, another one.
    Entities,
    /// Epoch seconds.
    Time,
    /// The number of a version.
    Version,
    /// The name of a time.
    SortBy,
    /// `asc`, or nothing.
    Order,
    /// Types, with commas between them.
    Types,
    /// It is there, or not.
    Flag,
    /// `true`, or nothing.
    True,
}

/// Every parameter of a list that the protocol knows (`docs/protocol.md` §6.0.1, §6.6.2 to §6.6.5).
const PARAMETERS: [(&str, Kind); 21] = [
    ("limit", Kind::Limit),
    ("since_id", Kind::Text),
    ("since_id_entity", Kind::Entity),
    ("before_id", Kind::Text),
    ("before_id_entity", Kind::Entity),
    ("until_id", Kind::Text),
    ("until_id_entity", Kind::Entity),
    ("since_version", Kind::Version),
    ("before_version", Kind::Version),
    ("until_version", Kind::Version),
    ("since_time", Kind::Time),
    ("before_time", Kind::Time),
    ("sort_by", Kind::SortBy),
    ("order", Kind::Order),
    ("entity", Kind::Entities),
    ("mentioned_entity", Kind::Entity),
    ("mentioned_post", Kind::Text),
    ("post_types", Kind::Types),
    ("view", Kind::Text),
    ("original", Kind::Flag),
    ("secrets", Kind::True),
];

impl Query {
    /// The parameters of a request that are among those that a list knows. Others, and those without a
    /// value, mean nothing; of a parameter that is given again the first counts.
    pub(crate) fn receive(request: &Received<'_>, known: &[&str]) -> Result<Self, ReceiveError> {
        let mut query = Self::default();
        let (mut entities, mut types) = (BTreeSet::new(), BTreeSet::new());
        for (name, value) in request.pairs() {
            let Some((name, kind)) = parameter(name).filter(|(name, _)| known.contains(name))
            else {
                continue;
            };
            query.take(name, kind, value)?;
            match kind {
                Kind::Entities => entities.extend([value]),
                Kind::Types => types.extend(value.split(',').map(str::trim)),
                _ => {}
            }
        }
        entities.remove("");
        types.remove("");
        let name = if entities.len() > 1 {
            "entity[]"
        } else {
            "entity"
        };
        let entities = entities
            .into_iter()
            .map(|one| (name.to_owned(), one.to_owned()));
        query.0.extend(entities);
        if !types.is_empty() && !types.iter().any(|one| TypeUri::from(*one).is_all()) {
            let types: Vec<&str> = types.into_iter().collect();
            query.set("post_types", &types.join(","));
        }
        Ok(query)
    }

    /// Whether each parameter that the protocol knows has a value that it can have.
    pub(super) fn check(&self) -> Result<(), ReceiveError> {
        for (name, value) in self.pairs() {
            if let Some((name, kind)) = parameter(name) {
                Self::default().take(name, kind, value)?;
            }
        }
        Ok(())
    }

    /// Checks a parameter, and takes it over if it stands alone.
    fn take(&mut self, name: &'static str, kind: Kind, value: &str) -> Result<(), ReceiveError> {
        let wrong = || ReceiveError::Parameter {
            name,
            value: value.to_owned(),
        };
        match kind {
            Kind::Limit => {
                let limit = limit(value).ok_or_else(wrong)?;
                self.set_first(name, &limit.to_string());
            }
            Kind::Flag => self.set_first(name, "true"),
            _ if value.is_empty() => {}
            Kind::Text => self.set_first(name, value),
            Kind::Entity | Kind::Entities => {
                let _: Entity = value.parse().map_err(|_| wrong())?;
                if matches!(kind, Kind::Entity) {
                    self.set_first(name, value);
                }
            }
            Kind::Time => {
                let time: i64 = value.parse().map_err(|_| wrong())?;
                self.set_first(name, &time.to_string());
            }
            Kind::Version => {
                let version: u64 = value.parse().map_err(|_| wrong())?;
                self.set_first(name, &version.to_string());
            }
            Kind::SortBy => match value {
                "received_at" | "published_at" | "updated_at" => self.set_first(name, value),
                _ => return Err(wrong()),
            },
            Kind::Order if value == "asc" => self.set_first(name, value),
            Kind::True if value == "true" => self.set_first(name, value),
            Kind::Order | Kind::True | Kind::Types => {}
        }
        Ok(())
    }

    fn set_first(&mut self, name: &str, value: &str) {
        if self.get(name).is_none() {
            self.set(name, value);
        }
    }
}

/// The parameter of this name; one that may be given again also as `name[]`.
fn parameter(name: &str) -> Option<(&'static str, Kind)> {
    let plain = name.strip_suffix("[]").unwrap_or(name);
    let found = PARAMETERS.into_iter().find(|(known, _)| *known == plain);
    found.filter(|(_, kind)| plain == name || matches!(kind, Kind::Entities | Kind::Types))
}

/// How many a page shall hold; `None` for less than none (`docs/protocol.md` §6.0.1).
pub(super) fn limit(text: &str) -> Option<u32> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(0);
    }
    (digits == text).then(|| digits.parse().unwrap_or(u32::MAX))
}
