//! A post and its attachments in one body (`multipart/form-data`, RFC 7578).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bytes::Bytes;
use tent_flow::{Body, Seed, Segment};

use crate::{BuildError, Upload};

/// What stands between the parts. It is random, so that no file holds it.
#[derive(Clone)]
pub(crate) struct Boundary(String);

impl Boundary {
    pub(crate) fn new(seed: Seed) -> Self {
        let bytes = seed.into_bytes();
        let digits = bytes.iter().take(16).map(|byte| format!("{byte:02x}"));
        Self(format!("tent-{}", digits.collect::<String>()))
    }

    pub(crate) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.0)
    }
}

/// The body: the post first, as servers need it, then the files, each with a length that is known
/// before it is read.
///
/// The post is known by its type, and needs a file name to count as a part. Files of one category are
/// numbered, since a name that is repeated means the last file alone (`docs/protocol.md` §6.6.7).
pub(crate) fn body(
    boundary: &Boundary,
    post: &Bytes,
    uploads: &[Upload],
) -> Result<Body, BuildError> {
    let mut names = BTreeSet::new();
    let mut segments = Vec::with_capacity(2 * uploads.len() + 3);
    let Boundary(boundary) = boundary;
    let head = part(
        boundary,
        "post",
        "post.json",
        "application/vnd.tent.v0+json",
        post.len() as u64,
    );
    segments.push(Segment::Bytes(head.into()));
    segments.push(Segment::Bytes(post.clone()));
    for (index, upload) in uploads.iter().enumerate() {
        check(upload)?;
        if !names.insert((upload.name(), upload.media_type())) {
            return Err(BuildError::Attachment(
                upload.name().to_owned(),
                "is there twice",
            ));
        }
        let is_of_category = |other: &&Upload| other.category() == upload.category();
        let mut category = upload.category().to_owned();
        if uploads.iter().filter(is_of_category).count() > 1 {
            let before = uploads.iter().take(index).filter(is_of_category).count();
            category = format!("{category}[{before}]");
        }
        let head = part(
            boundary,
            &category,
            upload.name(),
            upload.media_type(),
            upload.len(),
        );
        segments.push(Segment::Bytes(format!("\r\n{head}").into()));
        segments.push(upload.content().clone());
    }
    segments.push(Segment::Bytes(format!("\r\n--{boundary}--\r\n").into()));
    Ok(Body::from_segments(segments))
}

fn part(boundary: &str, name: &str, filename: &str, media_type: &str, length: u64) -> String {
    let mut head = format!("--{boundary}\r\n");
    // Writing into a string never fails.
    let _ = write!(
        head,
        "Content-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"\r\n\
         Content-Length: {length}\r\n\
         Content-Type: {media_type}\r\n\
         Content-Transfer-Encoding: binary\r\n\r\n"
    );
    head
}

