//! Groups, which the draft names and never creates.
//!
//! Source: `docs/protocol.md` §8.1.

use tent_proto::call::CreateGroup;
use tent_proto::draft::convert::Converter;
use tent_proto::model::Group;

use crate::error::ApiError;
use crate::group;
use crate::server::Shared;
use crate::storage::IdPage;

/// All groups, oldest first: of several with one name the first counts.
pub(super) async fn all(server: &Shared) -> Result<Vec<Group>, ApiError> {
    let page = IdPage {
        since: None,
        before: None,
        until: None,
        limit: u32::MAX,
        ascending: true,
    };
    let groups = server.database.groups(server.account.key, page).await?;
    Ok(groups.into_iter().map(group::shown).collect())
}

/// A converter that knows all groups.
pub(super) async fn converter(server: &Shared) -> Result<Converter, ApiError> {
    Ok(Converter::new().with_groups(&all(server).await?))
}

/// A converter that knows these groups too. Those that there are not yet are made.
pub(super) async fn converter_with(
    server: &Shared,
    names: impl Iterator<Item = &String>,
) -> Result<Converter, ApiError> {
    let mut groups = all(server).await?;
    for name in names {
        let is_known = |group: &Group| group.name.as_ref() == Some(name);
        if !name.is_empty() && !groups.iter().any(is_known) {
            let call = CreateGroup::new(name);
            groups.push(group::shown(group::make(server, call, None).await?));
        }
    }
    Ok(Converter::new().with_groups(&groups))
}
