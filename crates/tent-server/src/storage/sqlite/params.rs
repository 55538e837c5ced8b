//! Values of placeholders, as SQLite takes them.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{ParamsFromIter, params_from_iter};

use crate::storage::condition::Condition;
use crate::storage::value::Value;

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Integer(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
        }))
    }
}

impl Condition {
    pub(super) fn params(self) -> ParamsFromIter<Vec<Value>> {
        params_from_iter(self.values())
    }
}
