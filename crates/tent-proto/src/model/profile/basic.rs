//! The basic section.

use super::Section;
use crate::TypeUri;
use crate::model::Permissions;
use crate::model::object::object;

object! {
    /// The basic section of a profile: what people like to know of each other.
    ///
    /// Source: tent.io 0.2, info-types; `docs/protocol.md` §7.10.
    pub struct Basic {
        /// The name.
        pub name: Option<String> = "name",
        /// A picture's URL.
        pub avatar_url: Option<String> = "avatar_url",
        /// `YYYY-MM-DD`, `YYYY-MM`, `MM-DD`, or empty.
        pub birthdate: Option<String> = "birthdate",
        /// Where they are.
        pub location: Option<String> = "location",
        /// Gender, as they put it.
        pub gender: Option<String> = "gender",
        /// What they say of themselves.
        pub bio: Option<String> = "bio",
        /// Their web site.
        pub website_url: Option<String> = "website_url",
        /// Who may see the section.
        pub permissions: Option<Permissions> = "permissions",
        /// The version of the section, from 1.
        pub version: Option<u64> = "version",
    }
}

impl Section for Basic {
    fn type_uri() -> TypeUri {
        TypeUri::basic()
    }
}
