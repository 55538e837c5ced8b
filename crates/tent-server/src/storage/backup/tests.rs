use std::collections::BTreeSet;

use rusqlite::Connection;
use rusqlite::types::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tent_testkit::postgres::Cluster;

use super::tables::{self, Rows, TABLES};
use super::*;
use crate::storage::Database;
use crate::storage::sqlite::{migrate, partial};

const CONTENT: &str = "the pier";

/// What is in one of the databases alone: what it is told by in the other, or what is of no use there.
const SQLITE_ALONE: &[&str] = &["removed_entities"];
const POSTGRES_ALONE: &[&str] = &[
    "schema_version",
    "entity_count",
    "entity_changes",
    "limit_buckets",
    "attempts",
    "processes",
];
const COLUMNS_OF_POSTGRES_ALONE: &[&str] = &[
    "deliveries.leased_by",
    "deliveries.leased_until",
    "followers.origin",
    "followers.readers",
    "followings.origin",
    "followings.readers",
];

fn digest() -> Vec<u8> {
    Sha256::digest(CONTENT).to_vec()
}

fn name() -> String {
    digest().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A database with two rows in every table: one that has all there can be, and one with what there must.
fn filled(folder: &Path) -> DatabasePlace {
    let file = folder.join("tent.db");
    let mut db = Connection::open(&file).unwrap();
    migrate(&mut db).unwrap();
    tables::prepare(&db).unwrap();
    for table in TABLES {
        for number in [1, 2] {
            insert(&db, table, number);
        }
    }
    let place = DatabasePlace::sqlite(file);
    fs::create_dir(&place.attachments).unwrap();
    fs::write(place.attachments.join(name()), CONTENT).unwrap();
    place
}

fn insert(db: &Connection, table: &'static tables::Table, number: i64) {
    let rows = Rows::of(db, table).unwrap();
    let mut query = db
        .prepare("SELECT name, type, \"notnull\" OR pk FROM pragma_table_info(?1)")
        .unwrap();
    let columns: Vec<(String, String, bool)> = query
        .query_map([table.name], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let value = |name: &String| {
        let found = columns.iter().find(|(column, ..)| column == name);
        let (_, kind, is_needed) = found.cloned().unwrap_or_default();
        match (name.as_str(), kind.as_str()) {
            ("removed", _) => Value::Integer(number - 1),
            _ if number == 2 && !is_needed => Value::Null,
            ("public" | "confirmed" | "own" | "mentioned", "INTEGER") => Value::Integer(2 - number),
            ("digest", _) if table.name == "attachments" => Value::Blob(digest()),
            ("servers", _) => Value::Text(r#"["https://b.example/tent"]"#.into()),
            ("record", _) => Value::Text(r#"{"groups":["g1"]}"#.into()),
            (_, "INTEGER") => Value::Integer(number),
            (_, "BLOB") => Value::Blob(vec![0, 1, number as u8]),
            (name, _) => Value::Text(format!("{name} {number}\0\u{1}é")),
        }
    };
    let row: Vec<_> = rows.columns.iter().map(value).collect();
    let mut insert = db.prepare(&rows.insert_into_sqlite()).unwrap();
    tables::insert(&mut insert, &row).unwrap();
}

/// All rows of all tables.
fn rows(place: &DatabasePlace) -> Vec<(&'static str, Vec<Vec<Value>>)> {
    let Kind::Sqlite(file) = &place.kind else {
        panic!("it is not SQLite");
    };
    let db = Connection::open(file).unwrap();
    tables::prepare(&db).unwrap();
    let read = |table: &'static tables::Table| {
        let rows = Rows::of(&db, table).unwrap();
        let mut query = db.prepare(&rows.select_from_sqlite()).unwrap();
        let found = query.query_map([], |row| rows.read(row)).unwrap();
        (table.name, found.collect::<Result<_, _>>().unwrap())
    };
    TABLES.iter().map(read).collect()
}

struct Ground {
    folder: TempDir,
    cluster: &'static Cluster,
    config: String,
}

impl Ground {
    fn new() -> Option<Self> {
        let cluster = Cluster::shared()?;
        Some(Self {
            folder: tempfile::tempdir().unwrap(),
            config: cluster.create_database(),
            cluster,
        })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn postgres(&self) -> DatabasePlace {
        DatabasePlace::postgres(&self.config, self.at("files"))
    }

    fn query(&self, sql: &str) -> String {
        let (_, database) = self.config.rsplit_once("dbname=").unwrap();
        self.cluster.query(database, sql)
    }
}

#[tokio::test]
async fn every_row_of_every_table_goes_to_postgres_and_back() {
    let Some(ground) = Ground::new() else { return };
    let from = filled(ground.folder.path());
    let (there, back) = (ground.postgres(), ground.at("back"));
    from.copy_to(&there).await.unwrap();
    assert_eq!(there.examine().await.unwrap(), Vec::<String>::new());
    for table in TABLES {
        let count = ground.query(&format!("SELECT count(*) FROM {}", table.name));
        assert_eq!(count, "2", "{}", table.name);
    }
    // What PostgreSQL has besides.
    let derived = ground.query("SELECT origin, readers[2] FROM followers ORDER BY key LIMIT 1");
    assert_eq!(derived, "https://b.example|group:g1");
    let next = "INSERT INTO groups (entity_id, id, name, created_at, updated_at) VALUES (1, 'new', '', 1, 1) RETURNING key";
    assert_eq!(ground.query(next), "3", "keys go on");
    ground.query("DELETE FROM groups WHERE key = 3");

    fs::create_dir(&back).unwrap();
    let back = DatabasePlace::sqlite(back.join("tent.db"));
    there.copy_to(&back).await.unwrap();
    assert_eq!(rows(&back), rows(&from));
    let file = fs::read_to_string(back.attachments.join(name()));
    assert_eq!(file.unwrap(), CONTENT);
    assert_eq!(back.examine().await.unwrap(), Vec::<String>::new());

    let other = ground.cluster.create_database();
    let other = DatabasePlace::postgres(other, ground.at("other files"));
    there.copy_to(&other).await.unwrap();
    other.back_up(ground.at("backup")).await.unwrap();
    let backup = DatabasePlace::sqlite(ground.at("backup/tent.db"));
    assert_eq!(rows(&backup), rows(&from));
}

#[tokio::test]
async fn every_table_is_copied() {
    let Some(ground) = Ground::new() else { return };
    let files = ground.at("files");
    drop(Database::postgres(&ground.config, files).await.unwrap());
    let mut db = Connection::open_in_memory().unwrap();
    migrate(&mut db).unwrap();
    tables::prepare(&db).unwrap();

    let known = |alone: &[&'static str]| -> BTreeSet<String> {
        let tables = TABLES.iter().map(|table| table.name);
        tables
            .chain(alone.iter().copied())
            .map(String::from)
            .collect()
    };
    let lines = |text: String| -> BTreeSet<String> { text.lines().map(String::from).collect() };
    let mut query = db
        .prepare(
            "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        )
        .unwrap();
    let tables = query.query_map([], |row| row.get(0)).unwrap();
    let tables: BTreeSet<String> = tables.collect::<Result<_, _>>().unwrap();
    assert_eq!(tables, known(SQLITE_ALONE));
    let tables = ground
        .query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'");
    assert_eq!(lines(tables), known(POSTGRES_ALONE));

    let of_sqlite: BTreeSet<String> = TABLES
        .iter()
        .flat_map(|table| {
            let columns = Rows::of(&db, table).unwrap().columns;
            let name = |column| format!("{}.{column}", table.name);
            columns.into_iter().map(name).collect::<Vec<_>>()
        })
        .chain(COLUMNS_OF_POSTGRES_ALONE.iter().copied().map(String::from))
        .collect();
    let alone = POSTGRES_ALONE.join("', '");
    let of_postgres = lines(ground.query(&format!(
        "SELECT table_name || '.' || column_name FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT IN ('{alone}')"
    )));
    assert_eq!(of_postgres, of_sqlite);
}

#[tokio::test]
async fn nothing_is_put_where_there_is_something() {
    let Some(ground) = Ground::new() else { return };
    let from = filled(ground.folder.path());
    let there = ground.postgres();
    from.copy_to(&there).await.unwrap();
    let error = from.copy_to(&there).await.unwrap_err();
    assert!(matches!(error, BackupError::NotEmpty), "{error:?}");
    let error = there.copy_to(&from).await.unwrap_err();
    assert!(matches!(error, BackupError::Exists(_)), "{error:?}");
    // The refusal did no harm.
    drop(
        Database::postgres(&ground.config, ground.at("files"))
            .await
            .unwrap(),
    );

    let in_use = Database::sqlite(ground.at("tent.db")).unwrap();
    let error = from.copy_to(&ground.postgres()).await.unwrap_err();
    let is_in_use = matches!(error, BackupError::Database(DatabaseError::InUse(_)));
    assert!(is_in_use, "{error:?}");
    drop(in_use);
}

#[tokio::test]
async fn a_copy_that_was_broken_off_is_not_taken_for_whole_and_can_be_made_again() {
    let Some(ground) = Ground::new() else { return };
    let from = filled(ground.folder.path());
    let file = from.attachments.join(name());
    let there = ground.postgres();
    fs::rename(&file, ground.at("away")).unwrap();
    from.copy_to(&there).await.unwrap_err();
    let open = async || Database::postgres(&ground.config, ground.at("files")).await;
    let error = open().await.unwrap_err();
    assert!(matches!(error, DatabaseError::Unfinished), "{error:?}");
    let error = there.examine().await.unwrap_err();
    assert!(error.to_string().contains("not whole"), "{error}");
    fs::rename(ground.at("away"), &file).unwrap();
    from.copy_to(&there).await.unwrap();
    drop(open().await.unwrap());

    fs::create_dir(ground.at("back")).unwrap();
    let back = ground.at("back/tent.db");
    let again = DatabasePlace::sqlite(&back);
    fs::rename(ground.at("files"), ground.at("away")).unwrap();
    there.copy_to(&again).await.unwrap_err();
    assert!(partial(&back).exists());
    let error = Database::sqlite(&back).unwrap_err();
    assert!(matches!(error, DatabaseError::Unfinished), "{error:?}");
    let error = again.examine().await.unwrap_err();
    assert!(error.to_string().contains("not whole"), "{error}");
    fs::rename(ground.at("away"), ground.at("files")).unwrap();
    there.copy_to(&again).await.unwrap();
    assert_eq!(rows(&again), rows(&from));
    drop(Database::sqlite(&back).unwrap());
}

#[tokio::test]
async fn no_server_removes_files_while_they_are_copied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("files");
    let kept = std::sync::Arc::new(crate::storage::AttachmentFolder::open(path.clone()).unwrap());
    let mut file = kept.create().unwrap();
    file.write(CONTENT.as_bytes()).unwrap();
    drop(kept.keep(vec![file]).unwrap());
    let digests = kept.take_loose();
    let copying = files::keep(&path).unwrap();
    kept.remove(&kept.condemn(digests.clone())).unwrap();
    assert!(path.join(name()).exists());
    drop(copying);
    assert_eq!(kept.take_loose(), digests, "they are looked at again");
    kept.remove(&kept.condemn(digests)).unwrap();
    assert!(!path.join(name()).exists());
}

#[test]
fn no_password_is_told() {
    let place = DatabasePlace::postgres("postgres://tent:s3cret@db.example/tent", "files");
    assert!(!format!("{place:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_database_that_no_server_has_used_is_told_as_such() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let place = DatabasePlace::postgres(cluster.create_database(), folder.path());
    let (examined, backup) = (place.examine().await, folder.path().join("backup"));
    assert!(
        matches!(examined, Err(BackupError::NotOurs)),
        "{examined:?}"
    );
    let backed_up = place.back_up(&backup).await;
    assert!(
        matches!(backed_up, Err(BackupError::NotOurs)),
        "{backed_up:?}"
    );
    assert!(!backup.exists());
}
