//! Profiles as they are stored.

use tent_proto::TypeUri;

use super::{AccountKey, Audience, NewPost, Reply, Stamp};

/// A version of a section of a profile.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) section_type: TypeUri,
    pub(crate) version: u32,
    pub(crate) audience: Audience,
    /// The members that its type has, as a JSON object.
    pub(crate) content: String,
}

/// What a section is to be.
#[derive(Debug)]
pub(crate) struct SectionChange {
    pub(crate) section_type: TypeUri,
    pub(crate) content: String,
    /// Who may see it, if that changes. A new section that does not say is private.
    pub(crate) audience: Option<Audience>,
}

impl SectionChange {
    /// The version that it makes, next to the newest that there is.
    pub(super) fn next_to(&self, newest: Option<Section>) -> Section {
        let version = newest.as_ref().map_or(0, |newest| newest.version);
        let audience = self.audience.clone();
        let audience = audience.or(newest.map(|newest| newest.audience));
        Section {
            section_type: self.section_type.clone(),
            version: version + 1,
            audience: audience.unwrap_or_default(),
            content: self.content.clone(),
        }
    }
}

/// The sections of profiles, with their versions.
pub(crate) trait Profiles {
    /// The current sections of the profile, in the order of their types.
    fn sections(&self, account: AccountKey) -> Reply<'_, Vec<Section>>;
    /// A version of a section, by the base of its type; who may see it is as it is now.
    fn section_version(
        &self,
        account: AccountKey,
        base: String,
        version: u32,
    ) -> Reply<'_, Option<Section>>;
    /// Adds a version to a section, and publishes the notice to whoever may see that.
    fn change_section(
        &self,
        account: AccountKey,
        change: SectionChange,
        notice: NewPost,
        now: i64,
        stamp: Option<Stamp>,
    ) -> Reply<'_, ()>;
    /// Removes a section, or one version of it. `false` when there is no such thing.
    fn delete_section(
        &self,
        account: AccountKey,
        base: String,
        version: Option<u32>,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool>;
}
