//! Running the program, each test with a configuration of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::mem;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use url::Url;

/// A person's configuration, and the program with it.
pub(crate) struct Tent {
    folder: TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Tent {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn credentials(&self) -> PathBuf {
        self.folder.path().join("tent/credentials.json")
    }

    /// What is stored, as bytes.
    pub(crate) fn stored(&self) -> Vec<u8> {
        fs::read(self.credentials()).unwrap_or_default()
    }

    /// The program, in an environment that has nothing in it but its configuration folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tent"));
        command
            .args(arguments)
            .env_clear()
            .env("TENT_CONFIG_DIR", self.folder.path().join("tent"))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().unwrap().into()
    }

    /// Runs with something on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The program may end without reading it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap().into()
    }

    /// Begins to log in; `arguments` follow `login`.
    pub(crate) fn begin_login(&self, arguments: &[&str]) -> LoggingIn {
        let arguments = [&["login", "--no-browser"], arguments].concat();
        let mut child = self
            .command(&arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap());
        let mut err = String::new();
        let url = loop {
            let mut line = String::new();
            let read = told.read_line(&mut line).unwrap();
            assert!(read > 0, "the login ended: {err}");
            err.push_str(&line);
            if let Some(url) = line.strip_prefix("open ") {
                break url.trim().parse().unwrap();
            }
        };
        LoggingIn {
            child,
            url,
            told,
            err,
        }
    }
}

/// A login that waits for the person.
pub(crate) struct LoggingIn {
    child: Child,
    /// What to open.
    pub(crate) url: Url,
    told: BufReader<ChildStderr>,
    err: String,
}

impl LoggingIn {
    /// A parameter of the URL to open.
    pub(crate) fn parameter(&self, name: &str) -> String {
        let mut pairs = self.url.query_pairs();
        let found = pairs.find(|(other, _)| other == name);
        found
            .unwrap_or_else(|| panic!("there is no {name}"))
            .1
            .into_owned()
    }

    /// Where the browser comes back to, with this query; `{state}` stands for the state.
    pub(crate) fn redirect(&self, query: &str) -> Url {
        let query = query.replace("{state}", &self.parameter("state"));
        let uri = format!("{}?{query}", self.parameter("redirect_uri"));
        uri.parse().unwrap()
    }

    pub(crate) fn paste(&mut self, line: &str) {
        let mut input = self.child.stdin.as_ref().unwrap();
        writeln!(input, "{line}").unwrap();
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ran {
        drop(self.child.stdin.take());
        self.told.read_to_string(&mut self.err).unwrap();
        let (mut out, mut stdout) = (String::new(), self.child.stdout.take().unwrap());
        stdout.read_to_string(&mut out).unwrap();
        Ran {
            code: self
                .child
                .wait()
                .unwrap()
                .code()
                .expect("it was not killed"),
            out,
            err: mem::take(&mut self.err),
        }
    }
}

/// A test that fails leaves no login that waits.
impl Drop for LoggingIn {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it was not killed"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// What it wrote, when all went well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// What it said on standard error, when it ended with this code and wrote nothing.
    #[track_caller]
    pub(crate) fn fails_with(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self.err
    }

    /// The object it told of its failure with `--json`.
    #[track_caller]
    pub(crate) fn failure(self, code: i32) -> Value {
        let err = self.fails_with(code);
        let failure: Value = serde_json::from_str(&err).unwrap();
        let members: Vec<_> = failure.as_object().unwrap().keys().collect();
        assert_eq!(members, ["cause", "error", "hint", "status"]);
        failure
    }
}
