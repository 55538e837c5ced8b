//! How a client is set up.

use std::env;
use std::fmt;
use std::num::NonZero;
use std::time::Duration;

use http::HeaderValue;
use reqwest::{Proxy, redirect, retry};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tent_flow::AddressRule;
use url::Url;

use crate::Client;
use crate::client::Limits;
use crate::gate::Gate;
use crate::resolver::Resolving;
use crate::roots::client_config;

/// Sets up a [`Client`].
///
/// ```
/// use std::time::Duration;
/// use tent_async::Client;
/// use tent_flow::AddressRule;
///
/// // For a service that fetches what others name.
/// let client = Client::builder()
///     .address_rule(AddressRule::PublicOnly)
///     .total_timeout(Duration::from_secs(20))
///     .user_agent("reader/1.0")
///     .build()?;
/// # Ok::<(), tent_async::BuildError>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    connect_timeout: Option<Duration>,
    read_timeout: Option<Duration>,
    total_timeout: Option<Duration>,
    proxy: Proxying,
    user_agent: String,
    rule: AddressRule,
    roots: Vec<Vec<u8>>,
    in_flight: Option<(NonZero<usize>, NonZero<usize>)>,
}

enum Proxying {
    Environment,
    Direct,
    Through(Url),
}

/// Why a client could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The proxy is not one that is spoken to over `http` or `https`.
    #[error("the proxy must be an http or https URL")]
    Proxy,
    /// The user agent cannot stand in a header.
    #[error("the user agent cannot stand in a header")]
    UserAgent(#[source] http::Error),
    /// A root certificate is not PEM, or there is none in it.
    #[error("the root certificates cannot be read")]
    Roots(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            connect_timeout: Some(Duration::from_secs(10)),
            read_timeout: Some(Duration::from_secs(30)),
            total_timeout: None,
            proxy: Proxying::Environment,
            user_agent: concat!("tent/", env!("CARGO_PKG_VERSION")).into(),
            rule: AddressRule::Any,
            roots: Vec::new(),
            in_flight: None,
        }
    }
}

