//! Connections, with an error that says what went wrong.
//!
//! # Contract
//!
//! If there is an egress policy, it sees each address before a packet is sent to it, and the
//! addresses that it saw are those that are connected to: a name is resolved once.

mod timed;

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tower_service::Service;

pub(super) use self::timed::took;
use self::timed::{Made, Timed};
use super::error::Cause;
use crate::egress::{EgressPolicy, EgressRefusal};

type BoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// Why no TCP connection was made. An error in connecting that is not of this type comes from TLS.
#[derive(Debug, thiserror::Error)]
pub(super) enum TcpError {
    #[error("the name can't be resolved")]
    Dns(#[source] io::Error),
    #[error("not allowed")]
    NotAllowed(#[source] EgressRefusal),
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
    /// `egress` is asked for each address, if there is one.
    pub(super) fn new(timeout: Duration, egress: Option<EgressPolicy>) -> Self {
        let inner = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(Tcp::new(timeout, egress));
        Self { inner, timeout }
    }
}

impl Service<Uri> for Connector {
    type Response = Timed;
    type Error = Cause;
    type Future = BoxFuture<Self::Response, Cause>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.timeout, self.inner.call(target));
        Box::pin(async move {
            let begun = Instant::now();
            let stream = connecting
                .await
                .unwrap_or_else(|_| Err(TcpError::TimedOut.into()))?;
            let made = Instant::now();
            Ok(Timed::new(stream, Made { begun, made }))
        })
    }
}

/// Makes TCP connections. `hyper-util` tries the addresses of a name as "happy eyeballs" asks.
#[derive(Clone)]
pub(super) struct Tcp {
    connector: HttpConnector<Resolver>,
    egress: Option<EgressPolicy>,
}

impl Tcp {
    fn new(timeout: Duration, egress: Option<EgressPolicy>) -> Self {
        let resolver = Resolver {
            system: GaiResolver::new(),
            egress: egress.clone(),
        };
        let mut connector = HttpConnector::new_with_resolver(resolver);
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(timeout));
        connector.set_keepalive(Some(Duration::from_secs(60)));
        Self { connector, egress }
    }

    /// Checks a host that is an address: the resolver never sees it.
    fn check_literal(&self, target: &Uri) -> Result<(), EgressRefusal> {
        let host = target.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        match (&self.egress, host.parse::<IpAddr>()) {
            (Some(egress), Ok(address)) => egress.check(address),
            (None, _) | (_, Err(_)) => Ok(()),
        }
    }
}

impl Service<Uri> for Tcp {
    type Response = TokioIo<TcpStream>;
    type Error = TcpError;
    type Future = BoxFuture<Self::Response, TcpError>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TcpError>> {
        self.connector.poll_ready(cx).map_err(classify)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        if let Err(refusal) = self.check_literal(&target) {
            return Box::pin(async move { Err(TcpError::NotAllowed(refusal)) });
        }
        let connecting = self.connector.call(target);
        Box::pin(async move { connecting.await.map_err(classify) })
    }
}

fn classify(error: impl std::error::Error + Send + Sync + 'static) -> TcpError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(link) = cause {
        match link.downcast_ref() {
            Some(ResolveError::Dns(error)) => {
                return TcpError::Dns(io::Error::new(error.kind(), error.to_string()));
            }
            Some(ResolveError::NotAllowed(refusal)) => return TcpError::NotAllowed(*refusal),
            None => {}
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
enum ResolveError {
    #[error("the name can't be resolved")]
    Dns(#[source] io::Error),
    #[error("not allowed")]
    NotAllowed(#[source] EgressRefusal),
}

/// The resolver of the operating system, except for `localhost`: that is both loopback addresses,
/// whatever `/etc/hosts` says. A development server listens on either, and which one differs
/// between runtimes. Addresses that the egress policy refuses are left out.
#[derive(Clone)]
struct Resolver {
    system: GaiResolver,
    egress: Option<EgressPolicy>,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = ResolveError;
    type Future = BoxFuture<Self::Response, ResolveError>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ResolveError>> {
        self.system.poll_ready(cx).map_err(ResolveError::Dns)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let egress = self.egress.clone();
        if is_localhost(name.as_str()) {
            let both = vec![
                SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
            ];
            return Box::pin(async move { reachable(both, egress.as_ref()) });
        }
        let resolving = self.system.call(name);
        Box::pin(async move {
            let addresses = resolving.await.map_err(ResolveError::Dns)?;
            reachable(addresses.collect(), egress.as_ref())
        })
    }
}

/// The addresses that the policy allows. If it refuses all of them, why the first.
fn reachable(
    mut addresses: Vec<SocketAddr>,
    egress: Option<&EgressPolicy>,
) -> Result<std::vec::IntoIter<SocketAddr>, ResolveError> {
    if let Some(egress) = egress {
        let mut refusal = None;
        addresses.retain(|address| match egress.check(address.ip()) {
            Ok(()) => true,
            Err(refused) => {
                refusal.get_or_insert(refused);
                false
            }
        });
        if let (true, Some(refusal)) = (addresses.is_empty(), refusal) {
            return Err(ResolveError::NotAllowed(refusal));
        }
    }
    Ok(addresses.into_iter())
}

fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || name.len() > 10 && name.as_bytes()[name.len() - 10..].eq_ignore_ascii_case(b".localhost")
}
