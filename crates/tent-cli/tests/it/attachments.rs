//! `tent post --attach` and `tent attachment`, against a server like the reference server.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::peer::Reply;
use crate::reference::{Reference, receive, status};
use crate::tent::Tent;

/// A folder with some files, and somebody who is logged in.
struct Desk {
    server: Reference,
    tent: Tent,
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let (server, tent) = Reference::logged_in();
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [
            ("pier.png", "the pier"),
            ("gull.png", "a gull"),
            ("scan", "GIF89a of a chart"),
            ("tide.mp4", "water"),
            ("notes", "low at six"),
        ] {
            fs::write(folder.path().join(name), content).unwrap();
        }
        Self {
            server,
            tent,
            folder,
        }
    }

    /// With a post that has a file for each of these names and types.
    fn with_post(files: &[(&str, &str, &str)]) -> Self {
        let desk = Self::new();
        let mut post = status(&desk.server.url(), "p1", "Look", &[]);
        let described = files.iter().map(|(name, media_type, content)| {
            json!({ "category": "files", "name": name, "type": media_type, "size": content.len() })
        });
        post["attachments"] = described.collect::<Vec<_>>().into();
        receive(&desk.server, post);
        let mut state = desk.server.state.lock().unwrap();
        for (name, media_type, content) in files {
            let key = ["p1", name, media_type].map(str::to_owned);
            state.files.insert(key, (*content).to_owned());
        }
        drop(state);
        desk
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// The names of what is in the folder, but for the files it began with.
    fn new_files(&self) -> Vec<String> {
        let began_with = ["pier.png", "gull.png", "scan", "tide.mp4", "notes"];
        let all = fs::read_dir(self.folder.path()).unwrap();
        let all = all.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        all.filter(|name| !began_with.contains(&name.as_str()))
            .collect()
    }

    /// What was asked since login, but for posts.
    fn downloads(&self) -> Vec<String> {
        let mut lines = self.server.peer.lines();
        lines.retain(|line| line.contains("/attachments/"));
        lines
    }
}

#[test]
fn files_are_attached_by_what_they_are() {
    let desk = Desk::new();
    let paths = ["pier.png", "gull.png", "scan", "tide.mp4", "notes"].map(|name| desk.path(name));
    let mut arguments = vec!["post", "Look", "--public"];
    for path in &paths {
        arguments.extend(["--attach", path]);
    }
    assert_eq!(desk.tent.run(&arguments).ok(), "post1\n");
    let post = desk.server.state.lock().unwrap().posts[0].clone();
    assert_eq!(post["type"], "https://tent.io/types/post/status/v0.1.0");
    assert_eq!(post["content"], json!({ "text": "Look" }));
    assert_eq!(
        post["attachments"],
        json!([
            { "category": "photos", "name": "pier.png", "type": "image/png", "size": 8 },
            { "category": "photos", "name": "gull.png", "type": "image/png", "size": 6 },
            { "category": "photos", "name": "scan", "type": "image/gif", "size": 17 },
            { "category": "videos", "name": "tide.mp4", "type": "video/mp4", "size": 5 },
            { "category": "files", "name": "notes", "type": "application/octet-stream", "size": 10 },
        ])
    );
    // The signature holds for the length that was announced, and the file comes back as it was.
    assert_eq!(
        desk.tent.run(&["attachment", "post1", "scan"]).ok(),
        "GIF89a of a chart"
    );
    let page = desk.tent.run(&["show", "post1"]).ok();
    assert!(page.contains("attached pier.png  8 bytes"), "{page}");
}

#[test]
fn a_file_needs_no_text_and_has_any_type_of_post() {
    let desk = Desk::new();
    desk.tent
        .run(&["post", "--attach", &desk.path("pier.png")])
        .ok();
    let photo = "https://tent.io/types/post/photo/v0.1.0";
    let pier = desk.path("pier.png");
    let arguments = [
        "post",
        "--type",
        photo,
        "--content",
        r#"{"caption":"x"}"#,
        "--attach",
        &pier,
    ];
    let out = desk.tent.run(&[&arguments[..], &["--json"]].concat()).ok();
    let post: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&post["type"], &post["content"]),
        (&json!(photo), &json!({ "caption": "x" }))
    );
    let first = desk.server.state.lock().unwrap().posts[1].clone();
    assert_eq!(first["content"], json!({ "text": "" }));
}

