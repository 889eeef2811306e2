//! `everstep health`: for scripts and for Docker's `HEALTHCHECK`.

use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use everstep_engine::http::{HttpClient, HttpError, Limits, Request};
use http::{HeaderMap, Method, StatusCode};
use tokio::time::Instant;
use url::Url;

use super::Exit;
use super::client::span;

const TRY_TIMEOUT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug, Args)]
pub struct HealthArgs {
    /// The server
    #[arg(long, default_value = "http://localhost:8288")]
    url: Url,
    /// Keep trying for this long, for example 30s
    #[arg(long, value_parser = span)]
    wait: Option<Duration>,
}

/// What one attempt found.
enum Health {
    Up,
    Down(StatusCode),
    Unreachable(HttpError),
}

impl HealthArgs {
    pub(super) async fn run(self) -> Result<(), Exit> {
        let url = self
            .url
            .join("/health")
            .map_err(|error| Exit::bad_config(format!("{}: {error}", self.url)))?;
        let client = HttpClient::new(TRY_TIMEOUT);
        let until = Instant::now() + self.wait.unwrap_or_default();
        loop {
            let health = ask(&client, &url).await;
            if matches!(health, Health::Up) {
                return Ok(());
            }
            if Instant::now() < until {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            let text = match &health {
                Health::Up => String::new(),
                Health::Down(status) => format!("{url} answered {status}"),
                Health::Unreachable(error) => error.to_string(),
            };
            return Err(match (self.wait, health) {
                (Some(_), _) => Exit::timed_out(text),
                (None, Health::Unreachable(_)) => Exit::unreachable(text),
                (None, _) => Exit::failed(text),
            });
        }
    }
}

async fn ask(client: &HttpClient, url: &Url) -> Health {
    let request = Request {
        method: Method::GET,
        url: url.clone(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
    };
    let limits = Limits {
        timeout: TRY_TIMEOUT,
        body_max: 64 * 1024,
        redirects_max: 5,
        answer_header: None,
    };
    match client.send(request, limits).await {
        Ok(response) if response.status == StatusCode::OK => Health::Up,
        Ok(response) => Health::Down(response.status),
        Err(error) => Health::Unreachable(error),
    }
}
