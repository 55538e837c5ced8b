//! A database with many posts, and an app that may read and write them.

use std::path::Path;
use std::time::SystemTime;

use rusqlite::Connection;
use tent_proto::mac::{Algorithm, Credentials};
use tent_server::{Database, Limits, TentServer};

pub(crate) const MEDIA_TYPE: &str = "application/vnd.tent.v0+json";
/// A post as it is sent, and as it is stored.
pub(crate) const STATUS: &str = r#"{"type":"https://tent.io/types/post/status/v0.1.0","content":{"text":"High tide at nine, and the ferry is late again."},"permissions":{"public":true}}"#;
pub(crate) const MEMBERS: &str = r#""id":"p0Lk3Jh8Gf5Ds2Aq1Wz9Xc","entity":"http://127.0.0.1:65535","type":"https://tent.io/types/post/status/v0.1.0","content":{"text":"High tide at nine, and the ferry is late again."},"published_at":1356998400,"licenses":[],"mentions":[],"attachments":[],"app":{"name":"Bench","url":"http://localhost"},"version":1"#;

/// The credential of the app.
pub(crate) fn credentials() -> Credentials {
    let credentials = Credentials::new(
        "u:bench",
        "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        Algorithm::HmacSha256,
    );
    credentials.expect("it is a credential")
}

/// The time in epoch seconds.
pub(crate) fn now() -> u64 {
    let since = SystemTime::UNIX_EPOCH.elapsed();
    since.expect("it is after 1970").as_secs()
}

/// The server of these benches.
pub(crate) async fn server(folder: &Path, port: u16) -> TentServer {
    let database = Database::sqlite(folder.join("tent.db"));
    server_on(database.expect("it opens"), port).await
}

pub(crate) async fn server_on(database: Database, port: u16) -> TentServer {
    let entity = format!("http://127.0.0.1:{port}");
    TentServer::builder()
        .entity(entity.parse().expect("it is an entity"))
        .passphrase("correct horse battery staple")
        .database(database)
        .limits(Limits::none())
        .build()
        .await
        .expect("it starts")
}

/// Makes the database: a server makes its schema, and the rows are put there at once.
pub(crate) async fn fill(folder: &Path, port: u16, posts: u64) {
    drop(server(folder, port).await);
    let db = Connection::open(folder.join("tent.db")).expect("it opens");
    let entity = format!("http://127.0.0.1:{port}");
    let sql = format!(
        r#"
        BEGIN;
        INSERT INTO apps (entity_id, id, name, url, redirect_uris, scopes, mac_key_id, mac_key, created_at)
        VALUES (1, 'bench', 'Bench', 'http://localhost', '[]', '{{}}', 'a:bench', 'k', 1);
        INSERT INTO authorizations (app, id, scopes, post_types, profile_info_types, mac_key_id, mac_key,
            refresh_token, created_at)
        SELECT key, 'z', '["read_posts","write_posts"]', '["all"]', '["all"]', 'u:bench',
            '0f1e2d3c4b5a69788796a5b4c3d2e1f0', x'00', 1 FROM apps WHERE id = 'bench';
        INSERT INTO posts (entity_id, publisher, id, own, public, type_base, type, published_at, received_at,
            updated_at, version, members, entities)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {posts})
        SELECT 1, '{entity}', 'p' || i, 1, 1, 'https://tent.io/types/post/status',
            'https://tent.io/types/post/status/v0.1.0', 1356998400 + i, 1356998400 + i, 1356998400 + i, 1,
            '"id":"p' || i || '","entity":"{entity}","type":"https://tent.io/types/post/status/v0.1.0",' ||
            '"content":{{"text":"High tide at nine, and the ferry is late again. Number ' || i || '"}},' ||
            '"published_at":' || (1356998400 + i) || ',"licenses":[],"mentions":[],"attachments":[],' ||
            '"app":{{"name":"Harbour","url":"https://app.example"}},"version":1', '{{}}'
        FROM n;
        COMMIT;"#
    );
    db.execute_batch(&sql).expect("the rows are stored");
}
