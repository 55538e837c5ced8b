//! `tent post --attach` and `tent attachment`, with `tent serve`.
#![cfg(unix)]

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::peer::open;
use crate::server::{Browser, PASSPHRASE, Server};
use crate::tent::Tent;

/// A server as a process of its own, and somebody who is logged in there.
struct Desk {
    tent: Tent,
    server: Server,
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self::with(|_| Vec::new())
    }

    /// With more arguments, some of which may be below the folder.
    fn with(more: impl FnOnce(&Path) -> Vec<String>) -> Self {
        let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
        let server = start(&tent, folder.path(), &more(folder.path()));
        let login = tent.begin_login(&[&server.entity]);
        open(&Browser::default().decide(&login.url, PASSPHRASE, "approve"));
        assert_eq!(login.end().code, 0);
        Self {
            tent,
            server,
            folder,
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// The files that the server keeps.
    fn kept(&self) -> Vec<PathBuf> {
        let folder = self.folder.path().join("data/tent.db-attachments");
        let entries = fs::read_dir(folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let is_lock = |path: &PathBuf| path.to_str().unwrap().ends_with("-lock");
        paths.filter(|path| !is_lock(path)).collect()
    }

    /// Publishes a post with these files of the folder, and gives its id.
    fn attach(&self, names: &[&str]) -> String {
        let paths: Vec<_> = names.iter().map(|name| self.path(name)).collect();
        let mut arguments = vec!["post", "Look", "--public"];
        arguments.extend(paths.iter().flat_map(|path| ["--attach", path]));
        self.tent.run(&arguments).ok().trim_end().to_owned()
    }
}

fn start(tent: &Tent, folder: &Path, more: &[String]) -> Server {
    let data = folder.join("data");
    let mut arguments = vec!["--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
    arguments.extend(more.iter().map(String::as_str));
    Server::start(tent, &arguments)
}

#[test]
fn files_are_kept_over_a_restart_and_go_with_their_post() {
    let desk = Desk::new();
    for (name, content) in [("pier.png", "the pier"), ("low tide.txt", "at six")] {
        fs::write(desk.folder.path().join(name), content).unwrap();
    }
    let id = desk.attach(&["pier.png", "low tide.txt"]);
    let post = desk.tent.run(&["show", &id, "--json"]).ok();
    let post: Value = serde_json::from_str(&post).unwrap();
    let attached = post["attachments"].as_array().unwrap();
    let named = attached.iter().map(|one| (&one["name"], &one["size"]));
    assert!(named.eq([
        (&"pier.png".into(), &8.into()),
        (&"low tide.txt".into(), &6.into())
    ]));
    let kept = desk.kept();
    assert_eq!(kept.len(), 2);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(kept[0].parent().unwrap()), mode(&kept[0])),
        (0o700, 0o600)
    );

    // Killed, not stopped.
    let Desk {
        tent,
        server,
        folder,
    } = desk;
    server.stop("KILL");
    let desk = Desk {
        server: start(&tent, folder.path(), &[]),
        tent,
        folder,
    };
    let read = |name: &str| desk.tent.run(&["attachment", &id, name]);
    assert_eq!(read("low tide.txt").ok(), "at six");
    desk.tent
        .run(&["attachment", &id, "pier.png", "-o", &desk.path("copy")])
        .ok();
    assert_eq!(fs::read_to_string(desk.path("copy")).unwrap(), "the pier");

    desk.tent.run(&["delete", &id]).ok();
    assert_eq!(desk.kept(), [""; 0].map(PathBuf::from));
    assert_ne!(read("pier.png").code, 0);
}

#[test]
fn files_in_a_folder_of_their_own_are_in_the_backup() {
    let desk =
        Desk::with(|folder| vec![format!("--attachments={}", folder.join("files").display())]);
    fs::write(desk.folder.path().join("pier.png"), "the pier").unwrap();
    let id = desk.attach(&["pier.png"]);
    let (data, files, backup) = (desk.path("data"), desk.path("files"), desk.path("backup"));
    let admin = |arguments: &[&str]| {
        let place = ["admin", "--data", &data, "--attachments", &files];
        desk.tent.run(&[&place, arguments].concat())
    };
    assert_eq!(admin(&["check"]).ok(), "no damage\n");
    admin(&["backup", &backup]).ok();

    let (data, files) = (desk.path("again"), desk.path("files again"));
    let place = ["admin", "--data", &data, "--attachments", &files];
    desk.tent
        .run(&[&place[..], &["restore", &backup]].concat())
        .ok();
    assert_eq!(fs::read_dir(&files).unwrap().count(), 1);
    assert_eq!(
        desk.tent.run(&[&place[..], &["check"]].concat()).ok(),
        "no damage\n"
    );

    // What is removed with its entity goes from there, too.
    let entity = desk.server.entity.clone();
    assert!(desk.tent.run(&["attachment", &id, "pier.png"]).ok() == "the pier");
    desk.tent
        .run(&[&place[..], &["entities", "remove", &entity]].concat())
        .ok();
    let is_file = |entry: &fs::DirEntry| !entry.file_name().to_str().unwrap().ends_with("-lock");
    let left = fs::read_dir(&files)
        .unwrap()
        .map(Result::unwrap)
        .filter(is_file);
    assert_eq!(left.count(), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn the_size_of_a_file_does_not_matter_to_the_memory_of_the_server() {
    const SIZE: u64 = 256 * 1024 * 1024;
    let desk = Desk::new();
    fs::write(desk.folder.path().join("small.mp4"), vec![7; 1_000_000]).unwrap();
    let big = File::create(desk.folder.path().join("big.mp4")).unwrap();
    big.set_len(SIZE).unwrap();
    let there_and_back = |name: &str| {
        let id = desk.attach(&[name]);
        desk.tent
            .run(&["attachment", &id, name, "-o", &desk.path("copy")])
            .ok();
        fs::metadata(desk.path("copy")).unwrap().len()
    };
    there_and_back("small.mp4");
    let before = desk.server.most_memory();
    assert_eq!(there_and_back("big.mp4"), SIZE);
    let more = desk.server.most_memory() - before;
    assert!(more < 8 * 1024, "{more} KiB more than for a small file");
}
