//! What it costs to pick a link, and that hostile fields cost no more per byte when they are long.

use http::header::{HeaderMap, HeaderValue, LINK};
use tent_discovery::link_header;
use tent_testkit::bench::{Table, Work};

const LONG_LINKS: &str = r#"</posts?limit=50&since_id=lpjqkg&since_id_entity=https%3A%2F%2Falice.example>; rel="prev", </posts?limit=50&before_id=4xkdpm&before_id_entity=https%3A%2F%2Falice.example>; rel="next", </tent/profile>; rel="https://tent.io/rels/profile""#;
const SHORT_LINKS: &str =
    r#"</a>; rel="prev", </b>; rel="next", </profile>; rel="https://tent.io/rels/profile""#;

const SHORT: usize = 4 * 1024;
const LONG: usize = 64 * 1024;

/// Fields that make slow parsers slow: how they begin, go on, and end.
const HOSTILE: &[(&str, &str, &str, &str)] = &[
    ("quotes never closed", "</a>; b=\"", "</a>; b=\\\"c, ", ""),
    ("one quote after another", "", "\"", ""),
    ("brackets never closed", "", "<", ""),
    ("brackets without commas", "", "<>", ""),
    ("commas", "", ",", ""),
    ("links without targets", "", "<>,", ""),
    ("garbage between commas", "", "a,", ""),
    ("semicolons", "</a>", ";", ""),
    ("parameters", "</a>", ";a=b", ""),
    ("backslashes", "</a>; rel=\"", "\\", ""),
    ("escaped quotes", "</a>; rel=\"", "\\\"", "\""),
    ("relations", "</a>; rel=\"", "nex ", "\""),
    ("escaped relations", "</a>; rel=\"", "\\nex ", "\""),
    ("spaces", "</a>;", " ", ""),
];

fn main() {
    let mut table =
        Table::start("Link header: one of three links picked, beside a scan for < > \"");
    for (length, field) in [("long", LONG_LINKS), ("short", SHORT_LINKS)] {
        let mut headers = HeaderMap::new();
        headers.append(LINK, HeaderValue::from_static(field));
        for (which, relation) in [("first", "prev"), ("last", "https://tent.io/rels/profile")] {
            table.compare(
                Work::named(format!("pick the {which} of {length} ones"))
                    .at_most(4.0)
                    .allocations_at_most(0),
                || link_header::find(&headers, relation),
                || memchr::memchr3_iter(b'<', b'>', b'"', field.as_bytes()).count(),
            );
        }
    }

    let mut table = Table::start("Link header: a byte of 64 KiB, beside a byte of 4 KiB");
    for (name, start, repeated, end) in HOSTILE {
        let field = |length| {
            let mut field = (*start).to_owned();
            while field.len() < length {
                field.push_str(repeated);
            }
            field + end
        };
        let (short, long) = (field(SHORT), field(LONG));
        table.compare(
            Work::named(*name)
                .at_most(1.5)
                .allocations_at_most(0)
                .units(long.len() as f64, short.len() as f64),
            || read(&long),
            || read(&short),
        );
    }
}

/// Reads all there is, and looks at every relation.
fn read(field: &str) -> (usize, usize) {
    link_header::parse(field).fold((0, 0), |(good, found), link| match link {
        Ok(link) => (good + 1, found + usize::from(link.has_relation("next"))),
        Err(_) => (good, found),
    })
}
