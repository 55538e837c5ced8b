//! TLS to the database, as the drivers have it: rustls with `ring`, and the roots of the platform.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;

/// Makes TLS connections. What leaves this machine is encrypted, unless the configuration says
/// `sslmode=disable`.
pub(super) fn connector(config: &mut Config) -> Connector {
    if config.get_ssl_mode() == SslMode::Prefer {
        let is_here = config.get_hosts().iter().all(is_here);
        config.ssl_mode(
            match is_here && config.get_hostaddrs().iter().all(IpAddr::is_loopback) {
                true => SslMode::Disable,
                false => SslMode::Require,
            },
        );
    }
    Connector
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

#[derive(Debug, Clone, Copy)]
pub(super) struct Connector;

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Connector {
    type Stream = Stream<S>;
    type TlsConnect = Connecting;
    type Error = Infallible;

    /// Nothing is made yet: this is asked for connections without TLS, too.
    fn make_tls_connect(&mut self, host: &str) -> Result<Connecting, Infallible> {
        Ok(Connecting(host.to_owned()))
    }
}

/// A connection to be, to this host.
pub(super) struct Connecting(String);

impl Connecting {
    fn parts(self) -> Result<(TlsConnector, ServerName<'static>), Failure> {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_platform_verifier()?
            .with_no_client_auth();
        let name = ServerName::try_from(self.0)?;
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
            connector(&mut config);
            assert_eq!(config.get_ssl_mode(), mode, "{config:?}");
        }
    }
}
