//! docs/protocol.md §2.4, row by row, and what must not break on the way.

use http::header::{HeaderMap, HeaderValue, LINK};
use proptest::prelude::*;
use tent_discovery::link_header::{self, Link, LinkError, LinkErrorKind, LinkValue};
use url::Url;

const R: &str = "https://tent.io/rels/profile";

fn headers(fields: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for field in fields {
        let field = field.replace("{R}", R);
        headers.append(LINK, HeaderValue::from_bytes(field.as_bytes()).unwrap());
    }
    headers
}

/// The profile URLs of a page at `https://www.alice.example/home/`.
fn profiles(fields: &[&str]) -> Vec<String> {
    let base = Url::parse("https://www.alice.example/home/").unwrap();
    link_header::targets(&headers(fields), &base, R)
        .map(String::from)
        .collect()
}

fn good(value: &[u8]) -> Vec<Link<'_>> {
    link_header::parse(value).filter_map(Result::ok).collect()
}

fn problems(value: &str) -> Vec<(usize, LinkErrorKind)> {
    link_header::parse(value)
        .filter_map(Result::err)
        .map(|error| (error.offset, error.kind))
        .collect()
}

#[test]
fn every_row_of_the_table() {
    let rows: &[(&[&str], &[&str])] = &[
        (
            &[r#"<https://t.example/profile>; rel="{R}""#],
            &["https://t.example/profile"],
        ),
        (
            &[r#"<https://a.example/p>; rel="{R}", <https://b.example/p>; rel="{R}""#],
            &["https://a.example/p", "https://b.example/p"],
        ),
        (
            &[
                r#"<https://a.example/p>; rel="{R}""#,
                r#"<https://b.example/p>; rel="{R}""#,
            ],
            &["https://a.example/p", "https://b.example/p"],
        ),
        (
            &[r#"</tent/profile>; rel="{R}""#],
            &["https://www.alice.example/tent/profile"],
        ),
        (
            &[r#"<profile>; rel="{R}""#],
            &["https://www.alice.example/home/profile"],
        ),
        (
            &[r#"<//t.example/profile>; rel="{R}""#],
            &["https://t.example/profile"],
        ),
        (
            &[r#"<https://t.example/p?ids=1,2;x>; rel="{R}""#],
            &["https://t.example/p?ids=1,2;x"],
        ),
        (
            &[r#"<https://t.example/p>; title="a, \"b\"; rel=x"; rel="{R}""#],
            &["https://t.example/p"],
        ),
        (
            &[r#"<https://t.example/p>; rel="me {R} alternate""#],
            &["https://t.example/p"],
        ),
        (
            &[r#"<https://t.example/p>;REL = "{R}""#],
            &["https://t.example/p"],
        ),
        (
            &["<https://t.example/p>; rel={R}"],
            &["https://t.example/p"],
        ),
        (&[r#"<https://t.example/p>; rel="next"; rel="{R}""#], &[]),
        (
            &[r#"<https://t.example/p>; rel="{R}"; anchor="https://other.example/""#],
            &[],
        ),
        (
            &[r#", ,<https://t.example/p>; rel="{R}","#],
            &["https://t.example/p"],
        ),
        (&[r#"<https://t.example/p>; rel="{R}x""#], &[]),
    ];
    for (fields, expected) in rows {
        assert_eq!(&profiles(fields), expected, "{fields:?}");
    }
}

#[test]
fn rows_that_others_got_wrong() {
    let rows: &[(&[&str], &[&str])] = &[
        // Commas where they are data, in the target and in a quoted string.
        (
            &[r#"<https://t.example/a,b>; title="x, <y>"; rel="{R}", </c>; rel="{R}""#],
            &["https://t.example/a,b", "https://www.alice.example/c"],
        ),
        // A target that climbs, one that is empty, one that only looks absolute.
        (
            &[r#"<../p>; rel="{R}", <>; rel="{R}", <httpx>; rel="{R}""#],
            &[
                "https://www.alice.example/p",
                "https://www.alice.example/home/",
                "https://www.alice.example/home/httpx",
            ],
        ),
        // The first of several is the first.
        (
            &[r#"</1>; rel="{R}", </2>; rel="{R}", </1>; rel="{R}""#],
            &["https://www.alice.example/1", "https://www.alice.example/2"],
        ),
        // Any number of parameters, also none at all.
        (
            &[r#"</0>, </1>; a; b=c; type="x/y"; rel="{R}"; hreflang=de"#],
            &["https://www.alice.example/1"],
        ),
        // Other schemes.
        (
            &[
                r#"<ftp://t.example/p>; rel="{R}", <javascript:1>; rel="{R}", <http://t.example/>; rel={R}"#,
            ],
            &["http://t.example/"],
        ),
        // The first `rel` is the first although it is empty.
        (&[r#"</1>; rel; rel="{R}", </2>; rel=; rel="{R}""#], &[]),
        // `rev` and extended parameters say nothing.
        (&[r#"</1>; rev="{R}", </2>; rel*=UTF-8''{R}"#], &[]),
    ];
    for (fields, expected) in rows {
        assert_eq!(&profiles(fields), expected, "{fields:?}");
    }
}

#[test]
fn tolerance() {
    for value in [
        "</p>;;; rel=\"{R}\" ;; ",
        "</p>\t;\trel\t=\t\"{R}\"\t,\t",
        "</p>; title; rel=\"{R}\"",
        "</p>; title=; rel=\"{R}\"",
        "</p>; rel=\"https://TENT.io/rels/PROFILE\"",
        "</p>; rel=\"https:\\/\\/tent.io\\/rels\\/profile next\"",
        "</p>; rel=\"{R}\" garbage; \"a, b\", <unclosed",
        "</p>; rel=\"{R}\"; title=\"unclosed, </q>; rel=next",
        "</p>; rel=\"{R}\"; \"",
        "</p>; titlé=x; rel=\"{R}\"",
        "garbage \"a, </n>; rel={R}\" <b, c>, </p>; rel=\"{R}\"",
        "=;>, </p>; rel=\"{R}\"",
    ] {
        let targets = profiles(&[value]);
        assert_eq!(targets, ["https://www.alice.example/p"], "{value}");
    }
    assert_eq!(
        profiles(&["</p>; rel", "</p> rel={R}", "</p>; rel=\"{R}"]),
        [""; 0]
    );
}

#[test]
fn what_is_left_open_ends_with_its_field() {
    let fields = [r#"</1>; rel="{R}"; title="open"#, r#"</2>; rel="{R}""#];
    assert_eq!(
        profiles(&fields),
        ["https://www.alice.example/1", "https://www.alice.example/2"]
    );
    let headers = headers(&["</1>", r#"</2>; a="open"#]);
    let error = link_header::links(&headers).find_map(Result::err).unwrap();
    assert_eq!((error.field, error.offset), (1, 8));
    assert_eq!(
        error.to_string(),
        "Link field 2, byte 8: the quote is never closed"
    );
}

#[test]
fn errors_name_the_place() {
    use LinkErrorKind::*;
    let rows: &[(&str, &[(usize, LinkErrorKind)])] = &[
        ("", &[]),
        (" , ,\t", &[]),
        ("</a>; rel=x, oops, </b>", &[(13, ExpectedTarget)]),
        (
            "x <a, b> \"c, d\" y, z",
            &[(0, ExpectedTarget), (19, ExpectedTarget)],
        ),
        ("</a>, </b", &[(6, UnclosedTarget)]),
        ("</a> rel=x", &[(5, ExpectedSeparator)]),
        (
            "</a>; rel=\"x\"y, </b> z",
            &[(13, ExpectedSeparator), (21, ExpectedSeparator)],
        ),
        ("</a>; =x", &[(6, ParameterName)]),
        ("</a>; b<c>; rel=x", &[(7, ParameterName)]),
        ("</a>; (b)=c; rel=x", &[(6, ParameterName)]),
        ("</a>; rel=\"x\\\"", &[(10, UnclosedQuote)]),
    ];
    for (value, expected) in rows {
        assert_eq!(&problems(value), expected, "{value}");
    }
    let latin1 = b"</\xe9>; rel=x, </b>; title=\"\xe9\"";
    let items: Vec<_> = link_header::parse(latin1).collect();
    assert!(matches!(
        items[0],
        Err(LinkError {
            field: 0,
            offset: 0,
            kind: TargetNotUtf8,
            ..
        })
    ));
    let title = items[1].unwrap().parameters().next().unwrap();
    assert_eq!(title.value().unwrap(), "\u{fffd}");
    assert_eq!(title.raw().unwrap(), b"\xe9");
}

#[test]
fn parameters_in_order_raw_and_unescaped() {
    let [link] = good(br#"</a>; Title="a \"b\\"; x ; y=z; (no)=1; e="""#)[..] else {
        panic!("one link");
    };
    let parameters: Vec<_> = link
        .parameters()
        .map(|p| (p.name(), p.raw(), p.value().map(|value| value.into_owned())))
        .collect();
    assert_eq!(
        parameters,
        [
            (
                "Title",
                Some(&br#"a \"b\\"#[..]),
                Some(r#"a "b\"#.to_owned())
            ),
            ("x", None, None),
            ("y", Some(b"z"), Some("z".to_owned())),
            ("e", Some(b""), Some(String::new())),
        ]
    );
}

#[test]
fn the_first_target_of_a_relation() {
    let headers =
        headers(&[r#"</a?since_id=1>; rel="prev", </b?before_id=2>; rel="next", <x>; rel="{R}""#]);
    let base = Url::parse("https://t.example/tent/posts").unwrap();
    let first = |relation| link_header::first_target(&headers, &base, relation);
    assert_eq!(
        first("NEXT").unwrap().as_str(),
        "https://t.example/b?before_id=2"
    );
    assert_eq!(first(R).unwrap().as_str(), "https://t.example/tent/x");
    assert_eq!(first("last"), None);
    assert_eq!(
        link_header::find(&headers, "prev").unwrap().target(),
        "/a?since_id=1"
    );
}

#[test]
fn picking_a_link_allocates_nothing() {
    let headers = headers(&[
        r#"</a>; rel="p\rev"; title="\"", </b>; anchor=x; rel=next, </c>; rel="me next""#,
        "garbage, </d>; \"",
    ]);
    let allocations = allocation_counter::measure(|| {
        assert_eq!(link_header::find(&headers, "next").unwrap().target(), "/c");
        assert_eq!(link_header::find(&headers, "prev").unwrap().target(), "/a");
        assert!(link_header::find(&headers, "none").is_none());
    });
    assert_eq!(allocations.count_total, 0);
}

/// Text that is nearly a `Link` field.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&[u8]] = &[
        b"<",
        b">",
        b"\"",
        b"\\",
        b",",
        b";",
        b"=",
        b" ",
        b"rel",
        b"anchor",
        b"</a>; rel=\"next\"",
        b"\xe9",
        b"\xc3\xa9",
    ];
    let piece = proptest::sample::select(PIECES);
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_read(value in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_all(&value)?;
    }

    #[test]
    fn anything_that_is_nearly_a_field_is_read(value in nearly()) {
        read_all(&value)?;
    }

    /// A good link is found in front of any garbage.
    #[test]
    fn garbage_behind_a_link_keeps_it(garbage in nearly()) {
        let mut value = b"</good>; rel=\"next\" ".to_vec();
        value.extend(garbage);
        prop_assert_eq!(good(&value)[0].target(), "/good");
        prop_assert!(good(&value)[0].has_relation("next"));
    }

    #[test]
    fn a_written_link_is_read_again(target in "[!#-;=?-~]{0,20}", relation in "[ -~é]{0,20}") {
        let text = LinkValue::new(&target, &relation).to_string();
        prop_assert!(HeaderValue::from_bytes(text.as_bytes()).is_ok());
        let links = good(text.as_bytes());
        prop_assert_eq!(links.len(), 1, "{}", text);
        prop_assert_eq!(links[0].target(), &target);
        let rel = links[0].parameters().next().unwrap();
        prop_assert_eq!(rel.value().unwrap(), relation.as_str());
        for one in relation.split_ascii_whitespace() {
            prop_assert!(links[0].has_relation(one));
        }
    }

    /// Whatever the target and the relation hold, the text is one link without fault.
    #[test]
    fn any_written_link_is_one_link(target: String, relation: String) {
        let text = LinkValue::new(&target, &relation).to_string();
        prop_assert!(HeaderValue::from_bytes(text.as_bytes()).is_ok());
        prop_assert_eq!(link_header::parse(&text).count(), 1);
        prop_assert_eq!(problems(&text), []);
    }
}

/// Reads all, and reads what is printed of it again.
fn read_all(value: &[u8]) -> Result<(), TestCaseError> {
    for item in link_header::parse(value) {
        match item {
            Ok(link) => {
                let text = link.to_string();
                let again = good(text.as_bytes());
                prop_assert_eq!(again.len(), 1, "{}", text);
                prop_assert_eq!(problems(&text), [], "{}", text);
                prop_assert_eq!(&again[0].to_string(), &text);
                prop_assert_eq!(again[0].has_anchor(), link.has_anchor());
                prop_assert_eq!(again[0].has_relation("next"), link.has_relation("next"));
            }
            Err(error) => prop_assert!(error.offset < value.len(), "{}", error),
        }
    }
    Ok(())
}
