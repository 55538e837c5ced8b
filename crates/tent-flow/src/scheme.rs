//! Which URLs may be asked at all.

use url::{Host, Url};

/// Which schemes may be used. Without TLS everybody on the way reads along and can send a captured
/// request again, so plain `http` is for loopback, unless somebody says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SchemeRule {
    /// `https`, and `http` to loopback addresses and `localhost`.
    #[default]
    HttpsOrLoopback,
    /// `https` and `http`.
    HttpAnywhere,
}

/// A URL that may not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlRefused {
    /// Its scheme is neither `https` nor `http`.
    #[error("{0}: is not an http or https URL")]
    Scheme(String),
    /// It is `http`, beyond loopback.
    #[error("http://{0} would be asked without TLS, which must be allowed explicitly")]
    Plaintext(String),
    /// It carries a user name or password.
    #[error("the URL carries a user name or password")]
    Userinfo,
}

impl SchemeRule {
    /// Says whether `url` may be asked.
    ///
    /// # Errors
    ///
    /// [`UrlRefused`] says what is wrong with it.
    pub fn check(self, url: &Url) -> Result<(), UrlRefused> {
        match url.scheme() {
            "https" | "http" if !url.username().is_empty() || url.password().is_some() => {
                Err(UrlRefused::Userinfo)
            }
            "https" => Ok(()),
            "http" if self == Self::HttpAnywhere || is_loopback(url) => Ok(()),
            "http" => Err(UrlRefused::Plaintext(
                url.host_str().unwrap_or_default().to_owned(),
            )),
            other => Err(UrlRefused::Scheme(other.to_owned())),
        }
    }
}

/// Whether the URL's host is this machine: a loopback address, or `localhost` and names below it
/// (RFC 6761).
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback()
                || address
                    .to_ipv4_mapped()
                    .is_some_and(|mapped| mapped.is_loopback())
        }
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: SchemeRule, url: &str) -> Result<(), UrlRefused> {
        rule.check(&Url::parse(url).unwrap())
    }

    #[test]
    fn http_is_for_loopback() {
        let rule = SchemeRule::HttpsOrLoopback;
        for url in [
            "https://a.example/",
            "http://127.0.0.1:80/",
            "http://[::1]/",
            "http://localhost/",
            "http://a.localhost/",
        ] {
            assert_eq!(check(rule, url), Ok(()), "{url}");
        }
        assert_eq!(
            check(rule, "http://a.example/"),
            Err(UrlRefused::Plaintext("a.example".into()))
        );
        assert_eq!(
            check(rule, "http://notlocalhost/"),
            Err(UrlRefused::Plaintext("notlocalhost".into()))
        );
        assert_eq!(check(SchemeRule::HttpAnywhere, "http://a.example/"), Ok(()));
    }

    #[test]
    fn other_schemes_and_userinfo_are_refused_always() {
        let rule = SchemeRule::HttpAnywhere;
        assert_eq!(
            check(rule, "ftp://a.example/"),
            Err(UrlRefused::Scheme("ftp".into()))
        );
        assert_eq!(
            check(rule, "https://me@a.example/"),
            Err(UrlRefused::Userinfo)
        );
        assert_eq!(
            check(rule, "https://:pw@a.example/"),
            Err(UrlRefused::Userinfo)
        );
    }
}
