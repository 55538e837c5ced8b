use std::io::Read;

use bytes::Bytes;
use proptest::prelude::*;
use tent_flow::{Body, Seed};

use super::*;
use crate::Upload;

fn read(body: &Body) -> Vec<u8> {
    let mut bytes = Vec::new();
    body.reader().read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len() as u64, body.len());
    bytes
}

fn boundary(text: &str) -> Boundary {
    Boundary::of(&format!("multipart/form-data; boundary=\"{text}\"")).unwrap()
}

/// The parts of a form that comes in these chunks, with their content.
fn parts<'a>(
    mut reader: Reader,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<(Part, Vec<u8>)>, FormError> {
    let (mut parts, mut is_open) = (Vec::new(), false);
    for chunk in chunks {
        let mut chunk = Bytes::copy_from_slice(chunk);
        while let Some(event) = reader.next(&mut chunk)? {
            match event {
                Event::Part(part) => {
                    assert!(!is_open, "a part ends before the next");
                    parts.push((part, Vec::new()));
                    is_open = true;
                }
                Event::Bytes(bytes) => {
                    assert!(is_open && !bytes.is_empty());
                    parts.last_mut().unwrap().1.extend_from_slice(&bytes);
                }
                Event::End => {
                    assert!(is_open);
                    is_open = false;
                }
            }
            assert!(reader.held() <= 8 * 1024);
        }
        assert!(chunk.is_empty());
    }
    reader.finish().map(|()| parts)
}

/// Cuts bytes where it is told to.
fn cut<'a>(bytes: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places
        .windows(2)
        .map(|pair| &bytes[pair[0]..pair[1]])
        .collect()
}

fn cuts() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    proptest::collection::vec(any::<prop::sample::Index>(), 0..12)
}

fn whole(content: &[u8]) -> Result<Vec<(Part, Vec<u8>)>, FormError> {
    parts(
        Reader::new("multipart/form-data; boundary=b").unwrap(),
        [content],
    )
}

