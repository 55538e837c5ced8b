//! An entity's account: made with a profile, and opened to be served.

use std::sync::Arc;

use tent_proto::model::{Basic, Core, ProfileChange};
use tent_proto::{Entity, Server, TypeUri};

use crate::builder::{StartError, start_error};
use crate::passphrase::Passphrase;
use crate::peers::Peers;
use crate::post;
use crate::resources::Resources;
use crate::router;
use crate::server::TentServer;
use crate::storage::{Account, Audience, NewAccount, Section, SectionChange};

/// The root that was given, or else the entity's URL.
///
/// # Errors
///
/// When the entity's URL cannot be a root, or its page would hide something of the API.
pub(crate) fn root(entity: &Entity, given: Option<Server>) -> Result<Server, StartError> {
    let root = given.map_or_else(|| root_of(entity), Ok)?;
    if router::hides_api(entity, &root) {
        return Err(StartError::Page(entity.clone()));
    }
    Ok(root)
}

fn root_of(entity: &Entity) -> Result<Server, StartError> {
    let unsuitable = |cause| StartError::Root(entity.to_string(), cause);
    let url = entity.url().map_err(|error| unsuitable(error.into()))?;
    url.try_into()
        .map_err(|error: tent_proto::ServerError| unsuitable(error.into()))
}

/// Makes an entity, with a profile that names it and its root.
pub(crate) async fn create(
    resources: &Resources,
    entity: Entity,
    root: &Server,
    passphrase: Passphrase,
) -> Result<Account, StartError> {
    let passphrase = hash(resources, passphrase).await?;
    let mut core = Core::default();
    core.entity = Some(entity.clone());
    core.servers = vec![root.to_string()];
    let mut basic = Basic::default();
    basic.name = entity
        .url()
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    let sections = vec![
        section(TypeUri::core(), 1, core_content(&core)?),
        section(TypeUri::basic(), 1, json(&basic)?),
    ];
    let account = NewAccount {
        entity,
        passphrase,
        sections,
        now: resources.now(),
    };
    let account = resources.database.create_account(account).await;
    let account = account.map_err(start_error)?;
    tracing::info!(entity = %account.entity, "the entity was made");
    Ok(account)
}

/// What is kept of a passphrase.
pub(crate) async fn hash(
    resources: &Resources,
    passphrase: Passphrase,
) -> Result<String, StartError> {
    let hash = resources.hashing.run(move || passphrase.hash()).await;
    let hash = hash.map_err(|error| StartError::Hash(error.into()))?;
    hash.map_err(|error| StartError::Hash(error.into()))
}

/// The server of an account.
pub(crate) async fn open(
    resources: &Arc<Resources>,
    account: Account,
    root: Server,
    peers: Arc<Peers>,
) -> Result<TentServer, StartError> {
    update_servers(resources, &account, &root).await?;
    Ok(TentServer::new(account, root, peers, Arc::clone(resources)))
}

fn section(section_type: TypeUri, version: u32, content: String) -> Section {
    Section {
        section_type,
        version,
        audience: Audience {
            public: true,
            ..Audience::default()
        },
        content,
    }
}

/// The members of a core section. `licenses` is always there, as the type wants it.
fn core_content(core: &Core) -> Result<String, StartError> {
    let mut content: serde_json::Map<_, _> =
        serde_json::from_str(&json(core)?).map_err(profile_error)?;
    content
        .entry("licenses")
        .or_insert_with(|| serde_json::Value::Array(Vec::new()));
    json(&content)
}

fn json(value: &impl serde::Serialize) -> Result<String, StartError> {
    serde_json::to_string(value).map_err(profile_error)
}

fn profile_error(error: serde_json::Error) -> StartError {
    StartError::Profile(error.into())
}

/// Writes the root into the profile when the server has moved, and tells the followers.
async fn update_servers(
    resources: &Resources,
    account: &Account,
    root: &Server,
) -> Result<(), StartError> {
    let database = &resources.database;
    let sections = database.sections(account.key).await.map_err(start_error)?;
    let core = sections
        .into_iter()
        .find(|section| section.section_type.base() == TypeUri::core().base());
    let Some(stored) = core else { return Ok(()) };
    let mut core: Core = serde_json::from_str(&stored.content).map_err(profile_error)?;
    if core.servers.iter().any(|server| server == root.as_str()) {
        return Ok(());
    }
    core.servers = vec![root.to_string()];
    let content = core_content(&core)?;
    let now = resources.now();
    let notice = ProfileChange::new("update", [stored.section_type.clone()]);
    let notice = post::notice_by(&account.entity, notice, now);
    let notice = notice.map_err(|error| StartError::Profile(error.into()))?;
    let change = SectionChange {
        section_type: stored.section_type,
        content,
        audience: None,
    };
    database
        .change_section(account.key, change, notice, now, None)
        .await
        .map_err(start_error)?;
    tracing::info!(%root, "the API root was changed");
    Ok(())
}
