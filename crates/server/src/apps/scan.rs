//! Looking for apps on the usual ports of this machine (sdk-protocol §2.6).
//!
//! Quiet on purpose: most of what listens there is no app, and prints a line for each request that
//! it does not know. So a connection comes before any request, the usual path before unusual ones,
//! unusual ones only when a new port has opened, and the pauses between requests grow. It ends for
//! good as soon as any app has answered.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::task::JoinSet;
use url::Url;

use super::probe::Sight;
use super::{Apps, Origin};

/// The default path first.
const PATHS: [&str; 4] = [
    "/api/inngest",
    "/x/inngest",
    "/.netlify/functions/inngest",
    "/.redwood/functions/inngest",
];
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// The ports to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports(BTreeSet<u16>);

impl Ports {
    /// The usual ones, and that in `PORT`.
    pub fn usual() -> Self {
        let named = std::env::var("PORT")
            .ok()
            .and_then(|port| port.parse().ok());
        let ports = [80, 443, 4321, 5000, 5173, 8000, 8080, 8081, 8787, 8888]
            .into_iter()
            .chain(3000..=3010)
            .chain(8910..=8915)
            .chain(named);
        Self(ports.collect())
    }

    /// Only these.
    pub fn only(ports: impl IntoIterator<Item = u16>) -> Self {
        Self(ports.into_iter().collect())
    }

    /// All but the server's own.
    #[must_use]
    pub fn without(mut self, own: u16) -> Self {
        self.0.remove(&own);
        self
    }
}

impl Apps {
    /// Looks for apps until one has answered, however it was found. Ports are tried every `pause`.
    pub async fn scan(self, ports: Ports, pause: Duration) {
        let mut seen = BTreeSet::new();
        let (mut rest, mut rested) = (Duration::ZERO, Duration::ZERO);
        while !self.book.has_live_app() {
            let open = self.open_ports(&ports).await;
            let has_new = open.iter().any(|port| !seen.contains(port));
            if has_new {
                rest = Duration::ZERO;
            }
            if has_new || rested >= rest {
                self.look_around(&open, has_new).await;
                rest = (rest * 2).clamp(pause, PAUSE_MAX);
                rested = Duration::ZERO;
            }
            seen = open;
            tokio::time::sleep(pause).await;
            rested += pause;
        }
    }

    async fn look_around(&self, ports: &BTreeSet<u16>, everywhere: bool) {
        let paths = if everywhere { &PATHS[..] } else { &PATHS[..1] };
        for path in paths {
            if self.look_at(ports, path).await {
                return;
            }
        }
    }

    async fn open_ports(&self, ports: &Ports) -> BTreeSet<u16> {
        let mut knocks = JoinSet::new();
        for &port in &ports.0 {
            let apps = self.clone();
            knocks.spawn(async move {
                let url = url_of(port, "/")?;
                apps.probe.knock(&url).await.then_some(port)
            });
        }
        knocks.join_all().await.into_iter().flatten().collect()
    }

    /// True if an app was found.
    async fn look_at(&self, ports: &BTreeSet<u16>, path: &'static str) -> bool {
        let mut looks = JoinSet::new();
        for &port in ports {
            let apps = self.clone();
            looks.spawn(async move {
                let url = url_of(port, path)?;
                matches!(
                    apps.probe.look(&url).await,
                    Sight::App(_) | Sight::OtherMode(_)
                )
                .then_some(url)
            });
        }
        let found: Vec<_> = looks.join_all().await.into_iter().flatten().collect();
        for url in &found {
            self.book
                .add(url.clone(), Origin::Discovered, self.clock.now());
        }
        !found.is_empty()
    }
}

fn url_of(port: u16, path: &str) -> Option<Url> {
    let scheme = if port == 443 { "https" } else { "http" };
    Url::parse(&format!("{scheme}://localhost:{port}{path}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_ports_are_those_of_the_protocol() {
        let ports = Ports::usual().without(3000);
        assert!(
            !ports.0.contains(&3000),
            "the server does not look at itself"
        );
        for port in [
            80, 443, 3001, 3010, 4321, 5000, 5173, 8000, 8080, 8081, 8787, 8888, 8910, 8915,
        ] {
            assert!(ports.0.contains(&port), "{port}");
        }
    }

    #[test]
    fn urls_leave_the_default_port_out() {
        assert_eq!(url_of(80, "/x").unwrap().as_str(), "http://localhost/x");
        assert_eq!(url_of(443, "/x").unwrap().as_str(), "https://localhost/x");
        assert_eq!(
            url_of(3000, "/x").unwrap().as_str(),
            "http://localhost:3000/x"
        );
    }
}
