//! Media types by file name and by first bytes.

/// The media type that a file name's ending stands for.
///
/// ```
/// assert_eq!(tent_proto::media_type::by_name("Quay.JPG"), Some("image/jpeg"));
/// assert_eq!(tent_proto::media_type::by_name("README"), None);
/// ```
pub fn by_name(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    let is = |(known, _): &&(&str, &str)| ending.eq_ignore_ascii_case(known);
    ENDINGS.iter().find(is).map(|(_, media_type)| *media_type)
}

/// The media type that the first bytes of a file give away; a dozen are enough.
///
/// ```
/// assert_eq!(tent_proto::media_type::by_content(b"GIF89a.."), Some("image/gif"));
/// ```
pub fn by_content(start: &[u8]) -> Option<&'static str> {
    // What follows the size of a RIFF file says what it holds, and what follows that of an MPEG-4 box.
    if let [b'R', b'I', b'F', b'F', _, _, _, _, kind @ ..] = start {
        return match kind {
            [b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
            [b'W', b'A', b'V', b'E', ..] => Some("audio/wav"),
            _ => None,
        };
    }
    if let [_, _, _, _, b'f', b't', b'y', b'p', kind @ ..] = start {
        return match kind {
            [b'a', b'v', b'i', b'f', ..] => Some("image/avif"),
            [b'h', b'e', b'i', b'c', ..] => Some("image/heic"),
            _ => Some("video/mp4"),
        };
    }
    let starts = |(magic, _): &&(&[u8], &str)| start.starts_with(magic);
    MAGIC.iter().find(starts).map(|(_, media_type)| *media_type)
}

const ENDINGS: &[(&str, &str)] = &[
    ("avif", "image/avif"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("epub", "application/epub+zip"),
    ("flac", "audio/flac"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("heic", "image/heic"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ics", "text/calendar"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("m4a", "audio/mp4"),
    ("md", "text/markdown"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("txt", "text/plain"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];

const MAGIC: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn content_is_told_by_its_start() {
        for (start, media_type) in [
            (&b"RIFF\x10\0\0\0WEBPVP8 "[..], Some("image/webp")),
            (b"RIFF\x10\0\0\0WAVEfmt ", Some("audio/wav")),
            (b"RIFF\x10\0\0\0AVI ", None),
            (b"\0\0\0\x18ftypavif", Some("image/avif")),
            (b"\0\0\0\x18ftypisom", Some("video/mp4")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"Hello", None),
            (b"", None),
        ] {
            assert_eq!(by_content(start), media_type);
        }
    }

    #[test]
    fn names_end_as_they_like() {
        assert_eq!(by_name("a.tar.gz"), Some("application/gzip"));
        assert_eq!(by_name(".png"), Some("image/png"));
        assert_eq!(by_name("png"), None);
        assert_eq!(by_name("a.xyz"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(name in ".{0,12}", start in proptest::collection::vec(any::<u8>(), 0..16)) {
            let _ = (by_name(&name), by_content(&start));
        }
    }
}