/// Refuses what would break the head of a part, or what servers read in different ways.
fn check(upload: &Upload) -> Result<(), BuildError> {
    let is_bad = |text: &str, bad: &[char]| {
        text.is_empty() || text.contains(bad) || text.contains(char::is_control)
    };
    let refuse = |what| Err(BuildError::Attachment(upload.name().to_owned(), what));
    if is_bad(upload.name(), &['"', '\\', '/']) {
        return refuse("has a name that cannot be sent");
    }
    if is_bad(upload.category(), &['"', '\\', '[', ']']) {
        return refuse("has a category that cannot be sent");
    }
    let is_type = upload
        .media_type()
        .split_once('/')
        .is_some_and(|(kind, rest)| {
            let token = |text: &str| {
                let is_mark = |byte| b"!#$&^_.+-".contains(&byte);
                !text.is_empty()
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
            };
            token(kind) && token(rest)
        });
    if is_type {
        Ok(())
    } else {
        refuse("has a media type that is none, or has parameters")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    fn read(body: &Body) -> Vec<u8> {
        let mut bytes = Vec::new();
        body.reader().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, body.len());
        bytes
    }

    #[test]
    fn the_documented_example_comes_out_byte_for_byte() {
        let boundary = Boundary("TentBoundary7f3a".into());
        let post = r#"{"type":"https://tent.io/types/post/photo/v0.1.0","permissions":{"public":true},"content":{"caption":"Harbour at dusk"}}"#;
        let uploads = [
            Upload::bytes("photos", "a.jpg", "AAAAAAAA"),
            Upload::bytes("photos", "b.jpg", "BBBBBBBB"),
        ];
        let body = read(&body(&boundary, &Bytes::from_static(post.as_bytes()), &uploads).unwrap());
        let expected = format!(
            "--TentBoundary7f3a\r\n\
             Content-Disposition: form-data; name=\"post\"; filename=\"post.json\"\r\n\
             Content-Length: 120\r\n\
             Content-Type: application/vnd.tent.v0+json\r\n\
             Content-Transfer-Encoding: binary\r\n\r\n\
             {post}\r\n\
             --TentBoundary7f3a\r\n\
             Content-Disposition: form-data; name=\"photos[0]\"; filename=\"a.jpg\"\r\n\
             Content-Length: 8\r\n\
             Content-Type: image/jpeg\r\n\
             Content-Transfer-Encoding: binary\r\n\r\n\
             AAAAAAAA\r\n\
             --TentBoundary7f3a\r\n\
             Content-Disposition: form-data; name=\"photos[1]\"; filename=\"b.jpg\"\r\n\
             Content-Length: 8\r\n\
             Content-Type: image/jpeg\r\n\
             Content-Transfer-Encoding: binary\r\n\r\n\
             BBBBBBBB\r\n\
             --TentBoundary7f3a--\r\n"
        );
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }

    #[test]
    fn what_would_break_the_form_is_refused() {
        let refused = |upload: Upload| {
            let boundary = Boundary("b".into());
            body(&boundary, &Bytes::new(), &[upload])
                .unwrap_err()
                .to_string()
        };
        for name in ["", "a\"b", "a/b", "a\\b", "a\r\nb", "\0"] {
            assert!(
                refused(Upload::bytes("photos", name, "x")).contains("name"),
                "{name:?}"
            );
        }
        for category in ["", "a[]", "a\"", "a\n"] {
            let upload = Upload::bytes(category, "a", "x");
            assert!(refused(upload).contains("category"), "{category:?}");
        }
        for media_type in ["", "image", "image/png; q=1", "image/", "a/b\r\n"] {
            let upload = Upload::bytes("photos", "a", "x").with_media_type(media_type);
            assert!(refused(upload).contains("media type"), "{media_type:?}");
        }
        let twice = [
            Upload::bytes("photos", "a.png", "x"),
            Upload::bytes("others", "a.png", "y"),
        ];
        let error = body(&Boundary("b".into()), &Bytes::new(), &twice).unwrap_err();
        assert!(error.to_string().contains("twice"), "{error}");
    }

    /// The name, file name and content of each part.
    fn parts(body: &[u8], boundary: &str) -> Vec<(String, String, Vec<u8>)> {
        let delimiter = format!("\r\n--{boundary}");
        let body = [b"\r\n", body].concat();
        let mut parts = Vec::new();
        let mut rest = &body[..];
        while let Some(at) = find(rest, delimiter.as_bytes()) {
            let part = &rest[at + delimiter.len()..];
            let end = find(part, delimiter.as_bytes()).unwrap_or(part.len());
            if part.starts_with(b"--") {
                break;
            }
            let split = find(&part[..end], b"\r\n\r\n").unwrap();
            let head = String::from_utf8(part[..split].to_vec()).unwrap();
            let value = |name: &str| {
                let (_, rest) = head.split_once(&format!("{name}=\"")).unwrap();
                rest.split('"').next().unwrap().to_owned()
            };
            parts.push((
                value("; name"),
                value("filename"),
                part[split + 4..end].to_vec(),
            ));
            rest = part;
        }
        parts
    }

    fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
        bytes
            .windows(wanted.len())
            .position(|window| window == wanted)
    }

    proptest! {
        #[test]
        fn every_part_comes_back(
            post in proptest::collection::vec(any::<u8>(), 0..80),
            files in proptest::collection::btree_map("[a-zé ]{1,8}\\.png", ("[a-z]{1,3}", proptest::collection::vec(any::<u8>(), 0..200)), 0..5),
        ) {
            let boundary = Boundary::new(Seed::new([7; 32]));
            let uploads: Vec<Upload> = files
                .iter()
                .map(|(name, (category, bytes))| Upload::bytes(category, name, bytes.clone()))
                .collect();
            let body = read(&body(&boundary, &post.clone().into(), &uploads).unwrap());
            let parts = parts(&body, &boundary.0);
            prop_assert_eq!(parts.len(), files.len() + 1);
            prop_assert_eq!(&parts[0], &("post".to_owned(), "post.json".to_owned(), post));
            let mut seen = BTreeSet::new();
            for ((name, (category, bytes)), (part, filename, content)) in files.iter().zip(&parts[1..]) {
                prop_assert_eq!((filename, content), (name, bytes));
                prop_assert_eq!(part.split('[').next().unwrap(), category);
                prop_assert!(seen.insert(part.clone()), "{} is there twice", part);
            }
        }
    }
}
