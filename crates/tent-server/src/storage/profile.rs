//! Profiles as they are stored.

use tent_proto::TypeUri;

use super::{AccountKey, Reply};

/// A section of a profile.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) section_type: TypeUri,
    pub(crate) version: u32,
    pub(crate) public: bool,
    /// The members that its type has, as a JSON object.
    pub(crate) content: String,
}

/// The sections of profiles, with their versions.
pub(crate) trait Profiles {
    /// The current sections of the profile, in the order of their types.
    fn sections(&self, account: AccountKey) -> Reply<'_, Vec<Section>>;
    /// Adds a version to a section.
    fn put_section(&self, account: AccountKey, section: Section, now: i64) -> Reply<'_, ()>;
}
