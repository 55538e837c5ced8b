//! How much may be attached, and what becomes of a server that stops in the midst of it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::Frame;
use tent_server::{AttachmentLimits, StartError};
use tokio::sync::mpsc;

use crate::form::{FORM, file, files, form, post_part, status};
use crate::world::{START, STATUS, World, builder};

const TARGET: (&str, &str) = ("POST", "/posts");

fn few() -> AttachmentLimits {
    let mut limits = AttachmentLimits::default();
    (limits.file, limits.post, limits.files) = (10, 2000, 3);
    limits
}

#[tokio::test]
async fn more_than_may_be_attached_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("files");
    let world = World::built(|server| server.attachments(&folder).attachment_limits(few())).await;
    let user = world.log_in("write_posts", STATUS).await;
    let send = async |files: &[(&str, &str)]| {
        let mut parts = vec![post_part(&status("Look"))];
        parts.extend(
            files
                .iter()
                .map(|(name, content)| file("a", name, "a/a", content)),
        );
        world
            .send_form(Some(&user), TARGET, FORM, form(&parts))
            .await
    };
    let ten = "0123456789";
    send(&[("a", ten), ("b", ten), ("c", ten)]).await.ok();
    for (files, text) in [
        (&[("a", "0123456789x")][..], "a is longer than 10 bytes"),
        (
            &[("a", ""), ("b", ""), ("c", ""), ("d", "")],
            "the form has more than the 4 parts that are taken",
        ),
    ] {
        let answer = send(files).await;
        assert_eq!(answer.error(), (413, text.to_owned()));
    }
    // Parts without content count as well.
    let long = form(&[post_part(&status(&"x".repeat(2000)))]);
    let too_long = (413, "the form is longer than 1 KiB".to_owned());
    let answer = world
        .send_form(Some(&user), TARGET, FORM, long.clone())
        .await;
    assert_eq!(answer.error(), too_long, "declared");
    let pieces = Pieces::of(long.as_bytes().chunks(100));
    let answer = world.send_form(Some(&user), TARGET, FORM, pieces).await;
    assert_eq!(answer.error(), too_long, "not declared");
    assert_eq!(files(&folder).len(), 1);
}

/// A body whose length is not declared; it breaks off, or does not end while there is a sender.
pub(crate) struct Pieces(mpsc::UnboundedReceiver<Option<Bytes>>);

impl Pieces {
    pub(crate) fn pair() -> (mpsc::UnboundedSender<Option<Bytes>>, Body) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (sender, Body::new(Self(receiver)))
    }

    fn of<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Body {
        let (sender, body) = Self::pair();
        for piece in pieces {
            sender.send(Some(Bytes::copy_from_slice(piece))).unwrap();
        }
        body
    }
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let broken = || std::io::ErrorKind::ConnectionReset.into();
        self.0
            .poll_recv(context)
            .map(|piece| piece.map(|piece| piece.map(Frame::data).ok_or_else(broken)))
    }
}

#[tokio::test]
async fn it_does_not_matter_how_a_form_is_cut() {
    let world = World::new().await;
    let user = world.log_in("write_posts", STATUS).await;
    let content = format!("--b7f\r\n--b7f{}\r", "\r\n".repeat(300));
    let parts = [
        post_part(&status("Look")),
        file("a", "a", "text/plain", &content),
    ];
    let form = form(&parts);
    for size in [1, 2, 7, 64, form.len()] {
        let pieces = Pieces::of(form.as_bytes().chunks(size));
        let answer = world.send_form(Some(&user), TARGET, FORM, pieces).await;
        let path = format!(
            "/posts/{}/attachments/a",
            answer.ok().json()["id"].as_str().unwrap()
        );
        assert_eq!(world.content(&path, "text/plain").await, content, "{size}");
    }
}

#[tokio::test]
async fn an_upload_that_breaks_off_or_stands_still_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("files");
    let world = World::built(|server| server.attachments(&folder)).await;
    let user = world.log_in("write_posts", STATUS).await;
    let start = form(&[
        post_part(&status("Look")),
        file("a", "a", "a/a", &"x".repeat(400_000)),
    ]);
    let start = Bytes::from(start[..350_000].to_owned());

    let (sender, body) = Pieces::pair();
    sender.send(Some(start.clone())).unwrap();
    sender.send(None).unwrap();
    let answer = world.send_form(Some(&user), TARGET, FORM, body).await;
    assert_eq!(answer.error(), (400, "the body broke off".to_owned()));
    assert_eq!(files(&folder), [""; 0]);

    let (sender, body) = Pieces::pair();
    sender.send(Some(start)).unwrap();
    tokio::time::pause();
    let answer = world.send_form(Some(&user), TARGET, FORM, body).await;
    assert_eq!(
        answer.error(),
        (408, "the body did not come in time".to_owned())
    );
    assert_eq!(files(&folder), [""; 0]);
    drop(sender);
}

/// What a crash leaves: database and files as they are now, with the server still running.
#[tokio::test]
async fn a_folder_has_one_server() {
    let directory = tempfile::tempdir().unwrap();
    let start = async || {
        let server = builder(&Arc::new(AtomicI64::new(START)));
        server
            .attachments(directory.path().join("files"))
            .build()
            .await
    };
    let first = start().await.unwrap();
    let second = start().await.unwrap_err();
    assert!(matches!(second, StartError::Attachments(..)), "{second:?}");
    drop(first);
    start().await.unwrap();
}