#[test]
fn the_documented_example_comes_out_byte_for_byte() {
    let boundary = boundary("TentBoundary7f3a");
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
        let error = body(&boundary("b"), &Bytes::new(), &[upload]).unwrap_err();
        error.to_string()
    };
    for name in ["", "a\"b", "a/b", "a\\b", "a\r\nb", "\0", "a\u{85}"] {
        let upload = Upload::bytes("photos", name, "x");
        assert!(refused(upload).contains("name"), "{name:?}");
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
    let error = body(&boundary("b"), &Bytes::new(), &twice).unwrap_err();
    assert!(error.to_string().contains("twice"), "{error}");
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_however_it_is_cut(
        post in proptest::collection::vec(any::<u8>(), 0..80),
        files in proptest::collection::btree_map(
            "[a-zé; =%']{1,8}\\.png",
            ("[a-z]{1,3}", proptest::collection::vec(any::<u8>(), 0..200)),
            0..5,
        ),
        cuts in cuts(),
    ) {
        let boundary = Boundary::new(Seed::new([7; 32]));
        let uploads: Vec<Upload> = files
            .iter()
            .map(|(name, (category, bytes))| Upload::bytes(category, name, bytes.clone()))
            .collect();
        let body = read(&body(&boundary, &post.clone().into(), &uploads).unwrap());
        let reader = Reader::new(&boundary.content_type()).unwrap();
        let parts = parts(reader, cut(&body, &cuts)).unwrap();
        prop_assert_eq!(parts.len(), files.len() + 1);
        let (first, content) = &parts[0];
        prop_assert_eq!((first.name(), first.file_name()), (Some("post"), Some("post.json")));
        prop_assert_eq!(first.media_type(), Some("application/vnd.tent.v0+json"));
        prop_assert_eq!(content, &post);
        let mut seen = std::collections::BTreeSet::new();
        for ((name, (category, bytes)), (part, content)) in files.iter().zip(&parts[1..]) {
            prop_assert_eq!(part.file_name(), Some(name.as_str()));
            prop_assert_eq!(part.category(), Some(category.as_str()));
            prop_assert_eq!(part.media_type(), Some("image/png"));
            prop_assert_eq!(content, bytes);
            prop_assert!(seen.insert(part.name()), "{:?} is there twice", part.name());
        }
    }

    /// Whatever a file is called, it is refused, or stays one file of that name.
    #[test]
    fn no_name_breaks_out_of_its_part(
        name in any::<String>(),
        category in any::<String>(),
        media_type in any::<String>(),
    ) {
        let boundary = Boundary::new(Seed::new([7; 32]));
        let upload = Upload::bytes(&category, &name, "x").with_media_type(&media_type);
        let named = Upload::bytes("photos", &name, "x");
        for upload in [upload, named] {
            let Ok(body) = body(&boundary, &Bytes::new(), std::slice::from_ref(&upload)) else {
                continue;
            };
            let reader = Reader::new(&boundary.content_type()).unwrap();
            let parts = parts(reader, [&read(&body)[..]]).unwrap();
            prop_assert_eq!(parts.len(), 2);
            let (part, content) = &parts[1];
            prop_assert_eq!(part.file_name(), Some(upload.name()));
            prop_assert_eq!(part.name(), Some(upload.category()));
            prop_assert_eq!(part.media_type(), Some(upload.media_type()));
            prop_assert_eq!(part.headers().len(), 4);
            prop_assert_eq!(&content[..], b"x");
        }
    }

    /// Content that is full of what looks like a boundary.
    #[test]
    fn what_looks_like_a_boundary_is_content(
        content in "(\r|\n|\r\n|-|--|b|\r\n--|\r\n--b|a){0,20}",
        cuts in cuts(),
    ) {
        let lines = ["\r\n", &content, "\r\n"].concat();
        prop_assume!(!lines.contains("\r\n--ba")); // that would be one
        let form = format!("--ba\r\n\r\n{content}\r\n--ba--");
        let reader = Reader::new("multipart/form-data; boundary=ba").unwrap();
        let parts = parts(reader, cut(form.as_bytes(), &cuts)).unwrap();
        prop_assert_eq!(parts.len(), 1);
        prop_assert_eq!(&parts[0].1, content.as_bytes());
    }

    #[test]
    fn anything_is_read_the_same_however_it_is_cut(
        form in proptest::collection::vec(
            prop_oneof![
                Just(b"\r\n--b".to_vec()), Just(b"--".to_vec()), Just(b"\r\n".to_vec()),
                Just(b"Content-Disposition: form-data; name=\"a\\\"".to_vec()),
                Just(b"; filename=\"".to_vec()), Just(b"x: y\r\n\r\n".to_vec()),
                proptest::collection::vec(any::<u8>(), 0..6),
            ],
            0..14,
        ),
        cuts in cuts(),
    ) {
        let form = form.concat();
        let reader = || Reader::new("multipart/form-data; boundary=b").unwrap();
        prop_assert_eq!(parts(reader(), [&form[..]]), parts(reader(), cut(&form, &cuts)));
        let bytewise = parts(reader(), form.chunks(1));
        prop_assert_eq!(parts(reader(), [&form[..]]), bytewise);
    }
}

#[test]
fn what_stands_before_and_after_the_form_means_nothing() {
    for form in [
        "--b--",
        "--b--\r\n--b\r\n\r\nx\r\n--b--",
        "hello\r\n--b--\r\nbye",
        "--b\r\r\n--b--",
    ] {
        let read = whole(form.as_bytes());
        if form.contains("\r\r\n") {
            assert_eq!(read, Err(FormError::Delimiter));
        } else {
            assert_eq!(read, Ok(Vec::new()), "{form:?}");
        }
    }
    // Some writers pad the line.
    let padded = whole(b"--b \t\r\n\r\nx\r\n--b--").unwrap();
    assert_eq!(padded[0].1, b"x");
}

#[test]
fn a_form_that_breaks_off_is_not_taken_for_whole() {
    let form = b"--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--";
    for end in 0..form.len() {
        assert_eq!(whole(&form[..end]), Err(FormError::BrokenOff), "{end}");
    }
    assert_eq!(whole(form).unwrap().len(), 1);
}

