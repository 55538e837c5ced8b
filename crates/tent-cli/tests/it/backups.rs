//! A backup that is made while posts are written, and restored somewhere else: whatever was acknowledged
//! before it began is there and whole, and neither server minds the other.

use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;
use tent_blocking::Client;
use tent_testkit::postgres::Cluster;

use crate::balancer::Balancer;
use crate::kills::check_posts;
use crate::kills::load::{Load, acknowledged, post, under_load};
use crate::peer::open;
use crate::server::{Browser, PASSPHRASE, Server};
use crate::tent::{Ran, Tent};

/// Where the two servers listen, at the port of the entity.
const ADDRESSES: [&str; 2] = ["127.77.9.1", "127.77.9.2"];
/// The server that was there first, and the one that has the backup.
const SOURCE: usize = 0;
const RESTORED: usize = 1;

/// Places for two servers, and the balancer that is where their entity is.
struct Ground {
    tent: Tent,
    folder: TempDir,
    /// For each of them, with PostgreSQL.
    databases: Option<[String; 2]>,
    balancer: Arc<Balancer>,
}

impl Ground {
    fn new(databases: Option<[String; 2]>) -> Self {
        Self {
            tent: Tent::new(),
            folder: tempfile::tempdir().unwrap(),
            databases,
            balancer: Balancer::start(&ADDRESSES),
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn entity(&self) -> String {
        format!("http://127.0.0.1:{}", self.balancer.port())
    }

    fn command(&self, command: &str, place: usize) -> Command {
        let data = self.path(&format!("data-{place}"));
        let mut command = self.tent.command(&[command, "--data", &data]);
        if let Some(databases) = &self.databases {
            command.env("TENT_DATABASE", &databases[place]);
        }
        command.env("TENT_PASSPHRASE", PASSPHRASE);
        command
    }

    fn serve(&self, place: usize) -> Server {
        let listen = format!("{}:0", ADDRESSES[place]);
        let mut command = self.command("serve", place);
        command.args(["--listen", &listen, "--entity", &self.entity()]);
        command.arg("--no-limits");
        Server::spawn(command)
    }

    fn admin(&self, place: usize, arguments: &[&str]) -> Ran {
        let mut command = self.command("admin", place);
        command.args(arguments).output().unwrap().into()
    }

    /// Lets clients reach this server alone.
    fn turn_to(&self, place: usize) {
        self.balancer.leave_out(place, false);
        self.balancer.leave_out(1 - place, true);
    }

    /// Makes backups as long as posts are written, and restores the last.
    fn drill(&self) {
        let _source = self.serve(SOURCE);
        let login = self.tent.begin_login(&[&self.entity()]);
        open(&Browser::default().decide(&login.url, PASSPHRASE, "approve"));
        assert_eq!(login.end().code, 0);
        let load = Load::new(&self.tent, &self.entity());
        let mut before = Vec::new();
        let (posted, failed) = under_load(&load, |next| {
            for name in ["monday", "tuesday"] {
                before.extend(acknowledged(25, next));
                self.admin(SOURCE, &["backup", &self.path(name)]).ok();
            }
            acknowledged(25, next);
        });
        assert!(failed.is_empty(), "the source goes on: {failed:?}");

        self.admin(RESTORED, &["restore", &self.path("tuesday")])
            .ok();
        assert_eq!(self.admin(RESTORED, &["check"]).ok(), "no damage\n");
        let _restored = self.serve(RESTORED);
        self.turn_to(RESTORED);
        let there = check_posts(&load);
        for number in before {
            let id = &posted[&number];
            assert_eq!(there.get(&number), Some(id), "{number} was acknowledged");
        }
        for (number, id) in &there {
            assert_eq!(posted.get(number), Some(id), "{number} was never posted");
        }
        let (number, id) = post(&load, &Client::new().unwrap()).unwrap();
        assert_eq!(check_posts(&load).get(&number), Some(&id));
        assert_eq!(self.admin(RESTORED, &["check"]).ok(), "no damage\n");

        self.turn_to(SOURCE);
        assert_eq!(check_posts(&load), posted, "the source has its own");
    }
}

#[test]
fn a_file_is_backed_up_under_load_and_restored_elsewhere() {
    Ground::new(None).drill();
}

#[test]
fn a_database_in_postgresql_is_backed_up_under_load_and_restored_elsewhere() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let databases = [(); 2].map(|()| cluster.create_database());
    Ground::new(Some(databases)).drill();
}
