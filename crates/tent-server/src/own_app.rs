//! An app of the program that runs the server.

use std::error::Error;

use tent_proto::mac::Credentials;
use tent_proto::{Scope, TypeUri};

use crate::secret;
use crate::server::{Shared, TentServer};
use crate::storage::{Approval, Exchange, Grant, Registration};

/// Why an app of one's own cannot be made: the database fails, or the system has no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the app cannot be made")]
pub struct OwnAppError(#[source] Box<dyn Error + Send + Sync>);

impl TentServer {
    /// Registers an app of the program that runs this, and approves it for everything, as the owner
    /// would. It is among the owner's apps, under this name, and can be revoked there. Each call makes
    /// another; keep the credential.
    ///
    /// # Errors
    ///
    /// When the database fails, or the system has no randomness.
    pub async fn own_app(&self, name: &str) -> Result<Credentials, OwnAppError> {
        approve(self.shared(), name).await.map_err(OwnAppError)
    }
}

async fn approve(shared: &Shared, name: &str) -> Result<Credentials, Box<dyn Error + Send + Sync>> {
    let (account, now) = (shared.account.key, shared.now());
    let app = Registration {
        id: secret::id()?.into(),
        name: name.to_owned(),
        description: None,
        url: "http://localhost".to_owned(),
        icon: None,
        redirect_uris: Vec::new(),
        scopes: Scope::KNOWN
            .iter()
            .map(|scope| (scope.clone(), String::new()))
            .collect(),
        created_at: now,
        credentials: secret::credentials('a')?,
        authorizations: Vec::new(),
    };
    let code = secret::hash(&secret::token()?);
    let approval = Approval {
        account,
        app: app.id.clone(),
        code,
        redirect_uri: String::new(),
        grant: Grant {
            scopes: Scope::KNOWN.to_vec(),
            post_types: vec![TypeUri::all()],
            profile_info_types: vec![TypeUri::all()],
            notification_url: None,
        },
        expires_at: now + 60,
    };
    let exchange = Exchange {
        account,
        app: app.id.clone(),
        code,
        redirect_uri: None,
        now,
        expires_at: None,
        next_refresh_token: secret::hash(&secret::token()?),
        id: secret::id()?.into(),
        credentials: secret::credentials('u')?,
    };
    shared.database.create_app(account, app, None).await?;
    shared.database.create_code(approval, now).await?;
    let exchanged = shared.database.exchange(exchange, None).await?;
    let exchanged = exchanged.ok_or("the approval is gone")?;
    Ok(exchanged.credentials)
}