#[test]
fn what_is_no_form_is_refused_from_then_on() {
    let head = |head: &str| whole(format!("--b\r\n{head}\r\n\r\nx\r\n--b--").as_bytes());
    for bad in [
        "no colon",
        ": no name",
        "a b: c",
        "a: \u{1}",
        "a: b\n",
        " folded: x",
        "Content-Disposition: form-data; name=\"a",
        "Content-Disposition: form-data; name",
        "Content-Disposition: form-data; filename=a; filename=b",
    ] {
        assert_eq!(head(bad), Err(FormError::Head), "{bad:?}");
    }
    let mut reader = Reader::new("multipart/form-data; boundary=b").unwrap();
    let mut chunk = Bytes::from("--bx\r\n");
    assert_eq!(reader.next(&mut chunk), Err(FormError::Delimiter));
    let mut more = Bytes::from("\r\n--b--");
    assert_eq!(reader.next(&mut more), Err(FormError::Delimiter));
    assert_eq!(reader.finish(), Err(FormError::Delimiter));
}

#[test]
fn names_are_read_as_clients_write_them() {
    let part = |disposition: &str| {
        let form = format!("--b\r\ncontent-disposition: {disposition}\r\n\r\n\r\n--b--");
        whole(form.as_bytes()).unwrap().remove(0).0
    };
    for (disposition, name, file_name) in [
        ("form-data; name=\"a\"", Some("a"), None),
        ("form-data;name=a;filename=b.png", Some("a"), Some("b.png")),
        (
            "form-data ; Name=\"a\" ; FILENAME=\"b c\"",
            Some("a"),
            Some("b c"),
        ),
        (r#"form-data; name="a\"b\\c""#, Some(r#"a"b\c"#), None),
        (
            r#"form-data; filename="C:\tmp\é.png""#,
            None,
            Some(r"C:\tmp\é.png"),
        ),
        (
            "form-data; name=\"\"; filename=\"\"; x=y",
            Some(""),
            Some(""),
        ),
        ("form-data", None, None),
        ("", None, None),
    ] {
        let part = part(disposition);
        assert_eq!(
            (part.name(), part.file_name()),
            (name, file_name),
            "{disposition}"
        );
    }
    for (name, category) in [
        ("photos[0]", "photos"),
        ("photos[12]", "photos"),
        ("photos", "photos"),
        ("photos[]", "photos[]"),
        ("photos[x]", "photos[x]"),
        ("a[0][1]", "a[0]"),
        ("]", "]"),
    ] {
        let part = part(&format!("form-data; name=\"{name}\""));
        assert_eq!(part.category(), Some(category));
    }
}

#[test]
fn what_is_held_and_counted_is_bounded() {
    let reader = || Reader::new("multipart/form-data; boundary=b").unwrap();
    let long = format!("--b\r\na: {}\r\n\r\n\r\n--b--", "x".repeat(8 * 1024));
    let limit = 8 * 1024;
    assert_eq!(
        whole(long.as_bytes()),
        Err(FormError::HeadTooLong { limit })
    );
    let bytewise = parts(reader(), long.as_bytes().chunks(1));
    assert_eq!(bytewise, Err(FormError::HeadTooLong { limit }));
    let larger = parts(reader().with_head_limit(9000), [long.as_bytes()]);
    assert_eq!(larger.unwrap().len(), 1);
    // Each head by itself.
    let two = format!(
        "--b\r\na: {0}\r\n\r\n\r\n--b\r\na: {0}\r\n\r\n\r\n--b--",
        "x".repeat(5000)
    );
    assert_eq!(whole(two.as_bytes()).unwrap().len(), 2);
    let limited = parts(reader().at_most_parts(1), [two.as_bytes()]);
    assert_eq!(limited, Err(FormError::TooManyParts { limit: 1 }));
}

#[test]
fn what_is_in_a_part_is_not_copied() {
    let mut reader = Reader::new("multipart/form-data; boundary=b").unwrap();
    let form = Bytes::from("--b\r\n\r\nsome\rof it\r\n--b--");
    let mut chunk = form.clone();
    reader.next(&mut chunk).unwrap();
    let Some(Event::Bytes(bytes)) = reader.next(&mut chunk).unwrap() else {
        panic!("there is some");
    };
    assert_eq!(
        (&bytes[..], bytes.as_ptr()),
        (&b"some\rof it"[..], form[7..].as_ptr())
    );
}
