use clap::{Args as _, Command, FromArgMatches as _};

use super::*;

/// A setting, and two values that it may have.
const VALUES: [(&str, &str, &str); 19] = [
    ("listen", "127.0.0.1:1", "127.0.0.1:2"),
    ("data", "/a", "/b"),
    ("database", "postgres://a", "postgres://b"),
    ("attachments", "/a", "/b"),
    ("entity", "https://a.example", "https://b.example"),
    ("passphrase-file", "/a", "/b"),
    ("limit", "1/2", "3/4"),
    ("limit-address", "1/2", "3/4"),
    ("limit-stranger", "1/2", "3/4"),
    ("no-limits", "true", "false"),
    ("file-size", "1", "2"),
    ("post-size", "1", "2"),
    ("proxy", "192.0.2.1", "192.0.2.2"),
    ("own-network", "true", "false"),
    ("monitor", "127.0.0.1:1", "127.0.0.1:2"),
    ("drain", "1", "2"),
    ("log", "info", "debug"),
    ("log-format", "text", "json"),
    ("insecure", "true", "false"),
];

fn typed_in(arguments: &[String]) -> Settings {
    let command = Settings::augment_args(Command::new("serve").no_binary_name(true));
    let matches = command.try_get_matches_from(arguments).unwrap();
    Settings::from_arg_matches(&matches).unwrap()
}

fn variable(name: &str, value: &str) -> (OsString, OsString) {
    (variable_of(name).into(), value.into())
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    file
}

fn read_all(command_line: Settings, environment: &[(&str, &str)], text: &str) -> String {
    let environment = environment
        .iter()
        .map(|(name, value)| variable(name, value));
    let file = file(text);
    let settings = read(command_line, environment, Some(file.path()));
    shown(&settings.unwrap())
}

/// All of them, with what is not to be seen.
fn shown(settings: &Settings) -> String {
    let database = settings.database.as_ref().map(Secret::expose);
    format!("{settings:?} {database:?}")
}

/// What is told of what is wrong.
fn refused(environment: &[(&str, &str)], text: &str) -> String {
    let environment = environment
        .iter()
        .map(|(name, value)| variable(name, value));
    let file = file(text);
    let stop = read(Settings::default(), environment, Some(file.path())).unwrap_err();
    format!("{stop:?}")
}

#[test]
fn each_has_a_value_here() {
    let names: Vec<_> = VALUES.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(Settings::names(), names);
}

#[test]
fn each_can_be_said_in_three_places_and_the_nearest_counts() {
    let unset = shown(&Settings::default());
    for (name, one, other) in VALUES {
        let flag = |value| match name {
            "insecure" => {
                let mut settings = Settings::default();
                settings.insecure = Some(value == "true");
                settings
            }
            _ => typed_in(&[format!("--{name}={value}")]),
        };
        let in_file = |value| format!("{name} = {value:?}");
        let first = read_all(flag(one), &[], "");
        let second = read_all(flag(other), &[], "");
        assert!(
            first != second && first != unset && second != unset,
            "{name}"
        );
        assert_eq!(read_all(Settings::default(), &[], &in_file(one)), first);
        assert_eq!(read_all(Settings::default(), &[(name, one)], ""), first);
        let both = read_all(Settings::default(), &[(name, one)], &in_file(other));
        assert_eq!(
            both, first,
            "{name}: the environment counts more than the file"
        );
        let both = read_all(flag(one), &[(name, other)], &in_file(other));
        assert_eq!(both, first, "{name}: the command line counts most");
        assert_eq!(read_all(Settings::default(), &[(name, "")], ""), unset);
    }
}

#[test]
fn a_file_may_have_numbers_truth_values_and_lists() {
    let file = "drain = 5\nno-limits = true\nproxy = [\"192.0.2.1\", \"::1\"]\n";
    let flags = [
        "--drain=5",
        "--no-limits",
        "--proxy=192.0.2.1",
        "--proxy=::1",
    ];
    let flags = read_all(typed_in(&flags.map(str::to_owned)), &[], "");
    assert_eq!(read_all(Settings::default(), &[], file), flags);
    let environment = [
        ("drain", "5"),
        ("no-limits", "true"),
        ("proxy", "192.0.2.1, ::1"),
    ];
    assert_eq!(read_all(Settings::default(), &environment, ""), flags);
}

#[test]
fn what_is_wrong_is_told_by_its_name() {
    for (text, told) in [
        (
            "\nlimt = \"1/2\"",
            &["there is no setting limt", "limit-address"][..],
        ),
        ("limit = \"fast\"", &["the setting limit in", "600/60"]),
        ("listen = 80", &["the setting listen in"]),
        ("drain = -1", &["the setting drain in"]),
        (
            "proxy = [\"192.0.2.1\", \"here\"]",
            &["the setting proxy in"],
        ),
        ("entity = \"\"", &["the setting entity in"]),
        ("log-format = \"xml\"", &["the setting log-format in"]),
        ("\nlimit", &["line 2 of"]),
        ("[limits]\nread = 1", &["there is no setting limits"]),
        (
            "limit = { read = 1 }",
            &["the setting limit in", "a string or a number"],
        ),
    ] {
        let failure = refused(&[], text);
        for told in told {
            assert!(failure.contains(told), "{text}: {failure}");
        }
    }
    let failure = refused(&[("limit-address", "fast")], "");
    assert!(failure.contains("TENT_LIMIT_ADDRESS is wrong"), "{failure}");
}

#[test]
fn each_is_documented() {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operating.md");
    let document = fs::read_to_string(document).unwrap();
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows: Vec<_> = rows
        .filter_map(|row| Some(row.split_once("` |")?.0))
        .collect();
    for name in Settings::names() {
        assert!(rows.contains(&name.as_str()), "{name}");
    }
    let rows = rows.iter().filter(|row| !row.starts_with("tent_"));
    assert_eq!(rows.count(), Settings::names().len(), "there is no other");
}

#[test]
fn the_file_to_begin_with_is_right() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/tent.toml");
    let settings = read(Settings::default(), std::iter::empty(), Some(file.as_ref())).unwrap();
    assert_eq!(settings.entity.unwrap().as_str(), "https://alice.example");
}
