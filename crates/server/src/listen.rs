//! Ports and connections.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A client that takes longer to send the head of a request is cut off.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long connections may take to end when the server stops.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// Rest after a connection could not be accepted: the process is short of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Ports that are tried after the wanted one.
const PORTS_TRIED: u16 = 100;

/// Which addresses to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// 127.0.0.1 and ::1.
    Loopback,
    /// An address or a host name.
    Named(String),
}

/// What to do if the port is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfTaken {
    Fail,
    TryNext,
}

/// Why no port was opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error("port {port} is in use")]
    Taken { port: u16 },
    #[error("no port from {first} to {last} is free")]
    AllTaken { first: u16, last: u16 },
    #[error("can't listen on {address}: {cause}")]
    Failed { address: String, cause: io::Error },
}

/// Open sockets, all of the same port.
#[derive(Debug)]
pub struct Listeners {
    sockets: Vec<TcpListener>,
    pub port: u16,
}

impl Listeners {
    /// Opens `port` on all addresses of `host`; port 0 is any free one.
    pub async fn bind(host: &Host, port: u16, if_taken: IfTaken) -> Result<Self, ListenError> {
        let addresses = host.addresses().await?;
        let last = match if_taken {
            IfTaken::Fail => port,
            IfTaken::TryNext => port.saturating_add(PORTS_TRIED),
        };
        for candidate in port..=last {
            match bind_all(&addresses, candidate).await {
                Err(ListenError::Taken { .. }) if if_taken == IfTaken::TryNext => {}
                result => return result,
            }
        }
        Err(ListenError::AllTaken { first: port, last })
    }

    /// Serves until told to stop, then lets the requests that are being answered finish.
    pub async fn serve(self, router: Router, mut stop: watch::Receiver<bool>) {
        let graceful = GracefulShutdown::new();
        let http = http();
        loop {
            let accepted = tokio::select! {
                accepted = accept_any(&self.sockets) => accepted,
                () = stopped(&mut stop) => break,
            };
            let Ok(stream) = accepted else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            // Without it, small replies wait for acknowledgements.
            let _ = stream.set_nodelay(true);
            let service = TowerToHyperService::new(router.clone());
            let connection = http
                .serve_connection_with_upgrades(TokioIo::new(stream), service)
                .into_owned();
            let connection = graceful.watch(connection);
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(error, "a connection ended with an error");
                }
            });
        }
        drop(self.sockets);
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, graceful.shutdown()).await;
    }
}

impl Host {
    async fn addresses(&self) -> Result<Vec<IpAddr>, ListenError> {
        match self {
            Self::Loopback => Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]),
            Self::Named(name) if name.eq_ignore_ascii_case("localhost") => {
                Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()])
            }
            Self::Named(name) => {
                let bare = name.trim_start_matches('[').trim_end_matches(']');
                let found = tokio::net::lookup_host((bare, 0)).await;
                let found: Vec<_> = found
                    .map_err(|cause| ListenError::Failed {
                        address: name.clone(),
                        cause,
                    })?
                    .map(|address| address.ip())
                    .collect();
                Ok(found)
            }
        }
    }
}

/// Opens one port on all `addresses`. An address that this machine does not have is passed over,
/// as long as there is another: many containers have no IPv6.
async fn bind_all(addresses: &[IpAddr], port: u16) -> Result<Listeners, ListenError> {
    let mut sockets: Vec<TcpListener> = Vec::new();
    let mut failed = None;
    let mut chosen = port;
    for &address in addresses {
        if chosen != 0 && is_served(address, chosen).await {
            return Err(ListenError::Taken { port: chosen });
        }
        match TcpListener::bind((address, chosen)).await {
            Ok(socket) => {
                chosen = socket.local_addr().map_or(chosen, |local| local.port());
                sockets.push(socket);
            }
            Err(cause) if cause.kind() == io::ErrorKind::AddrInUse => {
                return Err(ListenError::Taken { port: chosen });
            }
            Err(cause) => {
                let address = SocketAddr::from((address, chosen)).to_string();
                failed = Some(ListenError::Failed { address, cause });
            }
        }
    }
    match failed {
        Some(error) if sockets.is_empty() => Err(error),
        _ => Ok(Listeners {
            sockets,
            port: chosen,
        }),
    }
}

/// Whether someone answers there already. BSD systems let a loopback address be bound although
/// another process listens on all addresses; then two servers would share the port.
async fn is_served(address: IpAddr, port: u16) -> bool {
    address.is_loopback() && TcpStream::connect((address, port)).await.is_ok()
}

async fn accept_any(sockets: &[TcpListener]) -> io::Result<TcpStream> {
    std::future::poll_fn(|context| {
        for socket in sockets {
            if let Poll::Ready(accepted) = socket.poll_accept(context) {
                return Poll::Ready(accepted.map(|(stream, _)| stream));
            }
        }
        Poll::Pending
    })
    .await
}

fn http() -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD_TIMEOUT);
    http
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone will not say stop any more, but neither is there anyone to serve for.
    let _ = stop.wait_for(|stopped| *stopped).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn taken() -> (TcpListener, u16) {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        (socket, port)
    }

    #[tokio::test]
    async fn a_taken_port_fails_or_leads_to_the_next_one() {
        let (_socket, port) = taken().await;
        let error = Listeners::bind(&Host::Loopback, port, IfTaken::Fail)
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), format!("port {port} is in use"));
        let next = Listeners::bind(&Host::Loopback, port, IfTaken::TryNext)
            .await
            .unwrap();
        assert!(next.port > port);
    }

    #[tokio::test]
    async fn all_loopback_addresses_share_one_port() {
        let listeners = Listeners::bind(&Host::Loopback, 0, IfTaken::Fail)
            .await
            .unwrap();
        assert_ne!(listeners.port, 0);
        for socket in &listeners.sockets {
            let local = socket.local_addr().unwrap();
            assert!(local.ip().is_loopback());
            assert_eq!(local.port(), listeners.port);
        }
    }

    #[tokio::test]
    async fn a_host_is_a_name_or_an_address() {
        for host in ["127.0.0.1", "localhost", "0.0.0.0"] {
            let host = Host::Named(host.to_owned());
            Listeners::bind(&host, 0, IfTaken::Fail).await.unwrap();
        }
        let nobody = Host::Named("no-such-host.invalid".to_owned());
        let error = Listeners::bind(&nobody, 0, IfTaken::Fail)
            .await
            .unwrap_err();
        assert!(matches!(error, ListenError::Failed { .. }), "{error}");
    }
}
