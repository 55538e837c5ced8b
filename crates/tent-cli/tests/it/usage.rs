//! What is said of wrong usage.

use crate::tent::Tent;

#[test]
fn wrong_usage_is_told_in_words_and_in_json() {
    let tent = Tent::new();
    for arguments in [
        &[][..],
        &["frobnicate"],
        &["admin"],
        &["discover"],
        &["post"],
        &["post", "text", "--content", "{}"],
        &["post", "text", "--to", "ftp://bob.example"],
        &["posts", "--limit", "0"],
        &["posts", "--since-time", "soon"],
        &["posts", "--before-id", "#"],
        &["posts", "--all", "--count"],
        &["accounts", "--rate-limit", "never"],
        &["accounts", "--retries", "-1"],
        &["accounts", "--timeout", "0"],
        &["discover", "ftp://alice.example"],
        &["use", "a b"],
        &["api", "GET"],
        &["edit", "abc"],
        &["edit", "abc", "text", "--content", "{}"],
        &["edit", "abc", "--revert", "2", "--mention", "bob.example"],
        &["delete", "abc", "--version", "-1"],
        &["thread", "ftp://bob.example#abc"],
        &["versions", "abc", "--limit", "0"],
        &["mentions"],
        &["attachment", "abc"],
        &["attachment", "abc", "a.png", "--json"],
        &["follow", "ftp://bob.example"],
        &["unfollow", ""],
        &["block", "a b.example"],
        &["groups", "create", " "],
        &["groups", "rename", "abc"],
        &["groups", "befriend"],
        &["apps", "revoke"],
        &["profile", "set", "basic"],
        &["profile", "delete"],
        &["profile", "basic", "extra"],
    ] {
        let err = tent.run(arguments).fails_with(2);
        let is_help = err.contains("\nUsage: tent") && err.contains("\nEverywhere:");
        let is_json = arguments.contains(&"--json");
        assert!(is_help || is_json || err.starts_with("tent: "), "{err}");
        let failure = tent.run(&[arguments, &["--json"]].concat()).failure(2);
        assert!(failure["error"].as_str().unwrap().len() > 5, "{failure}");
    }
}

#[test]
fn help_and_version_are_no_failure() {
    let tent = Tent::new();
    let help = tent.run(&["--help"]).ok();
    for command in [
        "demo",
        "serve",
        "discover",
        "login",
        "logout",
        "accounts",
        "use",
        "profile",
        "post",
        "posts",
        "show",
        "thread",
        "edit",
        "delete",
        "versions",
        "mentions",
        "attachment",
        "follow",
        "unfollow",
        "followings",
        "followers",
        "block",
        "groups",
        "apps",
        "api",
        "mac",
    ] {
        assert!(
            help.contains(&format!("\n  {command}")),
            "{command} is missing:\n{help}"
        );
        let more = tent.run(&[command, "--help"]).ok();
        assert!(more.contains(&format!("Usage: tent {command}")), "{more}");
        assert_eq!(tent.run(&["help", command]).ok(), more);
    }
    for line in help.lines() {
        assert!(line.len() <= 100, "{line}");
    }
    assert_eq!(tent.run(&["help"]).ok(), help);
    assert_eq!(tent.run(&[]).fails_with(2), help); // it is told to whoever asks for nothing
    let help = tent.run(&["mac", "--help"]).ok();
    assert_eq!(tent.run(&["mac"]).fails_with(2), help);
    assert!(tent.run(&["--version"]).ok().starts_with("tent "));
}

#[test]
fn whoever_is_not_logged_in_is_told_how_to() {
    let tent = Tent::new();
    for arguments in [
        &["profile"][..],
        &["post", "hi"],
        &["posts"],
        &["show", "abc"],
        &["thread", "abc"],
        &["edit", "abc", "text"],
        &["delete", "abc"],
        &["versions", "abc"],
        &["mentions", "abc"],
        &["follow", "bob.example"],
        &["unfollow", "abc"],
        &["followings"],
        &["followers"],
        &["block", "abc"],
        &["groups"],
        &["apps"],
        &["profile", "set", "basic", "{}"],
        &["api", "GET", "posts"],
        &["logout"],
        &["logout", "alice.example"],
        &["use", "alice.example"],
        &["posts", "--account", "alice.example"],
    ] {
        let err = tent.run(arguments).fails_with(3);
        assert!(err.contains("tent login"), "{err}");
        let failure = tent.run(&[arguments, &["--json"]].concat()).failure(3);
        assert!(
            failure["hint"].as_str().unwrap().contains("tent login"),
            "{failure}"
        );
    }
    assert!(tent.stored().is_empty());
}

#[test]
fn a_closed_standard_error_is_no_reason_to_panic() {
    let tent = Tent::new();
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else {
        return; // not on every system
    };
    let status = tent.command(&["posts"]).stderr(full).status().unwrap();
    assert_eq!(status.code(), Some(3));
}

#[test]
fn a_text_that_looks_like_a_flag_is_a_text() {
    let err = Tent::new().run(&["post", "--", "--json"]).fails_with(3);
    assert!(err.starts_with("tent: not logged in"), "{err}");
}
