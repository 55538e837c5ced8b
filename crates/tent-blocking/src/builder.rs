//! How a client is set up.

use std::fmt;
use std::time::Duration;

use http::HeaderValue;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tent_flow::AddressRule;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, TcpConnector};
use ureq::{Agent, Proxy, ProxyProtocol};
use url::Url;

use crate::Client;
use crate::resolver::{Connecting, Resolving};
use crate::tls::Tls;

/// Sets up a [`Client`].
///
/// ```
/// use std::time::Duration;
/// use tent_blocking::Client;
/// use tent_flow::AddressRule;
///
/// // For a service that fetches what others name.
/// let client = Client::builder()
///     .address_rule(AddressRule::PublicOnly)
///     .total_timeout(Duration::from_secs(20))
///     .user_agent("reader/1.0")
///     .build()?;
/// # Ok::<(), tent_blocking::BuildError>(())
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

    /// The client.
    ///
    /// # Errors
    ///
    /// [`BuildError`] says which setting cannot be used.
    pub fn build(self) -> Result<Client, BuildError> {
        HeaderValue::from_str(&self.user_agent)
            .map_err(|error| BuildError::UserAgent(error.into()))?;
        let roots = parse_roots(&self.roots)?;
        let environment = matches!(self.proxy, Proxying::Environment);
        let proxy = match &self.proxy {
            Proxying::Through(url) => {
                Some(Proxy::new(url.as_str()).map_err(|_| BuildError::Proxy)?)
            }
            Proxying::Environment if self.rule == AddressRule::Any => Proxy::try_from_env(),
            Proxying::Environment | Proxying::Direct => None,
        };
        if let Some(proxy) = &proxy
            && !matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https)
        {
            return Err(BuildError::Proxy);
        }
        let past_proxy = (environment && proxy.is_some()).then(|| self.agent(None, roots.clone()));
        let agent = self.agent(proxy, roots);
        Ok(Client::from_parts(agent, past_proxy, self.rule))
    }

    fn agent(&self, proxy: Option<Proxy>, roots: Vec<CertificateDer<'static>>) -> Agent {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            .accept_encoding("")
            .user_agent(&self.user_agent)
            .proxy(proxy)
            .timeout_resolve(self.connect_timeout)
            .timeout_connect(self.connect_timeout)
            .timeout_per_read(self.read_timeout)
            .timeout_per_write(self.read_timeout)
            .timeout_global(self.total_timeout)
            .build();
        let connector = ConnectProxyConnector::default()
            .chain(TcpConnector::default())
            .chain(Tls::trusting(roots));
        Agent::with_parts(config, Connecting(connector), Resolving::new(self.rule))
    }
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
