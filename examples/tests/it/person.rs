//! A person with a server, and a browser that knows forms and one cookie.

use std::thread;

use http::Response;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use tent_server::{Database, TentServer};
use tokio::runtime::Builder;
use ureq::{Agent, Body};
use url::Url;

const PASSPHRASE: &str = "correct horse battery staple";

/// Starts a server of a new person in a thread of its own, and says who they are.
pub(crate) fn start() -> String {
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let entity = format!("http://{}", listener.local_addr().unwrap());
            let server = TentServer::builder()
                .entity(entity.parse().unwrap())
                .database(Database::in_memory().unwrap())
                .passphrase(PASSPHRASE)
                .build()
                .await
                .unwrap();
            sender.send(entity).unwrap();
            server
                .serve(listener, std::future::pending())
                .await
                .unwrap();
        });
    });
    receiver.recv().unwrap()
}

/// Opens the URL, signs in and approves, and goes where that leads.
pub(crate) fn approve(url: &str) {
    let url: Url = url.parse().unwrap();
    let config = Agent::config_builder();
    let mut browser = Browser {
        http: config.max_redirects(0).proxy(None).build().into(),
        cookie: String::new(),
    };
    let sign_in = browser.get(&url);
    let mut page = browser.submit(&url, &sign_in, ("passphrase", PASSPHRASE));
    if let Some(next) = page.leads_to(&url) {
        page = browser.get(&next);
    }
    let approved = browser.submit(&url, &page, ("decision", "approve"));
    let back = approved.leads_to(&url).unwrap();
    assert_ne!(back.port(), url.port(), "not back at the app: {back}");
    browser.get(&back);
}

struct Browser {
    http: Agent,
    cookie: String,
}

struct Page {
    location: Option<String>,
    html: String,
}

impl Browser {
    fn get(&mut self, url: &Url) -> Page {
        let request = self.http.get(url.as_str()).header(COOKIE, &self.cookie);
        self.load(request.call().unwrap())
    }

    /// Submits the form of a page with its hidden fields and one more.
    fn submit(&mut self, url: &Url, page: &Page, field: (&str, &str)) -> Page {
        let request = self.http.post(page.action(url).as_str());
        let request = request.header(COOKIE, &self.cookie);
        self.load(request.send_form(page.hidden().chain([field])).unwrap())
    }

    fn load(&mut self, mut answer: Response<Body>) -> Page {
        let text = |name| {
            answer
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap())
        };
        if let Some(cookie) = text(SET_COOKIE) {
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
        Page {
            location: text(LOCATION).map(str::to_owned),
            html: answer.body_mut().read_to_string().unwrap(),
        }
    }
}

impl Page {
    fn leads_to(&self, from: &Url) -> Option<Url> {
        let location = self.location.as_ref()?;
        Some(from.join(location).unwrap())
    }

    fn action(&self, from: &Url) -> Url {
        let action = attribute(&self.html, "action").unwrap_or_default();
        from.join(&action.replace("&amp;", "&")).unwrap()
    }

    fn hidden(&self) -> impl Iterator<Item = (&str, &str)> {
        self.html
            .split("<input")
            .filter(|input| input.contains("type=\"hidden\""))
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
    }
}

fn attribute<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = html.split_once(&format!("{name}=\""))?;
    rest.split('"').next()
}
