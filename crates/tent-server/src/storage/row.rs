//! Rows as either database gives them, and what is read of them.

use std::borrow::Cow;

use serde::de::{DeserializeOwned, Error as _};
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{Entity, Secret, TypeUri};

use super::{
    Audience, Grant, Registration, Relation, Section, StorageError, StoredAuthorization,
    StoredGroup, StoredPost,
};

/// What a column can have in both databases.
#[cfg(feature = "postgres")]
pub(super) trait Column:
    rusqlite::types::FromSql + for<'a> tokio_postgres::types::FromSql<'a>
{
    /// The value that was stored, of what PostgreSQL keeps.
    fn restored(self) -> Self {
        self
    }
}

/// What a column can have.
#[cfg(not(feature = "postgres"))]
pub(super) trait Column: rusqlite::types::FromSql {}

impl Column for bool {}
impl Column for i64 {}
impl Column for Option<i64> {}

impl Column for String {
    #[cfg(feature = "postgres")]
    fn restored(self) -> Self {
        match super::postgres::unescaped(&self) {
            Cow::Borrowed(_) => self,
            Cow::Owned(text) => text,
        }
    }
}

impl Column for Option<String> {
    #[cfg(feature = "postgres")]
    fn restored(self) -> Self {
        self.map(String::restored)
    }
}

/// A row. Where there may be many of them, columns are found by their place, which is faster.
pub(super) trait Row {
    fn column<T: Column>(&self, name: &str) -> Result<T, StorageError>;
    fn at<T: Column>(&self, place: usize) -> Result<T, StorageError>;
    /// A text that is not copied where that need not be.
    fn text(&self, place: usize) -> Result<Cow<'_, str>, StorageError>;
    /// A list or a map, which is stored as JSON.
    fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, StorageError>;
}

/// An entity with its text as it is stored.
pub(super) fn entity(text: String) -> Result<Entity, StorageError> {
    Ok(serde_json::from_value(text.into())?)
}

pub(super) fn version(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(u32::MAX)
}

/// From the columns `mac_key_id`, `mac_key` and `mac_algorithm`.
pub(super) fn credentials(row: &impl Row) -> Result<Credentials, StorageError> {
    let id: String = row.column("mac_key_id")?;
    let key = Secret::new(row.column::<String>("mac_key")?);
    let algorithm: String = row.column("mac_algorithm")?;
    let algorithm = algorithm.parse().map_err(serde_json::Error::custom)?;
    let credentials = Credentials::new(id, key, algorithm);
    Ok(credentials.map_err(serde_json::Error::custom)?)
}

impl StoredPost {
    /// What a post is read from. It comes first in its row.
    pub(super) const COLUMNS: &str =
        "publisher, id, public, received_at, updated_at, version, members, entities, groups, views";

    pub(super) fn read(row: &impl Row) -> Result<Self, StorageError> {
        Ok(Self {
            publisher: entity(row.at(0)?)?,
            id: row.at::<String>(1)?.into(),
            public: row.at(2)?,
            received_at: row.at(3)?,
            updated_at: row.at(4)?,
            version: version(row.at(5)?),
            members: row.at(6)?,
            entities: row.at(7)?,
            groups: row.at(8)?,
            views: row.at(9)?,
        })
    }
}

impl Audience {
    pub(super) fn read(row: &impl Row) -> Result<Self, StorageError> {
        Ok(Self {
            public: row.column("public")?,
            entities: row.json("entities")?,
            groups: row.json("groups")?,
        })
    }
}

impl Section {
    pub(super) fn read(row: &impl Row) -> Result<Self, StorageError> {
        Ok(Self {
            section_type: TypeUri::from(row.column::<String>("type")?),
            version: version(row.column("version")?),
            audience: Audience::read(row)?,
            content: row.column("content")?,
        })
    }
}

impl Grant {
    /// The grant in a row of `authorizations` or `codes`.
    pub(super) fn read(row: &impl Row) -> Result<Self, StorageError> {
        Ok(Self {
            scopes: row.json("scopes")?,
            post_types: row.json("post_types")?,
            profile_info_types: row.json("profile_info_types")?,
            notification_url: row.column("notification_url")?,
        })
    }
}

impl Registration {
    pub(super) fn read(
        row: &impl Row,
        authorizations: Vec<StoredAuthorization>,
    ) -> Result<Self, StorageError> {
        Ok(Self {
            id: row.column::<String>("id")?.into(),
            name: row.column("name")?,
            description: row.column("description")?,
            url: row.column("url")?,
            icon: row.column("icon")?,
            redirect_uris: row.json("redirect_uris")?,
            scopes: row.json("scopes")?,
            created_at: row.column("created_at")?,
            credentials: credentials(row)?,
            authorizations,
        })
    }
}

impl StoredAuthorization {
    pub(super) fn read(row: &impl Row) -> Result<Self, StorageError> {
        Ok(Self {
            id: row.column::<String>("id")?.into(),
            grant: Grant::read(row)?,
            created_at: row.column("created_at")?,
            expires_at: row.column("expires_at")?,
            used_at: row.column("used_at")?,
            credentials: credentials(row)?,
        })
    }
}

impl StoredGroup {
    pub(super) fn read(row: &impl Row) -> Result<Self, StorageError> {
        Ok(Self {
            id: row.column::<String>("id")?.into(),
            name: row.column("name")?,
            created_at: row.column("created_at")?,
            updated_at: row.column("updated_at")?,
        })
    }
}

impl Relation {
    pub(super) const COLUMNS: &str = "id, entity, public, confirmed, mac_key_id, mac_key, mac_algorithm, servers, record, created_at, updated_at";

    pub(super) fn read(row: &impl Row) -> Result<Self, StorageError> {
        Ok(Self {
            id: row.column("id")?,
            entity: entity(row.column("entity")?)?,
            public: row.column("public")?,
            confirmed: row.column("confirmed")?,
            credentials: Self::credentials(row)?,
            servers: row.json("servers")?,
            record: row.json("record")?,
            created_at: row.column("created_at")?,
            updated_at: row.column("updated_at")?,
        })
    }

    fn credentials(row: &impl Row) -> Result<Option<Credentials>, StorageError> {
        let id: Option<String> = row.column("mac_key_id")?;
        let key: Option<String> = row.column("mac_key")?;
        let Some((id, key)) = id.zip(key) else {
            return Ok(None);
        };
        let algorithm: Option<String> = row.column("mac_algorithm")?;
        let algorithm = algorithm.and_then(|name| name.parse().ok());
        Ok(Credentials::new(id, key, algorithm.unwrap_or(Algorithm::HmacSha256)).ok())
    }
}
