//! What is put into the queue: a post for whoever is to get it.

use std::sync::LazyLock;

use rusqlite::{Connection, named_params};
use tent_proto::TypeUri;

use crate::storage::delivery::{Recipient, is_for_app};
use crate::storage::{AccountKey, Grant, Relation, StorageError};

/// The origin of a URL: up to the first slash after `https://`, or `http://` and one more.
fn origin(url: &str) -> String {
    format!("substr({url}, 1, instr(substr({url}, 9) || '/', '/') + 7)")
}

/// Whether a relation's entity, itself or by one of its groups, is among those the post is shared with.
fn is_reader(relation: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM readers AS r WHERE r.post = p.key AND (r.reader = {relation}.entity
             OR r.reader IN (SELECT 'group:' || value FROM json_each({relation}.record, '$.groups'))))"
    )
}

const INSERT: &str = "INSERT INTO deliveries (entity_id, post, version, recipient, mentioned, origin, queued_at, due_at)";

static FOR_FOLLOWERS: LazyLock<String> = LazyLock::new(|| {
    let (origin, is_reader) = (origin("json_extract(f.servers, '$[0]')"), is_reader("f"));
    format!(
        "{INSERT}
         SELECT p.entity_id, p.key, p.version, f.entity, 0, coalesce({origin}, f.entity), p.updated_at, p.updated_at
         FROM posts AS p
             JOIN subscriptions AS s ON s.type_base IN
                 ('all', p.type_base, (SELECT type_base FROM posts WHERE key = :another))
             JOIN followers AS f ON f.key = s.follower AND f.entity_id = p.entity_id
         WHERE p.key = :post AND p.own AND f.confirmed AND f.mac_key IS NOT NULL
             AND rtrim(f.entity, '/') <> rtrim(p.publisher, '/') AND (p.public OR {is_reader})
         ON CONFLICT DO NOTHING"
    )
});

static FOR_MENTIONED: LazyLock<String> = LazyLock::new(|| {
    let server =
        "coalesce(json_extract(f.servers, '$[0]'), json_extract(g.servers, '$[0]'), m.entity)";
    let (origin, by_follower, by_following) = (origin(server), is_reader("f"), is_reader("g"));
    format!(
        "{INSERT}
         SELECT p.entity_id, p.key, p.version, m.entity, 1, {origin}, p.updated_at, p.updated_at
         FROM posts AS p
             JOIN mentions AS m ON m.post IN (p.key, :another)
             LEFT JOIN followers AS f ON f.entity_id = p.entity_id AND f.entity = m.entity AND f.confirmed
             LEFT JOIN followings AS g ON g.entity_id = p.entity_id AND g.entity = m.entity AND g.confirmed
         WHERE p.key = :post AND p.own AND rtrim(m.entity, '/') <> rtrim(p.publisher, '/')
             AND (p.public OR {by_follower} OR {by_following})
         ON CONFLICT DO UPDATE SET mentioned = 1"
    )
});

static FOR_APP: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{INSERT} SELECT entity_id, key, version, ?2, 0, {}, updated_at, updated_at FROM posts WHERE key = ?1
         ON CONFLICT DO NOTHING",
        origin("?3")
    )
});

/// Queues a post for all who are to get it: followers who want its type, those whom it mentions, and
/// apps.
///
/// A notice that `another` post is gone goes to whoever would have got that one, too.
pub(in crate::storage::sqlite) fn queue(
    db: &Connection,
    post: i64,
    another: Option<i64>,
) -> Result<(), StorageError> {
    let values = named_params! {":post": post, ":another": another};
    db.prepare_cached(&FOR_FOLLOWERS)?.execute(values)?;
    db.prepare_cached(&FOR_MENTIONED)?.execute(values)?;
    queue_for_apps(db, post)
}

/// As [`queue`], for a post that mentions nobody: most do not.
pub(in crate::storage::sqlite) fn queue_without_mentions(
    db: &Connection,
    post: i64,
) -> Result<(), StorageError> {
    let values = named_params! {":post": post, ":another": None::<i64>};
    db.prepare_cached(&FOR_FOLLOWERS)?.execute(values)?;
    queue_for_apps(db, post)
}

/// Queues a new version of a post. Earlier ones are not sent anymore.
pub(in crate::storage::sqlite) fn queue_again(
    db: &Connection,
    post: i64,
) -> Result<(), StorageError> {
    db.prepare_cached("DELETE FROM deliveries WHERE post = ?1 AND due_at IS NOT NULL")?
        .execute([post])?;
    queue(db, post, None)
}

/// Apps are few.
fn queue_for_apps(db: &Connection, post: i64) -> Result<(), StorageError> {
    let mut query = db.prepare_cached(
        "SELECT a.mac_key_id, a.scopes, a.post_types, a.profile_info_types, a.notification_url,
             p.type, p.own AND p.public AS open, p.updated_at
         FROM posts AS p
             JOIN apps ON apps.entity_id = p.entity_id
             JOIN authorizations AS a ON a.app = apps.key
         WHERE p.key = ?1 AND a.notification_url IS NOT NULL
             AND (a.expires_at IS NULL OR a.expires_at > p.updated_at)",
    )?;
    let mut rows = query.query([post])?;
    while let Some(row) = rows.next()? {
        let grant = Grant::read(row)?;
        let post_type = TypeUri::from(row.get::<_, String>("type")?);
        if is_for_app(&grant, &post_type, row.get("open")?) {
            let mac_id: String = row.get("mac_key_id")?;
            let recipient = Recipient::App(&mac_id).to_string();
            db.prepare_cached(&FOR_APP)?
                .execute((post, recipient, grant.notification_url))?;
        }
    }
    Ok(())
}

/// Notes which types a follower wants: all, when it names none.
pub(in crate::storage::sqlite) fn subscribe(
    db: &Connection,
    account: AccountKey,
    follower: &Relation,
) -> Result<(), StorageError> {
    let key: i64 = db
        .prepare_cached("SELECT key FROM followers WHERE entity_id = ?1 AND id = ?2")?
        .query_row((account.0, &follower.id), |row| row.get(0))?;
    db.prepare_cached("DELETE FROM subscriptions WHERE follower = ?1")?
        .execute([key])?;
    let mut subscribe = db.prepare_cached(
        "INSERT OR IGNORE INTO subscriptions (follower, type_base) VALUES (?1, ?2)",
    )?;
    let all = [TypeUri::all()];
    let types = match follower.record.types.as_slice() {
        [] => &all,
        types => types,
    };
    for one in types {
        subscribe.execute((key, one.base()))?;
    }
    Ok(())
}