#[test]
fn what_cannot_be_attached_is_told_before_anything_is_sent() {
    let desk = Desk::new();
    let before = desk.server.peer.lines().len();
    let missing = desk.path("missing");
    let err = desk
        .tent
        .run(&["post", "x", "--attach", &missing])
        .fails_with(5);
    assert!(err.contains("missing could not be read"), "{err}");
    desk.tent
        .run(&["post", "x", "--attach", &desk.path("")])
        .fails_with(5);
    let pier = desk.path("pier.png");
    let err = desk
        .tent
        .run(&["post", "x", "--attach", &pier, "--attach", &pier])
        .fails_with(2);
    assert!(err.contains("twice"), "{err}");
    let shown = desk
        .tent
        .run(&["post", "x", "--attach", &pier, "--dry-run"])
        .ok();
    assert!(
        shown.contains("\ncontent-type: multipart/form-data; boundary="),
        "{shown}"
    );
    assert_eq!(desk.server.peer.lines().len(), before);
}

#[test]
fn a_file_is_asked_for_by_its_type_and_goes_where_it_is_told() {
    let desk = Desk::with_post(&[("a b.txt", "text/plain", "some text\n")]);
    assert_eq!(
        desk.tent.run(&["attachment", "p1", "a b.txt"]).ok(),
        "some text\n"
    );
    assert_eq!(
        desk.tent
            .run(&["attachment", "p1", "a b.txt", "-o", "-"])
            .ok(),
        "some text\n"
    );
    let path = desk.path("new.txt");
    assert_eq!(
        desk.tent
            .run(&["attachment", "p1", "a b.txt", "-o", &path])
            .ok(),
        ""
    );
    assert_eq!(desk.read("new.txt"), "some text\n");
    let pier = desk.path("pier.png");
    let out = desk
        .tent
        .run(&["attachment", "p1", "a b.txt", "-o", &pier, "--json"])
        .ok();
    assert_eq!(
        serde_json::from_str::<Value>(&out).unwrap(),
        json!({ "name": "a b.txt", "type": "text/plain", "size": 10, "file": pier })
    );
    assert_eq!(desk.read("pier.png"), "some text\n");
    assert_eq!(desk.new_files(), ["new.txt"]);
    assert_eq!(
        desk.downloads(),
        vec!["GET /tent/posts/p1/attachments/a%20b.txt"; 4]
    );
}

#[test]
fn a_file_of_anothers_post_is_asked_for_with_its_entity() {
    let desk = Desk::new();
    let post = json!({ "id": "q", "attachments": [{ "name": "x", "type": "a/b" }] });
    for arguments in [
        &["attachment", "https://bob.example#q", "x"][..],
        &["attachment", "q", "x", "--entity", "bob.example"],
    ] {
        let line = "GET /tent/posts/https%3A%2F%2Fbob.example/q";
        desk.server.instead(line, Reply::json(post.to_string()));
        let line = "GET /tent/posts/https%3A%2F%2Fbob.example/q/attachments/x";
        desk.server.instead(line, Reply::html("bytes"));
        assert_eq!(desk.tent.run(arguments).ok(), "bytes");
        assert_eq!(
            desk.server.peer.asked().last().unwrap().header("accept"),
            "a/b"
        );
    }
}

#[test]
fn a_download_that_fails_leaves_everything_as_it_was() {
    let desk = Desk::with_post(&[("a.txt", "text/plain", "0123456789")]);
    let line = "GET /tent/posts/p1/attachments/a.txt";
    let cut = || {
        Reply::status(200)
            .header("Content-Length", "10")
            .body("01234")
    };
    let chunked = |body: &str| {
        Reply::status(200)
            .header("Transfer-Encoding", "chunked")
            .body(body)
    };
    for (reply, code) in [
        (cut(), 4),
        (chunked("5\r\n01234\r\n"), 4),
        // It ends as it should, but the post says that there is more.
        (chunked("5\r\n01234\r\n0\r\n\r\n"), 4),
        (Reply::error(404, "Not Found"), 1),
        (Reply::error(403, "Unauthorized"), 1),
    ] {
        for name in ["pier.png", "new.txt"] {
            desk.server.instead(line, reply.clone());
            let ran = desk
                .tent
                .run(&["attachment", "p1", "a.txt", "-o", &desk.path(name)]);
            let err = ran.fails_with(code);
            assert!(!err.contains("before you do it again"), "{err}");
        }
        assert_eq!(desk.read("pier.png"), "the pier");
        assert!(desk.new_files().is_empty(), "{:?}", desk.new_files());
    }
}

