//! A PostgreSQL of the tests' own, from the programs that are installed here.
//!
//! ```
//! use tent_testkit::postgres::Cluster;
//!
//! let Some(cluster) = Cluster::shared() else {
//!     return; // PostgreSQL is not installed, which was said
//! };
//! let config = cluster.create_database();
//! assert!(config.contains("dbname="));
//! ```

mod installed;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use self::installed::{installed, unprivileged};
use crate::say;

/// Begins and ends a cluster. It ends with the process that began it, however that ends: then the
/// standard input is at its end.
const SCRIPT: &str = include_str!("postgres/cluster.sh");

/// A cluster in a folder of its own, that listens on a socket there. Any user of this machine may do
/// everything with it. It is gone with this process.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    databases: AtomicU32,
    keeper: Child,
}

impl Cluster {
    /// The cluster of this process, which does not care to be durable; `None`, which is said loudly,
    /// when PostgreSQL is not installed.
    ///
    /// # Panics
    ///
    /// When it does not start, and when it is not installed and `TENT_REQUIRE_POSTGRES` is set.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
        SHARED
            .get_or_init(|| Self::start(&["-c", "fsync=off", "-c", "full_page_writes=off"]))
            .as_ref()
    }

    /// A cluster with these arguments to `postgres`.
    ///
    /// # Panics
    ///
    /// As [`shared`](Self::shared).
    pub fn start(arguments: &[&str]) -> Option<Self> {
        let programs = installed()?;
        let shell = Command::new("sh");
        Some(Self::keep(shell, programs, unprivileged(), "", arguments))
    }

    /// A cluster with these arguments to `postgres`, and with a [disk](Self::disk) of its own, in memory,
    /// of so many MiB. Databases are [made there](Self::create_database_on_disk), the log is not. `None`,
    /// which is said loudly, also where the namespaces of Linux cannot be had.
    ///
    /// # Panics
    ///
    /// As [`shared`](Self::shared).
    pub fn with_a_disk(mib: u32, arguments: &[&str]) -> Option<Self> {
        let programs = installed()?;
        let can = Command::new("unshare").args(["-rm", "true"]).status();
        if !can.is_ok_and(|status| status.success()) {
            say("`unshare -rm` does not work here: tests of a full disk are LEFT OUT");
            return None;
        }
        let mut shell = Command::new("unshare");
        shell.args(["-rm", "sh"]);
        // Who is root there alone, and nobody within that, is the same to the files of both.
        let nobody = "unshare --user --map-user=65534 --map-group=65534";
        let cluster = Self::keep(shell, programs, nobody, &format!("{mib}m"), arguments);
        let disk = cluster.folder.join("disk");
        let tablespace = format!("CREATE TABLESPACE disk LOCATION '{}'", disk.display());
        cluster.query("postgres", &tablespace);
        Some(cluster)
    }

    fn keep(
        mut shell: Command,
        programs: PathBuf,
        unprivileged: &str,
        disk: &str,
        arguments: &[&str],
    ) -> Self {
        let mut keeper = shell
            .args(["-c", SCRIPT, "sh"])
            .arg(&programs)
            .args([unprivileged, disk])
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell starts");
        let folder = line_of(&mut keeper);
        Self {
            programs,
            folder: folder.into(),
            databases: AtomicU32::new(0),
            keeper,
        }
    }

    /// Makes a new, empty database: how to connect to it.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn create_database(&self) -> String {
        self.create("")
    }

    /// The same on the cluster's [own disk](Self::with_a_disk).
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn create_database_on_disk(&self) -> String {
        self.create("TABLESPACE disk")
    }

    fn create(&self, place: &str) -> String {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.query("postgres", &format!("CREATE DATABASE {name} {place}"));
        self.config(&name)
    }

    /// The cluster's [own disk](Self::with_a_disk), as this process sees it.
    pub fn disk(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.keeper.id()));
        let folder = self.folder.strip_prefix("/").unwrap_or(&self.folder);
        root.join(folder).join("disk")
    }

    /// The process that begins all others of the server.
    ///
    /// # Panics
    ///
    /// When it does not run.
    pub fn process(&self) -> u32 {
        let file = self.folder.join("data/postmaster.pid");
        let text = std::fs::read_to_string(file).expect("it runs");
        let first = text.lines().next().and_then(|line| line.parse().ok());
        first.expect("it is a process")
    }

    /// A folder that is gone with the cluster.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn config(&self, database: &str) -> String {
        format!("host={} user=tent dbname={database}", self.folder.display())
    }

    /// What a database answers to a statement, as `psql` prints it without ornament.
    ///
    /// # Panics
    ///
    /// When it fails.
    pub fn query(&self, database: &str, sql: &str) -> String {
        let mut psql = self.psql(database);
        let asked = psql.args(["-c", sql]).output().expect("psql starts");
        let said = String::from_utf8_lossy(&asked.stderr);
        assert!(asked.status.success(), "{sql}: {said}");
        String::from_utf8_lossy(&asked.stdout).trim().to_owned()
    }

    fn psql(&self, database: &str) -> Command {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-qXAt", "-v", "ON_ERROR_STOP=1", "-U", "tent", "-h"])
            .arg(&self.folder)
            .args(["-d", database]);
        psql
    }

    /// Makes a file that the server alone can read, in the [folder](Self::folder) of the cluster.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn write(&self, name: &str, lines: &str) -> PathBuf {
        let file = self.folder.join(name);
        let copy = format!(
            "COPY (SELECT unnest(string_to_array($text${lines}$text$, E'\\n')))
             TO PROGRAM 'umask 077; cat >\"{}\"'",
            file.display()
        );
        self.query("postgres", &copy);
        file
    }

    /// Does something in a transaction that stays open, with its locks, until it is taken back.
    ///
    /// # Panics
    ///
    /// When it fails.
    pub fn hold(&self, database: &str, sql: &str) -> Held {
        let mut psql = self.psql(database);
        psql.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut held = Held(psql.spawn().expect("psql starts"));
        let input = held.0.stdin.as_mut().expect("it is piped");
        writeln!(input, "BEGIN;\n{sql};\n\\echo held").expect("psql listens");
        assert_eq!(line_of(&mut held.0), "held");
        held
    }

    /// Whether somebody waits for what is [held](Self::hold).
    ///
    /// # Panics
    ///
    /// When it cannot be asked for.
    pub fn is_waited_for(&self, database: &str) -> bool {
        let sql = "SELECT count(*) > 0 FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'";
        self.query(database, sql) == "t"
    }

    /// Ends all connections, and the server, and starts it again.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn restart(&mut self) {
        self.order("start", "started");
    }

    /// Ends all connections, and the server, until it is [started again](Self::start_again).
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub fn stop(&mut self) {
        self.order("stop", "stopped");
    }

    /// Starts the server after it was stopped.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start_again(&mut self) {
        self.order("start", "started");
    }

    fn order(&mut self, order: &str, answer: &str) {
        let input = self.keeper.stdin.as_mut().expect("it is piped");
        writeln!(input, "{order}").expect("the shell listens");
        assert_eq!(line_of(&mut self.keeper), answer);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// A transaction that is open until this is dropped, and taken back then.
#[derive(Debug)]
pub struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// The next line that the shell says.
fn line_of(keeper: &mut Child) -> String {
    let output = keeper.stdout.as_mut().expect("it is piped");
    let mut line = String::new();
    // One line at a time is said, so no more than that is buffered.
    BufReader::new(output)
        .read_line(&mut line)
        .expect("it is text");
    assert!(line.ends_with('\n'), "PostgreSQL does not start");
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_restarted_and_gone_with_its_last_owner() {
        let Some(mut cluster) = Cluster::start(&["-c", "fsync=off"]) else {
            return;
        };
        let config = cluster.create_database();
        assert!(config.ends_with("dbname=t0"), "{config}");
        cluster.query("t0", "CREATE TABLE kept AS SELECT 7 AS number");
        cluster.restart();
        cluster.stop();
        cluster.start_again();
        assert_eq!(cluster.query("t0", "SELECT number FROM kept"), "7");
        let folder = cluster.folder.clone();
        assert!(folder.exists());
        drop(cluster);
        assert!(!folder.exists());
    }
}
