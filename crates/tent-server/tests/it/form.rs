//! Forms as clients write them.

use std::path::Path;

use axum::body::Body;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};
use tent_proto::mac::Credentials;

use crate::world::{Answer, STATUS, TENT, World};

pub(crate) const FORM: &str = "multipart/form-data; boundary=b7f2";

/// A part with these lines for its head.
pub(crate) fn part(head: &[&str], content: &str) -> String {
    format!("--b7f2\r\n{}\r\n\r\n{content}\r\n", head.join("\r\n"))
}

/// The part of a post.
pub(crate) fn post_part(post: &Value) -> String {
    let disposition = "Content-Disposition: form-data; name=\"post\"; filename=\"post.json\"";
    let media_type = format!("Content-Type: {TENT}");
    part(&[disposition, &media_type], &post.to_string())
}

/// The part of a file.
pub(crate) fn file(category: &str, name: &str, media_type: &str, content: &str) -> String {
    let disposition =
        format!("Content-Disposition: form-data; name=\"{category}\"; filename=\"{name}\"");
    part(
        &[&disposition, &format!("Content-Type: {media_type}")],
        content,
    )
}

pub(crate) fn form(parts: &[String]) -> String {
    format!("{}--b7f2--\r\n", parts.concat())
}

/// A public status.
pub(crate) fn status(text: &str) -> Value {
    json!({"type": STATUS, "content": {"text": text}, "permissions": {"public": true}})
}

/// A file of a post: category, name, type, content.
pub(crate) type File<'a> = (&'a str, &'a str, &'a str, &'a str);

impl World {
    pub(crate) async fn send_form(
        &self,
        credentials: Option<&Credentials>,
        (method, path): (&str, &str),
        content_type: &str,
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = self
            .request(method, &format!("/tent{path}"))
            .header(CONTENT_TYPE, content_type);
        if let Some(credentials) = credentials {
            request = request.header(AUTHORIZATION, self.sign(credentials, method, path));
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Publishes a public status with these files, and gives it.
    pub(crate) async fn attach(&self, user: &Credentials, files: &[File<'_>]) -> Value {
        self.try_attach(user, files).await.ok().json()
    }

    pub(crate) async fn try_attach(&self, user: &Credentials, files: &[File<'_>]) -> Answer {
        let mut parts = vec![post_part(&status("Look"))];
        parts.extend(files.iter().map(|(category, name, media_type, content)| {
            file(category, name, media_type, content)
        }));
        let target = ("POST", "/posts");
        self.send_form(Some(user), target, FORM, form(&parts)).await
    }

    /// Asks for a file with these headers, as a stranger.
    pub(crate) async fn download(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.request("GET", &format!("/tent{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// The content of a file of this type.
    pub(crate) async fn content(&self, path: &str, media_type: &str) -> String {
        let answer = self.download(path, &[(ACCEPT.as_str(), media_type)]).await;
        answer.ok().text().to_owned()
    }
}

/// The files of a folder for attachments: hashes, and what is on its way.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_lock = |name: &String| name.ends_with("-lock");
    names.filter(|name| !is_lock(name)).collect()
}
