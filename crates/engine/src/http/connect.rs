//! Connections to apps, with an error that says what went wrong.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::error::Cause;

type BoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// Why no TCP connection was made. An error in connecting that is not of this type comes from TLS.
#[derive(Debug, thiserror::Error)]
pub(super) enum TcpError {
    #[error("the name can't be resolved")]
    Dns(#[source] io::Error),
    #[error("connection refused")]
    Refused,
    #[error("timed out")]
    TimedOut,
    #[error("can't connect")]
    Other(#[source] Cause),
}

/// Makes connections, plain or with TLS. One timeout covers names, TCP and the TLS handshake.
#[derive(Clone)]
pub(super) struct Connector {
    inner: HttpsConnector<Tcp>,
    timeout: Duration,
}

impl Connector {
    pub(super) fn new(timeout: Duration) -> Self {
        let inner = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(Tcp::new(timeout));
        Self { inner, timeout }
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = Cause;
    type Future = BoxFuture<Self::Response, Cause>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.timeout, self.inner.call(target));
        Box::pin(async move {
            connecting
                .await
                .unwrap_or_else(|_| Err(TcpError::TimedOut.into()))
        })
    }
}

/// Makes TCP connections. `hyper-util` tries the addresses of a name as "happy eyeballs" asks.
#[derive(Clone)]
pub(super) struct Tcp(HttpConnector<Resolver>);

impl Tcp {
    fn new(timeout: Duration) -> Self {
        let mut connector = HttpConnector::new_with_resolver(Resolver(GaiResolver::new()));
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(timeout));
        connector.set_keepalive(Some(Duration::from_secs(60)));
        Self(connector)
    }
}

impl Service<Uri> for Tcp {
    type Response = TokioIo<TcpStream>;
    type Error = TcpError;
    type Future = BoxFuture<Self::Response, TcpError>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TcpError>> {
        self.0.poll_ready(cx).map_err(classify)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let connecting = self.0.call(target);
        Box::pin(async move { connecting.await.map_err(classify) })
    }
}

fn classify(error: impl std::error::Error + Send + Sync + 'static) -> TcpError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(link) = cause {
        if let Some(DnsError(error)) = link.downcast_ref() {
            return TcpError::Dns(io::Error::new(error.kind(), error.to_string()));
        }
        match link.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => return TcpError::Refused,
            Some(io::ErrorKind::TimedOut) => return TcpError::TimedOut,
            _ => cause = link.source(),
        }
    }
    TcpError::Other(Box::new(error))
}

#[derive(Debug, thiserror::Error)]
#[error("the name can't be resolved")]
struct DnsError(#[source] io::Error);

/// The resolver of the operating system, except for `localhost`: that is both loopback addresses,
/// whatever `/etc/hosts` says. A development server listens on either, and which one differs
/// between runtimes.
#[derive(Clone)]
struct Resolver(GaiResolver);

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = DnsError;
    type Future = BoxFuture<Self::Response, DnsError>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), DnsError>> {
        self.0.poll_ready(cx).map_err(DnsError)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        if is_localhost(name.as_str()) {
            let both = vec![
                SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
            ];
            return Box::pin(async move { Ok(both.into_iter()) });
        }
        let resolving = self.0.call(name);
        Box::pin(async move {
            let addresses: Vec<_> = resolving.await.map_err(DnsError)?.collect();
            Ok(addresses.into_iter())
        })
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || name.len() > 10 && name.as_bytes()[name.len() - 10..].eq_ignore_ascii_case(b".localhost")
}
