//! A real browser, driven by WebDriver (<https://www.w3.org/TR/webdriver2/>).

pub(crate) mod look;

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tent_testkit::say;
use ureq::Agent;

/// The member that WebDriver gives an element in (§11).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

/// Chromium, without a window, on a fresh profile.
pub(crate) struct Chromium {
    driver: Child,
    agent: Agent,
    session: String,
}

impl Chromium {
    /// Starts it. Where there is none, this says aloud that the test is left out, or fails when
    /// `TENT_REQUIRE_BROWSER` is set.
    pub(crate) fn start(test: &str) -> Option<Self> {
        let (Some(driver), Some(browser)) = (program("chromedriver"), program("chromium")) else {
            let required = env::var_os("TENT_REQUIRE_BROWSER").is_some_and(|value| value != "0");
            assert!(!required, "there is no chromium, or no chromedriver");
            say(&format!(
                "\nNOT TESTED: {test}. It needs the programs chromium and chromedriver (Debian: \
                 chromium, chromium-driver); with TENT_REQUIRE_BROWSER=1 it fails without them."
            ));
            return None;
        };
        let (driver, port) = (0..ATTEMPTS)
            .find_map(|_| begin(&driver))
            .expect("the driver finds a port");
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        let mut chromium = Self {
            driver,
            agent: agent.into(),
            session: format!("http://127.0.0.1:{port}/session"),
        };
        let options = json!({
            "binary": browser,
            "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server", "--lang=en"],
        });
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let wanted = json!({"capabilities": {"alwaysMatch": wanted}});
        let begun = chromium.ask("POST", "", Some(wanted));
        chromium.session = format!("{}/{}", chromium.session, text(&begun["sessionId"]));
        Some(chromium)
    }

    /// Asks the driver for something about the session.
    fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let url = format!("{}{path}", self.session);
        let answer = match (method, body) {
            ("GET", _) => self.agent.get(url).call(),
            ("DELETE", _) => self.agent.delete(url).call(),
            (_, body) => {
                let body = body.unwrap_or_else(|| json!({})).to_string();
                let request = self.agent.post(url);
                request.content_type("application/json").send(body)
            }
        };
        let mut answer = answer.unwrap();
        let body = answer.body_mut().read_to_string().unwrap();
        let mut body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(answer.status(), 200, "{method} {path}: {body}");
        body["value"].take()
    }

    /// Opens a page, and waits until it is there.
    pub(crate) fn open(&self, url: &str) {
        self.ask("POST", "/url", Some(json!({"url": url})));
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        text(&self.ask("GET", "/url", None))
    }

    /// The names of the cookies that the page gets, those that scripts cannot see included.
    pub(crate) fn cookies(&self) -> Vec<String> {
        let cookies = self.ask("GET", "/cookie", None);
        let cookies = cookies.as_array().unwrap().iter();
        cookies.map(|cookie| text(&cookie["name"])).collect()
    }

    pub(crate) fn title(&self) -> String {
        text(&self.ask("GET", "/title", None))
    }

    /// The text of the page, as it is seen.
    pub(crate) fn text(&self) -> String {
        let body = self.find("body");
        text(&self.ask("GET", &format!("/element/{body}/text"), None))
    }

    fn find(&self, css: &str) -> String {
        let how = json!({"using": "css selector", "value": css});
        text(&self.ask("POST", "/element", Some(how))[ELEMENT])
    }

    /// Clicks an element.
    pub(crate) fn click(&self, css: &str) {
        let element = self.find(css);
        self.ask("POST", &format!("/element/{element}/click"), None);
    }

    /// Types into a field.
    pub(crate) fn write(&self, css: &str, text: &str) {
        let element = self.find(css);
        let path = format!("/element/{element}/value");
        self.ask("POST", &path, Some(json!({"text": text})));
    }

    /// Presses a key once, wherever the focus is.
    fn press(&self, key: char) {
        let keys = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
        let actions = json!([{"type": "key", "id": "keyboard", "actions": keys}]);
        self.ask("POST", "/actions", Some(json!({"actions": actions})));
    }

    /// Clicks an element that leads to another page, and waits until that is there.
    pub(crate) fn follow(&self, css: &str) {
        self.leave(|| self.click(css));
    }

    /// Presses Enter, wherever the focus is, and waits for the page that this leads to.
    pub(crate) fn enter(&self) {
        self.leave(|| self.press(ENTER));
    }

    /// Does what leads to another page, and waits for it: one without the mark that this one gets.
    fn leave(&self, act: impl FnOnce()) {
        self.run("window.isOld = true");
        act();
        let script = "const done = arguments[0];
            const look = () => window.isOld || document.readyState !== 'complete' ? setTimeout(look, 5) : done();
            look();";
        let body = json!({"script": script, "args": []}).to_string();
        for _ in 0..50 {
            // A script fails with the page that it is in.
            let request = self.agent.post(format!("{}/execute/async", self.session));
            let answer = request
                .content_type("application/json")
                .send(&body)
                .unwrap();
            if answer.status() == 200 {
                return;
            }
        }
        panic!("no page comes after {:?}", self.title());
    }

    /// What a function of the page's own language gives.
    pub(crate) fn run(&self, script: &str) -> Value {
        let body = json!({"script": script, "args": []});
        self.ask("POST", "/execute/sync", Some(body))
    }

    /// What comes into focus from key to key, until the focus leaves the page or comes to the first
    /// again.
    pub(crate) fn tab_order(&self) -> Vec<String> {
        self.run("document.activeElement.blur(); window.getSelection().removeAllRanges(); window.scrollTo(0, 0);");
        let mut order: Vec<String> = Vec::new();
        loop {
            self.press(TAB);
            let focused = self.run(include_str!("chromium/focused.js"));
            assert_ne!(
                focused["visible"], false,
                "the focus is not seen: {focused}"
            );
            let name = text(&focused["name"]);
            if name == "BODY" || order.first() == Some(&name) {
                return order;
            }
            order.push(name);
            assert!(order.len() < 100, "{order:?}");
        }
    }

    /// What the browser has complained of since it was last asked.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let entries = self.ask("POST", "/se/log", Some(json!({"type": "browser"})));
        let entries = entries.as_array().unwrap().iter();
        let bad = entries.filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        bad.map(|entry| text(&entry["message"])).collect()
    }

    /// Tells the developers' side of the browser to do something.
    fn emulate(&self, command: &str, parameters: &Value) {
        let body = json!({"cmd": format!("Emulation.{command}"), "params": parameters});
        self.ask("POST", "/goog/cdp/execute", Some(body));
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The browser goes with its session, and not with the driver.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// How often the driver is started: one that finds a port is told that it is taken when another took it
/// in the meantime.
const ATTEMPTS: usize = 5;

/// Starts the driver. `None` when it ends without the port that it found for itself.
fn begin(program: &Path) -> Option<(Child, u16)> {
    let mut driver = Command::new(program)
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let told = BufReader::new(driver.stdout.take().unwrap());
    let port = told.lines().find_map(|line| {
        let line = line.unwrap();
        let (_, port) = line.split_once("was started successfully on port ")?;
        Some(port.trim_end_matches('.').parse().unwrap())
    });
    if port.is_none() {
        driver.wait().unwrap();
    }
    Some((driver, port?))
}

/// Where a program is, if it is installed.
fn program(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    let mut files = env::split_paths(&folders).map(|folder| folder.join(name));
    files.find(|file| file.is_file())
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}
