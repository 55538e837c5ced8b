//! Databases with many rows.

use std::net::SocketAddr;

use tokio_postgres::{Client, NoTls};

/// A connection, for as long as the runtime is driven.
pub(super) async fn connect(config: &str) -> Client {
    let connected = tokio_postgres::connect(config, NoTls).await;
    let (client, connection) = connected.expect("it is there");
    tokio::spawn(connection);
    client
}

/// Makes the database, as [`database::fill`](crate::database::fill) does.
pub(super) async fn fill(config: &str, port: u16, posts: u64) {
    drop(super::server(config, port).await);
    let entity = format!("http://127.0.0.1:{port}");
    let sql = format!(
        r#"
        INSERT INTO apps (entity_id, id, name, url, redirect_uris, scopes, mac_key_id, mac_key, mac_algorithm, created_at)
        VALUES (1, 'bench', 'Bench', 'http://localhost', '[]', '{{}}', 'a:bench', 'k', 'hmac-sha-256', 1);
        INSERT INTO authorizations (app, id, scopes, post_types, profile_info_types, mac_key_id, mac_key, mac_algorithm,
            refresh_token, created_at)
        SELECT key, 'z', '["read_posts","write_posts"]', '["all"]', '["all"]', 'u:bench',
            '0f1e2d3c4b5a69788796a5b4c3d2e1f0', 'hmac-sha-256', '', 1 FROM apps WHERE id = 'bench';
        INSERT INTO posts (entity_id, publisher, id, own, public, type_base, type, published_at, received_at,
            updated_at, version, members, entities, groups)
        SELECT 1, '{entity}', 'p' || i, TRUE, TRUE, 'https://tent.io/types/post/status',
            'https://tent.io/types/post/status/v0.1.0', 1356998400 + i, 1356998400 + i, 1356998400 + i, 1,
            '"id":"p' || i || '","entity":"{entity}","type":"https://tent.io/types/post/status/v0.1.0",' ||
            '"content":{{"text":"High tide at nine, and the ferry is late again. Number ' || i || '"}},' ||
            '"published_at":' || (1356998400 + i) || ',"licenses":[],"mentions":[],"attachments":[],' ||
            '"app":{{"name":"Harbour","url":"https://app.example"}},"version":1', '{{}}', '[]'
        FROM generate_series(1, {posts}) AS i"#
    );
    execute(config, &sql).await;
}

/// Adds followers, whose servers are at these addresses.
pub(super) async fn follow(config: &str, followers: u64, servers: &[SocketAddr]) {
    let servers: Vec<_> = servers
        .iter()
        .map(|server| format!("'http://{server}'"))
        .collect();
    let (count, servers) = (servers.len(), servers.join(", "));
    let sql = format!(
        r#"
        INSERT INTO followers (entity_id, id, entity, public, confirmed, mac_key_id, mac_key, mac_algorithm,
            servers, record, origin, readers, created_at, updated_at)
        SELECT 1, 'f' || i, entity, TRUE, TRUE, 's:f' || i, '0f1e2d3c4b5a69788796a5b4c3d2e1f0', 'hmac-sha-256',
            '["' || entity || '"]', '{{"types":["all"],"notification_path":"notifications/n' || i || '"}}',
            server, ARRAY[entity], 1, 1
        FROM (SELECT i, server, server || '/f' || i AS entity
            FROM generate_series(1, {followers}) AS i, LATERAL (SELECT (ARRAY[{servers}])[1 + i % {count}]) AS s(server)) AS f;
        INSERT INTO subscriptions (follower, type_base) SELECT key, 'all' FROM followers"#
    );
    execute(config, &sql).await;
}

/// Executes statements, and leaves the database as it is after a while.
async fn execute(config: &str, sql: &str) {
    let client = connect(config).await;
    for sql in [sql, "VACUUM ANALYZE", "CHECKPOINT"] {
        let executed = client.batch_execute(sql).await;
        executed.expect("the rows are stored");
    }
}