impl ClientBuilder {
    /// How long finding the address may take, and then connecting, TLS included: 10 seconds unless
    /// set; no limit with `None`.
    pub fn connect_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.connect_timeout = limit.into();
        self
    }

    /// How long the peer may be silent, or take nothing of what is sent: 30 seconds unless set; no
    /// limit with `None`.
    pub fn read_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.read_timeout = limit.into();
        self
    }

    /// How long a whole exchange may take: no limit unless set, since a large file over a slow line
    /// takes as long as it takes. A service that fetches what others name should set one.
    /// [`Request::timeout`](tent_flow::Request::timeout) goes before it.
    ///
    /// When it ends while still connecting, that is taken for a request that may have arrived, since
    /// `reqwest` does not tell; [`connect_timeout`](Self::connect_timeout), if shorter, does.
    pub fn total_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.total_timeout = limit.into();
        self
    }

    /// Sends everything through this proxy, an `http` or `https` URL.
    pub fn proxy(mut self, proxy: Url) -> Self {
        self.proxy = Proxying::Through(proxy);
        self
    }

    /// Uses no proxy.
    ///
    /// Else the environment decides: `ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY`, and `NO_PROXY` for
    /// exceptions; loopback is always reached directly. Under [`AddressRule::PublicOnly`] the
    /// environment has no say.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Proxying::Direct;
        self
    }

    /// What is said in `User-Agent`: `tent/` and the version unless set.
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = name.into();
        self
    }

    /// Which addresses may be reached: any unless set.
    ///
    /// The address that was checked is the one that is connected to, so a name that changes its
    /// address gains nothing. A [`proxy`](Self::proxy) looks up names by itself and must then have
    /// such a rule of its own; addresses written in a URL are checked here all the same.
    pub fn address_rule(mut self, rule: AddressRule) -> Self {
        self.rule = rule;
        self
    }

    /// Trusts these root certificates (PEM, one or more) besides those of the platform.
    pub fn root_certificates(mut self, pem: &[u8]) -> Self {
        self.roots.push(pem.to_vec());
        self
    }

    /// How many requests may be in flight, overall and to each server (scheme, host and port): no bound
    /// unless set.
    ///
    /// The others wait, in the futures that make them. Servers take turns, and at each server its
    /// [lines](Client::line). Timeouts begin when a request is sent.
    pub fn in_flight(mut self, overall: NonZero<usize>, per_server: NonZero<usize>) -> Self {
        self.in_flight = Some((overall, per_server));
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`BuildError`] says which setting cannot be used.
    pub fn build(self) -> Result<Client, BuildError> {
        let user_agent = HeaderValue::from_str(&self.user_agent)
            .map_err(|error| BuildError::UserAgent(error.into()))?;
        let mut tls = client_config(parse_roots(&self.roots)?);
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let direct = self.http(tls.clone(), &user_agent).no_proxy();
        let (http, past_proxy) = match &self.proxy {
            Proxying::Through(url) => (direct.proxy(through(url)?), None),
            Proxying::Environment if self.rule == AddressRule::Any && environment_has_proxy()? => {
                (self.http(tls, &user_agent), Some(direct))
            }
            Proxying::Environment | Proxying::Direct => (direct, None),
        };
        let limits = Limits {
            read: self.read_timeout,
            total: self.total_timeout,
        };
        let client = Client::from_parts(
            finish(http)?,
            past_proxy.map(finish).transpose()?,
            limits,
            self.rule,
        );
        Ok(match self.in_flight {
            Some((overall, per_server)) => client.with_gate(Gate::new(overall, per_server)),
            None => client,
        })
    }

    fn http(&self, tls: ClientConfig, user_agent: &HeaderValue) -> reqwest::ClientBuilder {
        // A proxy looks up names itself, and the name of the proxy was chosen.
        let rule = match self.proxy {
            Proxying::Through(_) => AddressRule::Any,
            Proxying::Environment | Proxying::Direct => self.rule,
        };
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .user_agent(user_agent)
            .dns_resolver(Resolving(rule));
        match self.connect_timeout {
            Some(limit) => builder.connect_timeout(limit),
            None => builder,
        }
    }
}

fn finish(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, BuildError> {
    builder
        .build()
        .map_err(|error| BuildError::Tls(error.into()))
}

fn through(url: &Url) -> Result<Proxy, BuildError> {
    match url.scheme() {
        "http" | "https" => Proxy::all(url.clone()).map_err(|_| BuildError::Proxy),
        _ => Err(BuildError::Proxy),
    }
}

/// Whether the environment names a proxy. One that cannot be used is an error, since whoever set it
/// does not want to be seen without.
fn environment_has_proxy() -> Result<bool, BuildError> {
    let names = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"];
    let set = |name: &str| env::var(name).or_else(|_| env::var(name.to_lowercase()));
    let proxies: Vec<_> = names.iter().filter_map(|name| set(name).ok()).collect();
    if proxies.iter().any(|proxy| proxy.starts_with("socks")) {
        return Err(BuildError::Proxy);
    }
    Ok(!proxies.is_empty())
}

impl fmt::Debug for ClientBuilder {
    /// Leaves out the proxy, which may carry a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("read_timeout", &self.read_timeout)
            .field("total_timeout", &self.total_timeout)
            .field("user_agent", &self.user_agent)
            .field("rule", &self.rule)
            .field("in_flight", &self.in_flight)
            .finish_non_exhaustive()
    }
}

fn parse_roots(files: &[Vec<u8>]) -> Result<Vec<CertificateDer<'static>>, BuildError> {
    let mut roots = Vec::new();
    for pem in files {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            roots.push(certificate.map_err(|error| BuildError::Roots(error.into()))?);
        }
        if roots.len() == before {
            return Err(BuildError::Roots("there is no certificate in it".into()));
        }
    }
    Ok(roots)
}
