//! One attempt to deliver a post.

use std::time::Duration;

use http::StatusCode;
use tent_flow::policy::retry_after;
use tent_flow::{Moment, TransportErrorKind};
use tent_proto::call::DeleteFollower;
use tent_proto::follow::{Followed, NotificationPath};
use tent_proto::{CallError, DiscoverEntity, Discovery, DiscoveryError, Entity, Server, Session};
use url::{Position, Url};

use super::notify::Notify;
use crate::error::ApiError;
use crate::peers::Peers;
use crate::post::Seen;
use crate::storage::{Outgoing, Relation, Route, StorageError};

/// Why an attempt failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// In a few words, with nothing in them that is secret.
    pub(super) error: String,
    /// Whether to try again.
    pub(super) may_pass: bool,
    /// Whether nobody answered, so that nothing else for the same server is worth trying now.
    pub(super) silent: bool,
    /// How long the server wants one to wait.
    pub(super) asked: Option<Duration>,
}

impl Failure {
    fn for_good(error: impl ToString) -> Self {
        Self {
            error: error.to_string(),
            may_pass: false,
            silent: false,
            asked: None,
        }
    }

    fn of(error: &CallError, now: i64) -> Self {
        let now = Moment::at_epoch_seconds(now.unsigned_abs());
        let (text, silent) = match error {
            CallError::Build(error) => return Self::for_good(error),
            CallError::NoAnswer { cause, .. } => {
                if cause.kind() == TransportErrorKind::AddressRefused {
                    return Self::for_good(cause);
                }
                (cause.to_string(), true)
            }
            error => match error.status() {
                Some(status) => (format!("answered with {status}"), status.as_u16() == 503),
                None => (error.to_string(), false),
            },
        };
        let asked = match error {
            CallError::RateLimited { wait, .. } => Some(*wait),
            error => error
                .refusal()
                .and_then(|refusal| retry_after(refusal.headers(), now)),
        };
        Self {
            error: text,
            may_pass: error.status() != Some(StatusCode::GONE),
            silent,
            asked,
        }
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self {
            may_pass: true,
            ..Self::for_good(error)
        }
    }
}

impl From<DiscoveryError> for Failure {
    fn from(error: DiscoveryError) -> Self {
        Self {
            may_pass: true,
            silent: true,
            ..Self::for_good(error)
        }
    }
}

/// Sends a post as its recipient may see it, or tells a server that its entity is followed no more.
pub(super) async fn transmit(peers: &Peers, outgoing: &Outgoing, now: i64) -> Result<(), Failure> {
    let Outgoing {
        owner, post, route, ..
    } = outgoing;
    let (session, call) = match route {
        Route::Unfollowed(followed) => return unfollow(peers, followed, now).await,
        Route::Follower(follower, view) => {
            let text = Seen::by_server().through(view.clone()).text(post)?;
            let path = follower.record.notification_path.as_deref();
            let path = path.and_then(|path| path.parse::<NotificationPath>().ok());
            (
                related(peers, follower).await?,
                Notify::follower(path, text),
            )
        }
        Route::Following(following) => {
            let text = Seen::by_server().text(post)?;
            (related(peers, following).await?, Notify::mentioned(text))
        }
        Route::Stranger(entity) => {
            let found = discover(peers, entity.clone()).await?;
            if found.entity.is_same_page(&owner.entity) {
                return Ok(());
            }
            let session = peers.session(found.entity, found.servers, None)?;
            let text = Seen::by_server().text(post)?;
            (session, Notify::mentioned(text))
        }
        Route::App {
            url,
            credentials,
            grant,
        } => {
            let url: Url = url.parse().map_err(Failure::for_good)?;
            let server: Server = url[..Position::BeforePath]
                .parse()
                .map_err(Failure::for_good)?;
            let credentials = Some(credentials.clone());
            let session = peers.session(owner.entity.clone(), vec![server], credentials)?;
            let text = Seen::by_app(grant).text(post)?;
            (session, Notify::app(url, text))
        }
    };
    let sent = peers.run(session.call(call)).await?;
    sent.map_err(|error| Failure::of(&error, now))
}

