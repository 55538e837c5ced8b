//! TLS to the database, as the drivers have it: rustls with `ring`, and the roots of the platform, if no
//! others were named.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;

use crate::storage::DatabaseError;

/// Makes TLS connections. What leaves this machine is encrypted, unless the configuration says
/// `sslmode=disable`; and what does not, if it says who is trusted.
pub(super) fn connector(config: &mut Config, roots: Option<Arc<RootCertStore>>) -> Connector {
    if config.get_ssl_mode() == SslMode::Prefer {
        let is_here = config.get_hosts().iter().all(is_here)
            && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
        config.ssl_mode(match is_here && roots.is_none() {
            true => SslMode::Disable,
            false => SslMode::Require,
        });
    }
    Connector { roots }
}

/// The certificates in a file of PEM.
pub(super) fn roots(file: &Path) -> Result<Arc<RootCertStore>, DatabaseError> {
    let read = || -> Result<_, Failure> {
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_file_iter(file)? {
            roots.add(root?)?;
        }
        match roots.is_empty() {
            true => Err("there are none".into()),
            false => Ok(Arc::new(roots)),
        }
    };
    read().map_err(|error| DatabaseError::Roots(file.to_owned(), error.into()))
}

fn is_here(host: &Host) -> bool {
    match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse()
                    .is_ok_and(|address: IpAddr| address.is_loopback())
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Connector {
    roots: Option<Arc<RootCertStore>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Connector {
    type Stream = Stream<S>;
    type TlsConnect = Connecting;
    type Error = Infallible;

    /// Nothing is made yet: this is asked for connections without TLS, too.
    fn make_tls_connect(&mut self, host: &str) -> Result<Connecting, Infallible> {
        Ok(Connecting {
            host: host.to_owned(),
            roots: self.roots.clone(),
        })
    }
}

/// A connection to be, to this host.
pub(super) struct Connecting {
    host: String,
    roots: Option<Arc<RootCertStore>>,
}

impl Connecting {
    fn parts(self) -> Result<(TlsConnector, ServerName<'static>), Failure> {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?;
        let config = match self.roots {
            Some(roots) => config.with_root_certificates(roots),
            None => config.with_platform_verifier()?,
        };
        let config = config.with_no_client_auth();
        let name = ServerName::try_from(self.host)?;
        Ok((TlsConnector::from(Arc::new(config)), name))
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Connecting {
    type Stream = Stream<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async {
            let (connector, name) = self.parts().map_err(io::Error::other)?;
            connector.connect(name, stream).await.map(Stream)
        })
    }
}

/// A connection in TLS.
pub(super) struct Stream<S>(tokio_rustls::client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Stream<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stays_on_this_machine_goes_without_tls() {
        for (config, mode) in [
            ("host=/run/postgresql", SslMode::Disable),
            ("host=127.0.0.1", SslMode::Disable),
            ("host=localhost,db.example", SslMode::Require),
            ("host=db.example", SslMode::Require),
            ("host=localhost hostaddr=192.0.2.1", SslMode::Require),
            ("host=db.example sslmode=disable", SslMode::Disable),
            ("host=localhost sslmode=require", SslMode::Require),
        ] {
            let mut config: Config = config.parse().unwrap();
            connector(&mut config, None);
            assert_eq!(config.get_ssl_mode(), mode, "{config:?}");
        }
        let mut config: Config = "host=localhost".parse().unwrap();
        connector(&mut config, Some(Arc::new(RootCertStore::empty())));
        assert_eq!(config.get_ssl_mode(), SslMode::Require);
    }
}
