//! How the program comes to a PostgreSQL that does not let everybody in: by TLS, and with a password.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process;

use tempfile::TempDir;
use tent_testkit::postgres::Cluster;

use crate::tent::{Ran, Tent};

const PASSWORD: &str = "open:5esame";
/// The root that has signed the certificate, which is for `localhost`. Nobody's platform trusts it.
const ROOT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tent-testkit/src/contract/certificate/root.pem"
);
const CERTIFICATE: &str = include_str!("../../../tent-testkit/src/contract/certificate/server.pem");
const KEY: &str = include_str!("../../../tent-testkit/src/contract/certificate/server.key");
/// Who comes as a guest needs a password, and TLS if it is not by the socket.
const RULES: &str = "local all tent trust\n\
                     local all guest scram-sha-256\n\
                     hostssl all guest 127.0.0.0/8 scram-sha-256";

/// A PostgreSQL with a database of a guest.
struct Ground {
    cluster: Cluster,
    tent: Tent,
    folder: TempDir,
    /// Where it listens, at the usual port.
    address: String,
}

impl Ground {
    fn new() -> Option<Self> {
        let [.., a, b, c] = process::id().to_be_bytes(); // nobody else has it
        let address = format!("127.{}.{b}.{c}", 128 + a % 64);
        let listen = format!("listen_addresses={address}");
        let mut cluster = Cluster::start(&["-c", "fsync=off", "-c", &listen])?;
        cluster.create_database();
        for sql in [
            &format!("CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'"),
            "ALTER DATABASE t0 OWNER TO guest",
            "ALTER SYSTEM SET ssl = on",
        ] {
            cluster.query("postgres", sql);
        }
        cluster.write("data/server.crt", CERTIFICATE);
        cluster.write("data/server.key", KEY);
        cluster.write("data/pg_hba.conf", RULES);
        cluster.restart();
        Some(Self {
            cluster,
            tent: Tent::new(),
            folder: tempfile::tempdir().unwrap(),
            address,
        })
    }

    /// Opens the database that is named so, in this environment.
    fn open(&self, database: &str, environment: &[(&str, &str)]) -> Ran {
        let mut command = self.tent.command(&["admin", "entities", "list"]);
        command.env("TENT_DATA", self.folder.path());
        command.env("TENT_DATABASE", database);
        command.envs(environment.iter().copied());
        command.output().unwrap().into()
    }

    #[track_caller]
    fn is_open(&self, database: &str, environment: &[(&str, &str)]) {
        assert_eq!(self.open(database, environment).ok(), "");
    }

    /// What is said when it is not opened, which has no password.
    #[track_caller]
    fn is_shut(&self, database: &str, environment: &[(&str, &str)]) -> String {
        let err = self.open(database, environment).fails_with(5);
        assert!(!err.contains("5esame"), "{err}");
        err
    }

    fn file(&self, name: &str, lines: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        fs::write(&file, lines).unwrap();
        set_mode(&file, 0o600);
        file
    }
}

fn set_mode(file: &Path, mode: u32) {
    fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_database_is_known_by_its_certificate_and_we_by_our_password() {
    let Some(ground) = Ground::new() else { return };
    certificates(&ground);
    passwords(&ground);
}

fn certificates(ground: &Ground) {
    let address = &ground.address;
    let url = format!("postgres://guest:{PASSWORD}@localhost/t0?hostaddr={address}");
    let options = format!("hostaddr={address} user=guest password={PASSWORD} dbname=t0");

    let err = ground.is_shut(&format!("{url}&sslmode=require"), &[]);
    assert!(
        err.contains("the certificate of the database is not trusted"),
        "{err}"
    );
    assert!(
        err.contains("UnknownIssuer") && err.contains("sslrootcert"),
        "{err}"
    );
    ground.is_open(&format!("{url}&sslrootcert={ROOT}"), &[]);
    ground.is_open(
        &format!("{url}&sslmode=verify-full&sslrootcert={ROOT}"),
        &[],
    );
    ground.is_open(
        &format!("host=localhost {options} sslrootcert='{ROOT}'"),
        &[],
    );
    ground.is_open(
        &format!("{url}&sslmode=require"),
        &[("SSL_CERT_FILE", ROOT)],
    );
    // It is good for its name alone, and neither roots of others nor none are it.
    let err = ground.is_shut(
        &format!("host=db.example {options} sslrootcert='{ROOT}'"),
        &[],
    );
    assert!(err.contains("not trusted"), "{err}");
    let other = format!("{url}&sslmode=require&sslrootcert=system");
    assert!(ground.is_shut(&other, &[]).contains("UnknownIssuer"));
    let err = ground.is_shut(&format!("{url}&sslrootcert=/nowhere.pem"), &[]);
    assert!(
        err.contains("the certificates in /nowhere.pem cannot be read"),
        "{err}"
    );
    // Without TLS it lets nobody in.
    let err = ground.is_shut(&format!("{url}&sslmode=disable"), &[]);
    assert!(err.contains("no encryption"), "{err}");
}

fn passwords(ground: &Ground) {
    let socket = ground.cluster.folder().to_str().unwrap();
    let database = format!("host={socket} user=guest dbname=t0");
    let open = |environment: &[(&str, &str)]| ground.is_open(&database, environment);
    let shut = |environment: &[(&str, &str)]| {
        let err = ground.is_shut(&database, environment);
        assert!(err.contains("refuses this user or password"), "{err}");
        assert!(err.contains("PGPASSWORD"), "{err}");
    };
    shut(&[]);
    shut(&[("PGPASSWORD", "another 5esame")]);
    open(&[("PGPASSWORD", PASSWORD)]);

    let line = "localhost:5432:t0:guest:open\\:5esame\n";
    let file = ground.file("passwords", &format!("*:*:t0:tent:none\n{line}"));
    let named = file.to_str().unwrap();
    open(&[("PGPASSFILE", named)]);
    ground.is_open(&format!("{database} passfile={named}"), &[]);
    shut(&[("PGPASSFILE", named), ("PGPASSWORD", "another 5esame")]);
    let home = [("HOME", ground.folder.path().to_str().unwrap())];
    shut(&home);
    ground.file(".pgpass", line);
    open(&home);
    // Others could read it.
    set_mode(&file, 0o640);
    shut(&[("PGPASSFILE", named)]);
}