/// Tells a server that its entity is followed no more. One that does not know its follower anymore
/// need not be told.
async fn unfollow(peers: &Peers, followed: &Followed, now: i64) -> Result<(), Failure> {
    let Followed {
        entity,
        servers,
        id,
        credentials,
        ..
    } = followed.clone();
    let session = peers.session(entity, servers, Some(credentials))?;
    let ended = peers.run(session.call(DeleteFollower::new(id))).await?;
    match ended {
        Err(error) if !is_unknown(&error) => Err(Failure::of(&error, now)),
        _ => Ok(()),
    }
}

fn is_unknown(error: &CallError) -> bool {
    let is_gone = matches!(
        error.status(),
        Some(StatusCode::NOT_FOUND | StatusCode::GONE)
    );
    is_gone || error.is_dead_credential()
}

/// A session that is signed by the relation.
async fn related(peers: &Peers, relation: &Relation) -> Result<Session, Failure> {
    let servers = match relation.servers.as_slice() {
        [] => discover(peers, relation.entity.clone()).await?.servers,
        servers => servers.to_vec(),
    };
    let (entity, credentials) = (relation.entity.clone(), relation.credentials.clone());
    Ok(peers.session(entity, servers, credentials)?)
}

async fn discover(peers: &Peers, entity: Entity) -> Result<Discovery, Failure> {
    let flow = DiscoverEntity::new(entity).with_scheme_rule(peers.scheme());
    Ok(peers.run(flow).await??)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Arc;

    use tent_proto::mac::{Algorithm, Credentials};

    use super::*;
    use crate::storage::{AccountKey, Grant, Owner, Record, StoredPost};

    fn follower(server: &str) -> Box<Relation> {
        let credentials = Credentials::new("s:1", "k", Algorithm::HmacSha256).unwrap();
        Box::new(Relation {
            id: "F".to_owned(),
            entity: "https://bob.example".parse().unwrap(),
            public: true,
            confirmed: true,
            credentials: Some(credentials),
            servers: vec![server.parse().unwrap()],
            record: Record {
                notification_path: Some("notifications/F".to_owned()),
                ..Record::default()
            },
            created_at: 0,
            updated_at: 0,
        })
    }

    fn outgoing(route: Route) -> Outgoing {
        Outgoing {
            owner: Owner {
                account: AccountKey::first(),
                entity: "https://alice.example".parse().unwrap(),
            },
            recipient: None,
            post: Arc::new(StoredPost {
                publisher: "https://alice.example".parse().unwrap(),
                id: "p1".into(),
                public: true,
                received_at: 0,
                updated_at: 0,
                version: 1,
                members: r#""id":"p1""#.to_owned(),
                entities: "{}".to_owned(),
                groups: "[]".to_owned(),
                views: None,
            }),
            route,
        }
    }

    #[tokio::test]
    async fn nothing_is_sent_into_the_servers_own_network() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let peers = Peers::far();
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
            let url = format!("http://{host}:{port}");
            let relation = follower(&url);
            let routes = [
                Route::Follower(relation.clone(), None),
                Route::Following(relation.clone()),
                Route::Stranger(url.parse().unwrap()),
                Route::Unfollowed(Box::new(Followed::new(
                    relation.entity.clone(),
                    relation.servers.clone(),
                    "F".into(),
                    relation.credentials.clone().unwrap(),
                ))),
                Route::App {
                    url: format!("{url}/notify"),
                    credentials: relation.credentials.unwrap(),
                    grant: Grant::default(),
                },
            ];
            for route in routes {
                let failure = transmit(&peers, &outgoing(route.clone()), 0).await;
                assert!(failure.is_err(), "{route:?}");
            }
        }
        let asked = listener.accept().map(drop).map_err(|error| error.kind());
        assert_eq!(asked, Err(std::io::ErrorKind::WouldBlock));
        // What was refused for its address is not tried again.
        let url = format!("http://127.0.0.1:{port}");
        let follower = Route::Follower(follower(&url), None);
        let failure = transmit(&peers, &outgoing(follower), 0).await.unwrap_err();
        assert!(!failure.may_pass, "{failure:?}");
    }
}
