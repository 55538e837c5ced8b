//! What is made of what PostgreSQL says.

use std::io;
use std::sync::Arc;

use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::storage::{DatabaseError, StorageError};

/// What PostgreSQL says, without the details: they quote values.
#[derive(Debug, thiserror::Error)]
#[error("{message} ({code})")]
struct Said {
    /// `SQLSTATE`.
    code: String,
    message: String,
}

impl From<Error> for DatabaseError {
    fn from(error: Error) -> Self {
        let Some(said) = error.as_db_error() else {
            return match () {
                () if is_of_certificate(&error) => Self::Untrusted(Arc::new(error)),
                () if is_of_password(&error) => Self::Denied(Arc::new(error)),
                () if error.is_closed() || is_of_transport(&error) => {
                    Self::Unreachable(Arc::new(error))
                }
                () => Self::Postgres(Arc::new(error)),
            };
        };
        let (state, message) = (said.code().clone(), said.message().to_owned());
        let code = state.code().to_owned();
        let is_of_connection = code.starts_with("08");
        let said = Arc::new(Said { code, message });
        match state {
            SqlState::DISK_FULL => Self::Full,
            SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                Self::Denied(said)
            }
            SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::TOO_MANY_CONNECTIONS
            | SqlState::READ_ONLY_SQL_TRANSACTION => Self::Unreachable(said),
            _ if is_of_connection => Self::Unreachable(said),
            _ => Self::Postgres(said),
        }
    }
}

/// Whether the connection broke, or was never there: then an I/O error is the cause.
fn is_of_transport(error: &Error) -> bool {
    causes(error).any(|cause| cause.is::<io::Error>()) || error.to_string().starts_with("timeout")
}

/// Whether TLS did not come about since the certificate is not good.
fn is_of_certificate(error: &Error) -> bool {
    let within = |cause: &(dyn std::error::Error + 'static)| {
        let inner = cause.downcast_ref::<io::Error>()?.get_ref()?;
        inner.downcast_ref::<rustls::Error>().cloned()
    };
    causes(error)
        .filter_map(within)
        .any(|cause| matches!(cause, rustls::Error::InvalidCertificate(_)))
}

/// Whether there is no password, and one was asked for.
fn is_of_password(error: &Error) -> bool {
    causes(error).any(|cause| cause.to_string() == "password missing")
}

fn causes(error: &Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |&cause| cause.source())
}

impl From<PoolError> for DatabaseError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            PoolError::Closed => Self::Closed,
            error => Self::Unreachable(Arc::new(error)),
        }
    }
}

impl From<Error> for StorageError {
    fn from(error: Error) -> Self {
        Self::Database(error.into())
    }
}

/// Whether nothing of the transaction stands, which is not known when the connection was lost.
pub(super) const fn is_taken_back(error: &StorageError) -> bool {
    !matches!(
        error,
        StorageError::Database(DatabaseError::Unreachable(_) | DatabaseError::Closed)
    )
}

/// Why an attempt came to nothing.
pub(super) struct Failed {
    pub(super) error: StorageError,
    /// Whether another may succeed.
    pub(super) again: bool,
}

impl Failed {
    /// Before anything stood: others got in the way, or the connection was not there anymore, which is
    /// not noticed while nobody uses it.
    pub(super) fn before(error: StorageError) -> Self {
        let lost = matches!(
            &error,
            StorageError::Database(DatabaseError::Unreachable(_))
        );
        let again = lost || is_conflict(&error);
        Self { error, again }
    }

    /// When all of it should stand. What is lost in that moment may stand or not.
    pub(super) fn at_commit(error: StorageError) -> Self {
        let again = is_conflict(&error);
        Self { error, again }
    }

    /// Without a connection.
    pub(super) const fn unconnected(error: StorageError) -> Self {
        Self {
            error,
            again: false,
        }
    }
}

/// Whether others got in the way: a deadlock or a conflict was lost, or what was not there when it was
/// looked for has come meanwhile.
pub(super) fn is_conflict(error: &StorageError) -> bool {
    let StorageError::Database(DatabaseError::Postgres(cause)) = error else {
        return false;
    };
    let passing = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::UNIQUE_VIOLATION,
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_OBJECT,
    ];
    let said = cause.downcast_ref::<Said>();
    said.is_some_and(|said| passing.iter().any(|state| state.code() == said.code))
}
