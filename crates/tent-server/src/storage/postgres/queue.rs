//! How deliveries are queued, by whatever publishes.

use tent_proto::TypeUri;

use super::connection::Db;
use super::text::escaped;
use crate::storage::delivery::{Recipient, is_for_app, origin};
use crate::storage::row::Row as _;
use crate::storage::{Grant, Relation, StorageError};

/// Queues new posts, which may be a notice that `another` is gone: that goes to whoever would have got
/// that one, too.
pub(super) async fn queue(
    db: &Db,
    posts: &[i64],
    another: Option<i64>,
) -> Result<(), StorageError> {
    let (entities, apps) = tokio::join!(
        queue_for_entities(db, posts, another),
        queue_for_apps(db, posts)
    );
    if entities? + apps? > 0 {
        db.note_queued();
    }
    Ok(())
}

/// Queues a post in the version that it has now. Earlier versions are not sent anymore.
pub(super) async fn queue_again(db: &Db, post: i64) -> Result<(), StorageError> {
    let sql = "DELETE FROM deliveries WHERE post = $1 AND due_at IS NOT NULL";
    db.execute(sql, &[&post]).await?;
    queue(db, &[post], None).await
}

/// For followers who want their types, and for those whom they mention. One who is both is mentioned.
///
/// Who is mentioned comes first, then followers as they came: so those of one server are not next to each
/// other, and many servers are sent to at a time.
async fn queue_for_entities(
    db: &Db,
    posts: &[i64],
    another: Option<i64>,
) -> Result<u64, StorageError> {
    let is_reader = |relation: &str| {
        format!(
            "EXISTS (SELECT 1 FROM readers AS r WHERE r.post = p.key AND r.reader = ANY({relation}.readers))"
        )
    };
    let (is_follower, is_followed) = (is_reader("f"), is_reader("g"));
    // Up to the first slash after `https://`, or `http://` and one more.
    let origin = "substr(m.entity, 1, strpos(substr(m.entity, 9) || '/', '/') + 7)";
    let sql = format!(
        "WITH p AS (SELECT key, entity_id, publisher, version, type_base, public, updated_at
                 FROM posts WHERE key = ANY($1) AND own),
             recipients (post, recipient, mentioned, origin, place) AS (
                 SELECT p.key, f.entity, FALSE, coalesce(f.origin, f.entity), f.key
                 FROM p JOIN followers AS f ON f.entity_id = p.entity_id
                 WHERE f.confirmed AND f.mac_key IS NOT NULL AND (p.public OR {is_follower})
                     AND EXISTS (SELECT 1 FROM subscriptions AS s WHERE s.follower = f.key
                         AND s.type_base IN ('all', p.type_base, (SELECT type_base FROM posts WHERE key = $2)))
                 UNION ALL
                 SELECT p.key, m.entity, TRUE, coalesce(f.origin, g.origin, {origin}), 0
                 FROM p JOIN mentions AS m ON m.post IN (p.key, $2)
                     LEFT JOIN followers AS f ON f.entity_id = p.entity_id AND f.entity = m.entity AND f.confirmed
                     LEFT JOIN followings AS g ON g.entity_id = p.entity_id AND g.entity = m.entity AND g.confirmed
                 WHERE p.public OR {is_follower} OR {is_followed})
         INSERT INTO deliveries (entity_id, post, version, recipient, mentioned, origin, queued_at, due_at)
         SELECT p.entity_id, p.key, p.version, recipient, bool_or(mentioned), min(origin), p.updated_at, p.updated_at
         FROM p JOIN recipients ON post = p.key WHERE rtrim(recipient, '/') <> rtrim(p.publisher, '/')
         GROUP BY p.entity_id, p.key, p.version, p.updated_at, recipient
         ORDER BY p.key, min(place)
         ON CONFLICT DO NOTHING"
    );
    db.execute(&sql, &[&posts, &another]).await
}

/// Apps are few, and what they are granted says which posts they get.
async fn queue_for_apps(db: &Db, posts: &[i64]) -> Result<u64, StorageError> {
    let rows = db
        .rows(
            "SELECT a.mac_key_id, a.scopes, a.post_types, a.profile_info_types, a.notification_url,
             p.key, p.type, p.own AND p.public AS open
         FROM posts AS p
             JOIN apps ON apps.entity_id = p.entity_id
             JOIN authorizations AS a ON a.app = apps.key
         WHERE p.key = ANY($1) AND a.notification_url IS NOT NULL
             AND (a.expires_at IS NULL OR a.expires_at > p.updated_at)",
            &[&posts],
        )
        .await?;
    let (mut keys, mut recipients, mut origins) = (Vec::<i64>::new(), Vec::new(), Vec::new());
    for row in &rows {
        let grant = Grant::read(row)?;
        let post_type = TypeUri::from(row.column::<String>("type")?);
        let Some(url) = &grant.notification_url else {
            continue;
        };
        if is_for_app(&grant, &post_type, row.column("open")?) {
            let mac_id = row.column::<String>("mac_key_id")?;
            keys.push(row.column("key")?);
            recipients.push(escaped(&Recipient::App(&mac_id).to_string()).into_owned());
            origins.push(escaped(origin(url)).into_owned());
        }
    }
    if keys.is_empty() {
        return Ok(0);
    }
    db.execute(
        "INSERT INTO deliveries (entity_id, post, version, recipient, mentioned, origin, queued_at, due_at)
         SELECT entity_id, key, version, recipient, FALSE, origin, updated_at, updated_at
         FROM unnest($1::BIGINT[], $2::TEXT[], $3::TEXT[]) AS wanted (post, recipient, origin)
             JOIN posts ON key = post
         ON CONFLICT DO NOTHING",
        &[&keys, &recipients, &origins],
    )
    .await
}

/// Notes which types a follower wants: all, when it names none.
pub(super) async fn subscribe(
    db: &Db,
    follower: i64,
    relation: &Relation,
) -> Result<(), StorageError> {
    let sql = "DELETE FROM subscriptions WHERE follower = $1";
    db.execute(sql, &[&follower]).await?;
    let all = [TypeUri::all()];
    let types = match relation.record.types.as_slice() {
        [] => &all,
        types => types,
    };
    let bases: Vec<_> = types.iter().map(|one| escaped(one.base())).collect();
    let sql = "INSERT INTO subscriptions (follower, type_base) SELECT $1, unnest($2::TEXT[]) ON CONFLICT DO NOTHING";
    db.execute(sql, &[&follower, &bases]).await?;
    Ok(())
}
