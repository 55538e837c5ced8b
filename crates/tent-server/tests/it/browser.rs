//! A browser: it keeps a cookie, and fills forms.

use axum::body::Body;
use http::StatusCode;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use url::Url;

use crate::world::{Answer, PASSPHRASE, World, encoded};

/// A browser: it keeps a cookie, and fills forms.
#[derive(Default)]
pub(crate) struct Browser {
    pub(crate) cookie: Option<String>,
}

impl Browser {
    async fn send(
        &mut self,
        world: &World,
        method: &str,
        target: &str,
        form: Option<&str>,
    ) -> Answer {
        let mut request = world.request(method, target);
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        let body = form.map_or_else(Body::empty, |form| Body::from(form.to_owned()));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = world.send(request.body(body).unwrap()).await;
        if let Some((pair, _)) = answer.header(SET_COOKIE).split_once(';') {
            self.cookie = Some(pair.to_owned());
        }
        answer
    }

    /// Opens a page.
    pub(crate) async fn visit(&mut self, world: &World, target: &str) -> Answer {
        self.send(world, "GET", target, None).await
    }

    /// Sends a form of a page with its token and these pairs.
    pub(crate) async fn fill(
        &mut self,
        world: &World,
        target: &str,
        page: &Answer,
        pairs: &str,
    ) -> Answer {
        let fields = hidden_fields(page.text());
        let csrf = fields.split('&').find(|field| field.starts_with("csrf="));
        let form = format!("{}&{pairs}", csrf.unwrap_or_default());
        self.send(world, "POST", target, Some(&form)).await
    }

    /// Opens the approval page.
    pub(crate) async fn open(&mut self, world: &World, query: &str) -> Answer {
        self.visit(world, &approval(world, query)).await
    }

    /// Sends the form of the approval page with its hidden fields and these pairs.
    pub(crate) async fn submit(
        &mut self,
        world: &World,
        query: &str,
        page: &Answer,
        pairs: &str,
    ) -> Answer {
        let form = format!("{}&{pairs}", hidden_fields(page.text()));
        self.send(world, "POST", &approval(world, query), Some(&form))
            .await
    }

    pub(crate) async fn sign_in(&mut self, world: &World, query: &str) {
        let page = self.open(world, query).await.ok();
        let pairs = format!("passphrase={}", encoded(PASSPHRASE));
        let answer = self.submit(world, query, &page, &pairs).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        assert_eq!(answer.header(LOCATION), approval(world, query));
    }

    /// Approves all that is asked for, and gives the code.
    pub(crate) async fn approve(&mut self, world: &World, query: &str) -> String {
        let page = self.open(world, query).await.ok();
        let answer = self.submit(world, query, &page, "decision=approve").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let location = Url::parse(answer.header(LOCATION)).unwrap();
        let code = location.query_pairs().find(|(name, _)| name == "code");
        code.expect("there is a code").1.into_owned()
    }
}

fn approval(world: &World, query: &str) -> String {
    world.target(&format!("/oauth/authorize?{query}"))
}

/// The hidden fields of a page's form, as they are sent.
pub(crate) fn hidden_fields(page: &str) -> String {
    let fields = page
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            let (value, _) = rest.split_once('"').unwrap();
            format!("{name}={}", encoded(value))
        });
    fields.collect::<Vec<_>>().join("&")
}
