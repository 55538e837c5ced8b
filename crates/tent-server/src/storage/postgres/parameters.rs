//! What names a database, as libpq reads it. `tokio-postgres` reads most of that; what it does not know is
//! taken out before.

use std::borrow::Cow;
use std::error::Error as _;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustls::RootCertStore;
use tokio_postgres::Config;

use super::{password, tls};
use crate::storage::DatabaseError;

/// How to connect.
pub(super) struct Parameters {
    pub(super) config: Config,
    /// Who is trusted, if it is not the roots of the platform.
    pub(super) roots: Option<Arc<RootCertStore>>,
}

/// Reads a URL or options, and finds the password if they have none.
pub(super) fn read(text: &str) -> Result<Parameters, DatabaseError> {
    let (mut rest, mut root, mut file) = (text.to_owned(), None, None);
    // From the last to the first, so that places stay right.
    for Said { place, name, value } in said(text).into_iter().rev() {
        match &*name {
            "sslrootcert" => root = root.or(Some(PathBuf::from(value))),
            "passfile" => file = file.or(Some(PathBuf::from(value))),
            // What is encrypted is always verified, and the name as well.
            "sslmode" if matches!(&*value, "verify-full" | "verify-ca") => {
                let end = if text[..place.end].ends_with('&') {
                    "&"
                } else {
                    ""
                };
                rest.replace_range(place, &format!("sslmode=require{end}"));
                continue;
            }
            _ => continue,
        }
        rest.replace_range(place, "");
    }
    let mut config: Config = rest
        .parse()
        .map_err(|error| DatabaseError::Config(wrong_with(text, &error)))?;
    if config.get_password().is_none()
        && let Some(password) = password::find(&config, file)
    {
        config.password(password);
    }
    let is_of_platform = |root: &PathBuf| root.as_os_str() == "system";
    let root = root.filter(|root| !is_of_platform(root));
    let roots = root.map(|file| tls::roots(&file)).transpose()?;
    Ok(Parameters { config, roots })
}

/// What is said of an option.
struct Said {
    /// Where, in a URL with the `&` after it.
    place: Range<usize>,
    name: String,
    value: String,
}

fn is_url(text: &str) -> bool {
    ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
}

fn said(text: &str) -> Vec<Said> {
    match is_url(text) {
        true => said_in_url(text),
        false => said_in_options(text),
    }
}

fn said_in_url(text: &str) -> Vec<Said> {
    // A password may have a question mark.
    let host = text.find('@').map_or(0, |at| at + 1);
    let Some(query) = text[host..].find('?').map(|mark| host + mark + 1) else {
        return Vec::new();
    };
    let mut start = query;
    let pieces = text[query..].split_inclusive('&').map(|piece| {
        let place = start..start + piece.len();
        start = place.end;
        (place, piece.strip_suffix('&').unwrap_or(piece))
    });
    let decoded = |text| percent_decode_str(text).decode_utf8().map(Cow::into_owned);
    let said = pieces.filter_map(|(place, piece)| {
        let (name, value) = piece.split_once('=')?;
        let (name, value) = (decoded(name).ok()?, decoded(value).ok()?);
        Some(Said { place, name, value })
    });
    said.collect()
}

/// What there is up to something that cannot be read.
fn said_in_options(text: &str) -> Vec<Said> {
    let (mut all, mut rest) = (Vec::new(), text.trim_start());
    while let Some((name, value)) = rest.split_once('=') {
        let start = text.len() - rest.len();
        let Some((value, after)) = option_value(value.trim_start()) else {
            break;
        };
        all.push(Said {
            place: start..text.len() - after.len(),
            name: name.trim_end().to_owned(),
            value,
        });
        rest = after.trim_start();
    }
    all
}

/// A value, and what is after it. None when its quotation has no end.
fn option_value(text: &str) -> Option<(String, &str)> {
    let quoted = text.strip_prefix('\'');
    let (mut value, mut chars) = (String::new(), quoted.unwrap_or(text).chars());
    loop {
        let rest = chars.as_str();
        match (chars.next(), quoted) {
            (Some('\\'), _) => value.extend(chars.next()),
            (Some('\''), Some(_)) => return Some((value, chars.as_str())),
            (Some(c), None) if c.is_whitespace() => return Some((value, rest)),
            (None, None) => return Some((value, rest)),
            (None, Some(_)) => return None,
            (Some(c), _) => value.push(c),
        }
    }
}

/// What is wrong with a connection string. It may hold a password, which what is read as the name of an
/// option may be a part of.
fn wrong_with(config: &str, error: &tokio_postgres::Error) -> String {
    let reason = error.source().map(ToString::to_string).unwrap_or_default();
    let option = reason.strip_prefix("unknown option `");
    let is_name = |c: char| c.is_ascii_lowercase() || "_`".contains(c);
    let is_url = is_url(config);
    match option {
        Some(option) if option.chars().all(is_name) => reason,
        Some(_) if is_url => "an option has a name that there is not".to_owned(),
        None if is_url => reason,
        _ => {
            "it is neither a URL as postgres://tent@db.example/tent nor options as host=db.example"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::SslMode;

    use super::*;

    #[test]
    fn what_libpq_alone_knows_is_taken_out_and_the_rest_stays() {
        for text in [
            "postgres://tent:a?b@db.example/tent?sslmode=verify-full&connect_timeout=3",
            "postgres://tent:a?b@db.example/tent?sslrootcert=system&connect_timeout=3&sslmode=require",
            "postgresql://tent:a?b@db.example/tent?connect_timeout=3&sslmode=require&sslrootcert=system",
            "postgres://tent:a?b@db.example/tent?sslmode=verify%2Dca&passfile=%2Fnone&connect_timeout=3",
            "host=db.example user=tent password=a?b dbname=tent sslmode=verify-full connect_timeout=3",
            "sslrootcert=system user = tent dbname='tent' sslmode=require connect_timeout=3 host=db.example password='a?b'",
            "user=tent passfile='/a \\'b' dbname=tent password=a\\?b sslmode=verify-ca host=db.example connect_timeout=3",
        ] {
            let Parameters { config, roots } = read(text).unwrap();
            assert!(roots.is_none(), "{text}");
            assert_eq!(config.get_user(), Some("tent"), "{text}");
            assert_eq!(config.get_password(), Some(&b"a?b"[..]), "{text}");
            assert_eq!(config.get_dbname(), Some("tent"), "{text}");
            assert_eq!(config.get_ssl_mode(), SslMode::Require, "{text}");
            assert_eq!(config.get_hosts().len(), 1, "{text}");
            let patience = config.get_connect_timeout().map(|time| time.as_secs());
            assert_eq!(patience, Some(3), "{text}");
        }
    }

    #[test]
    fn roots_that_cannot_be_read_are_told_by_their_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let empty = file.path().to_str().unwrap();
        for root in ["/nowhere/root.pem", empty] {
            let text = format!("host=db.example password=secret sslrootcert={root}");
            let Err(DatabaseError::Roots(named, _)) = read(&text) else {
                panic!("{root}");
            };
            assert_eq!(named.to_str(), Some(root));
        }
    }
}
