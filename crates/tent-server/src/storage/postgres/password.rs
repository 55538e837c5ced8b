//! The password that a connection string does not have: that of `PGPASSWORD`, else of the password file, as
//! libpq has it.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// Finds it; the file is the one that the connection string names, if it does.
pub(super) fn find(config: &Config, file: Option<PathBuf>) -> Option<String> {
    let named = |variable| env::var_os(variable).filter(|value| !value.is_empty());
    if let Some(password) = named("PGPASSWORD") {
        return password.into_string().ok();
    }
    let file = file
        .or_else(|| named("PGPASSFILE").map(PathBuf::from))
        .or_else(|| Some(env::home_dir()?.join(".pgpass")))?;
    let lines = match private(&file) {
        Ok(lines) => lines,
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                let file = file.display();
                tracing::warn!(%file, %error, "the password file is not used");
            }
            return None;
        }
    };
    within(&lines, config)
}

/// What is in a file that is for its owner alone.
fn private(file: &Path) -> io::Result<String> {
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(&fs::metadata(file)?) & 0o077 != 0 {
        return Err(io::Error::other("others may use it; `chmod 600` it"));
    }
    fs::read_to_string(file)
}

/// The password of the first line that is for this database: `host:port:database:user:password`.
fn within(lines: &str, config: &Config) -> Option<String> {
    let user = config.get_user().unwrap_or_default();
    let database = config.get_dbname().unwrap_or(user);
    let places = places(config);
    lines.lines().find_map(|line| {
        if line.starts_with('#') {
            return None;
        }
        let [host, port, of, whose, password] = fields(line)?;
        let is = |field: &str, value: &str| field == "*" || unescaped(field) == value;
        let is_here = |(hosts, at): &(Vec<String>, u16)| {
            hosts.iter().any(|name| is(host, name)) && is(port, &at.to_string())
        };
        let is_it = places.iter().any(is_here) && is(of, database) && is(whose, user);
        is_it.then(|| unescaped(password))
    })
}

/// The names and the port of each server.
fn places(config: &Config) -> Vec<(Vec<String>, u16)> {
    let names = |host: &Host| match host {
        Host::Tcp(name) => vec![name.clone()],
        #[cfg(unix)]
        Host::Unix(path) => vec!["localhost".to_owned(), path.display().to_string()],
    };
    let mut hosts: Vec<_> = config.get_hosts().iter().map(names).collect();
    if hosts.is_empty() {
        let addresses = config.get_hostaddrs().iter();
        hosts.extend(addresses.map(|address| vec![address.to_string()]));
    }
    let ports = config.get_ports();
    let port = |place: usize| ports.get(place).or(ports.first()).copied().unwrap_or(5432);
    hosts
        .into_iter()
        .enumerate()
        .map(|(place, names)| (names, port(place)))
        .collect()
}

/// The five fields of a line, as they are written. The last is all that is left.
fn fields(line: &str) -> Option<[&str; 5]> {
    let mut fields = [""; 5];
    let (last, first) = fields.split_last_mut()?;
    let mut rest = line;
    for field in first {
        let mut is_escaped = false;
        let end = rest.find(|c| {
            let ends = c == ':' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            ends
        })?;
        (*field, rest) = (rest.get(..end)?, rest.get(end + 1..)?);
    }
    *last = rest;
    Some(fields)
}

fn unescaped(field: &str) -> String {
    let (mut plain, mut chars) = (String::new(), field.chars());
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => chars.next().unwrap_or(c),
            c => c,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        const LINES: &str = "# host:port:database:user:password\n\
            too:few:fields\n\
            db.example:5432:tent:alice:of alice\n\
            db.example:6000:*:tent:of the other port\n\
            *:*:odd\\:name:tent:with\\:and\\\\:and more\n\
            localhost:*:tent:tent:here\n\
            db.example:*:tent:tent:there\n\
            db.example:*:tent:tent:never\n";
        for (config, password) in [
            ("host=db.example user=tent dbname=tent", Some("there")),
            ("host=db.example user=tent", Some("there")),
            ("host=db.example user=alice dbname=tent", Some("of alice")),
            ("host=db.example user=bob dbname=tent", None),
            ("host=other.example user=tent dbname=tent", None),
            (
                "host=db.example port=6000 user=tent dbname=x",
                Some("of the other port"),
            ),
            (
                "host=a.example user=tent dbname=odd:name",
                Some("with:and\\:and more"),
            ),
            ("host=/run/postgresql user=tent", Some("here")),
            (
                "host=a.example,db.example port=5432,6000 user=tent",
                Some("of the other port"),
            ),
            (
                "hostaddr=192.0.2.1 user=tent dbname=odd:name",
                Some("with:and\\:and more"),
            ),
        ] {
            let config_of = config.parse().unwrap();
            let found = within(LINES, &config_of);
            assert_eq!(found.as_deref(), password, "{config}");
        }
    }
}
