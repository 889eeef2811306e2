//! What is at the URL of an app, stage by stage: from the name of its host to its functions. The first
//! stage that fails is the last one.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use everstep_engine::http::{HttpError, Response};
use everstep_protocol::headers;
use everstep_protocol::sync::Introspection;
use http::Method;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};
use url::{Host, Url};

use super::probe::{LOOK_BODY_MAX, LOOK_TIMEOUT, Probe, Sight, is_local, limits};
use super::problem::{Problem, ProblemCode};

/// Addresses of a name that are named, and tried.
const ADDRESSES_MAX: usize = 4;

/// How far one gets with the URL of an app.
#[derive(Clone, Debug)]
pub struct ProbeReport {
    pub url: Url,
    /// In order. All of them passed if the last one did.
    pub stages: Vec<Stage>,
}

/// One thing that must be right.
#[derive(Clone, Debug)]
pub struct Stage {
    pub name: &'static str,
    pub outcome: Outcome,
    /// `None`: it is part of a later stage.
    pub took: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With what was seen.
    Passed(String),
    Failed(Problem),
}

impl ProbeReport {
    /// Whether nothing is wrong.
    pub fn is_passed(&self) -> bool {
        let passed = |stage: &Stage| matches!(stage.outcome, Outcome::Passed(_));
        self.stages.last().is_some_and(passed)
    }

    /// Notes a stage; gives what it found, or the end.
    fn note<T>(
        &mut self,
        name: &'static str,
        took: Option<Duration>,
        found: Result<(String, T), Problem>,
    ) -> Option<T> {
        let (outcome, value) = match found {
            Ok((seen, value)) => (Outcome::Passed(seen), Some(value)),
            Err(problem) => (Outcome::Failed(problem), None),
        };
        self.stages.push(Stage {
            name,
            outcome,
            took,
        });
        value
    }
}

impl Probe {
    pub(super) async fn report(&self, url: &Url) -> ProbeReport {
        let mut report = ProbeReport {
            url: url.clone(),
            stages: Vec::new(),
        };
        // The end is noted in the stages.
        let _ = self.go_through(url, &mut report).await;
        report
    }

    async fn go_through(&self, url: &Url, report: &mut ProbeReport) -> Option<()> {
        let begun = Instant::now();
        let found = addresses(url).await;
        let addresses = report.note("dns", Some(begun.elapsed()), found)?;

        let begun = Instant::now();
        let found = self.connect(url, &addresses).await;
        report.note("tcp", Some(begun.elapsed()), found)?;

        let begun = Instant::now();
        let request = self.request(Method::GET, url, Bytes::new());
        let limits = limits(LOOK_TIMEOUT, LOOK_BODY_MAX);
        let sent = self.client.send(request, limits).await;
        let took = Some(begun.elapsed());
        let problem = |error: &HttpError| Problem::of_error(error, is_local(url), &self.advice);
        let sent = match sent {
            Err(error @ HttpError::Tls { .. }) => {
                return report.note("tls", took, Err(problem(&error)));
            }
            sent => sent,
        };
        if url.scheme() == "https" {
            let seen = "the certificate is valid".to_owned();
            report.note("tls", None, Ok((seen, ())))?;
        }
        let answered = sent.map_err(|error| problem(&error));
        let answered = answered.map(|response| (status_of(url, &response), response));
        let response = report.note("http", took, answered)?;

        let is_sdk = |name| response.headers.contains_key(name);
        let sdk = match is_sdk(headers::SDK) || is_sdk(headers::SDK_HANDLED) {
            true => Ok((sdk_of(&response), ())),
            false => Err(Problem::of_stranger(response.status)),
        };
        report.note("sdk", None, sdk)?;

        let mode = match self.sight(&response) {
            Sight::App(said) => Ok((mode_of(said.as_deref()), said)),
            Sight::OtherMode(problem) | Sight::Other(problem) => Err(problem),
        };
        let said = report.note("mode", None, mode)?;
        report.note("functions", None, functions_of(said.as_deref()))
    }

    async fn connect(&self, url: &Url, addresses: &[SocketAddr]) -> Result<(String, ()), Problem> {
        let mut problem = None;
        for address in addresses {
            let error = match timeout(LOOK_TIMEOUT, TcpStream::connect(address)).await {
                Ok(Ok(_)) => return Ok((address.to_string(), ())),
                Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                    HttpError::Refused {
                        origin: address.to_string(),
                    }
                }
                Ok(Err(error)) => HttpError::Connect {
                    origin: address.to_string(),
                    cause: error.into(),
                },
                Err(_) => HttpError::ConnectTimedOut {
                    origin: address.to_string(),
                    after: LOOK_TIMEOUT,
                },
            };
            problem.get_or_insert_with(|| Problem::of_error(&error, is_local(url), &self.advice));
        }
        Err(problem.unwrap_or_else(|| no_address(url)))
    }
}

/// The addresses that a URL leads to.
async fn addresses(url: &Url) -> Result<(String, Vec<SocketAddr>), Problem> {
    let port = url.port_or_known_default().unwrap_or_default();
    let name = match url.host() {
        Some(Host::Domain(name)) => name,
        Some(Host::Ipv4(address)) => {
            return Ok((address.to_string(), vec![(address, port).into()]));
        }
        Some(Host::Ipv6(address)) => {
            return Ok((address.to_string(), vec![(address, port).into()]));
        }
        None => return Err(no_address(url)),
    };
    let found = match timeout(LOOK_TIMEOUT, lookup_host((name, port))).await {
        Ok(Ok(found)) => found.take(ADDRESSES_MAX).collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    };
    if found.is_empty() {
        return Err(no_address(url));
    }
    let seen: Vec<String> = found.iter().map(|it| it.ip().to_string()).collect();
    Ok((seen.join(", "), found))
}

fn no_address(url: &Url) -> Problem {
    let host = url.host_str().unwrap_or_default();
    Problem::new(
        ProblemCode::Unreachable,
        format!("the host name {host:?} can't be resolved"),
    )
    .hint("check the name; inside a container, the names of this machine are others")
}

fn status_of(url: &Url, response: &Response) -> String {
    match response.final_url == *url {
        true => response.status.to_string(),
        false => format!("{} from {}", response.status, response.final_url),
    }
}

fn sdk_of(response: &Response) -> String {
    let named = response.headers.get(headers::SDK);
    match named.and_then(|value| value.to_str().ok()) {
        Some(sdk) => sdk.to_owned(),
        None => "an SDK that does not say which".to_owned(),
    }
}

fn mode_of(said: Option<&Introspection>) -> String {
    let mode = said.and_then(|said| said.mode.as_deref());
    mode.unwrap_or("an app that does not say which").to_owned()
}

fn functions_of(said: Option<&Introspection>) -> Result<(String, ()), Problem> {
    match said.and_then(|said| said.function_count) {
        Some(0) => Err(
            Problem::new(ProblemCode::NoFunctions, "the app has no functions")
                .hint("pass the functions to serve()"),
        ),
        Some(count) => Ok((count.to_string(), ())),
        None => Ok(("the app does not say how many".to_owned(), ())),
    }
}