#[test]
fn a_file_that_the_post_does_not_have_is_not_asked_for() {
    let desk = Desk::with_post(&[
        ("a", "text/plain", "text"),
        ("a", "image/gif", "picture"),
        ("b", "text/plain", "text"),
    ]);
    let err = desk.tent.run(&["attachment", "p1", "c"]).fails_with(1);
    assert!(err.contains("it has a, a, b"), "{err}");
    desk.tent
        .run(&["attachment", "p1", "b", "--type", "image/gif"])
        .fails_with(1);
    desk.tent.run(&["attachment", "none", "b"]).fails_with(1);
    let err = desk.tent.run(&["attachment", "p1", "a"]).fails_with(2);
    assert!(err.contains("--type text/plain, or image/gif"), "{err}");
    assert!(desk.downloads().is_empty());
    let picture = desk
        .tent
        .run(&["attachment", "p1", "a", "--type", "Image/GIF"])
        .ok();
    assert_eq!(picture, "picture");
    let err = desk
        .tent
        .run(&["attachment", "p1", "b", "--json"])
        .fails_with(2);
    assert!(err.contains("-o FILE"), "{err}");
}

#[test]
fn a_dry_run_downloads_nothing() {
    let desk = Desk::with_post(&[("a", "text/plain", "text")]);
    let before = desk.server.peer.lines().len();
    let out = desk
        .tent
        .run(&[
            "attachment",
            "p1",
            "a",
            "-o",
            &desk.path("new"),
            "--dry-run",
        ])
        .ok();
    assert!(
        out.starts_with(&format!("GET {}/tent/posts/p1\n", desk.server.url())),
        "{out}"
    );
    assert_eq!(desk.server.peer.lines().len(), before);
    assert!(desk.new_files().is_empty());
}

#[test]
fn whoever_reads_no_further_is_no_failure() {
    let long = "x".repeat(4 * 1024 * 1024);
    let desk = Desk::with_post(&[("a", "text/plain", &long)]);
    let mut child = desk
        .tent
        .command(&["attachment", "p1", "a"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn a_place_that_cannot_be_written_is_told() {
    let desk = Desk::with_post(&[("a", "text/plain", "text")]);
    let nowhere = desk.path("no/such/folder");
    for path in [nowhere.as_str(), desk.folder.path().to_str().unwrap()] {
        let err = desk
            .tent
            .run(&["attachment", "p1", "a", "-o", path])
            .fails_with(5);
        assert!(err.contains("cannot be written"), "{err}");
    }
    assert!(desk.downloads().is_empty());
}

#[cfg(unix)]
#[test]
fn links_and_pipes_stay_what_they_are() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let desk = Desk::with_post(&[("a", "text/plain", "text")]);
    let link = desk.path("link");
    symlink("pier.png", &link).unwrap();
    let pier = desk.folder.path().join("pier.png");
    fs::set_permissions(&pier, fs::Permissions::from_mode(0o640)).unwrap();
    desk.tent.run(&["attachment", "p1", "a", "-o", &link]).ok();
    assert!(Path::new(&link).is_symlink());
    assert_eq!(desk.read("pier.png"), "text");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&pier), 0o640);
    // A new file is as any other new file.
    desk.tent
        .run(&["attachment", "p1", "a", "-o", &desk.path("new")])
        .ok();
    let other = desk.folder.path().join("other");
    fs::write(&other, "").unwrap();
    assert_eq!(mode(&desk.folder.path().join("new")), mode(&other));
    if Path::new("/dev/stdout").exists() {
        let out = desk
            .tent
            .run(&["attachment", "p1", "a", "-o", "/dev/stdout"])
            .ok();
        assert_eq!(out, "text");
    }
}
