//! Asking an app: does it listen, who is it, please sync.

use std::time::Duration;

use bytes::Bytes;
use everstep_engine::http::{HttpClient, HttpError, Limits, Request, Response};
use everstep_protocol::headers::{self, ServerKind};
use everstep_protocol::sync::{AppSync, InBandSync, Introspection};
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::json;
use tokio::net::TcpStream;
use url::{Host, Url};

use super::checked;
use super::problem::{Advice, Problem};

/// How long a sync may take.
const SYNC_TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may take to connect, or to answer who one is.
pub(super) const LOOK_TIMEOUT: Duration = Duration::from_secs(2);
/// Bytes of the reply to a sync: the configuration of a thousand functions.
const SYNC_BODY_MAX: usize = 8 * 1024 * 1024;
pub(super) const LOOK_BODY_MAX: usize = 64 * 1024;
const REDIRECTS_MAX: u32 = 10;
const AGENT: &str = concat!("Everstep/", env!("CARGO_PKG_VERSION"));

/// Asks apps.
#[derive(Clone)]
pub(super) struct Probe {
    pub(super) client: HttpClient,
    pub(super) kind: ServerKind,
    pub(super) advice: Advice,
}

/// How an app answered when it was asked to sync.
#[derive(Debug)]
pub(super) enum Answer {
    /// The answer says all there is to know (sdk-protocol §2.4).
    InBand(Box<AppSync>),
    /// It registers itself, or has done so (§2.1).
    OutOfBand,
    Problem(Problem),
}

/// Who answers at a URL.
#[derive(Debug)]
pub(super) enum Sight {
    /// An app, and what it says of itself if it says something.
    App(Option<Box<Introspection>>),
    /// An app that does not talk to a development server.
    OtherMode(Problem),
    /// No app.
    Other(Problem),
}

impl Probe {
    /// Whether something listens there. Sends nothing, so that nothing is logged there.
    pub(super) async fn knock(&self, url: &Url) -> bool {
        let Some(port) = url.port_or_known_default() else {
            return false;
        };
        let connect = async {
            match url.host() {
                Some(Host::Domain("localhost")) => {
                    TcpStream::connect(("127.0.0.1", port)).await.is_ok()
                        || TcpStream::connect(("::1", port)).await.is_ok()
                }
                Some(Host::Domain(name)) => TcpStream::connect((name, port)).await.is_ok(),
                Some(Host::Ipv4(address)) => TcpStream::connect((address, port)).await.is_ok(),
                Some(Host::Ipv6(address)) => TcpStream::connect((address, port)).await.is_ok(),
                None => false,
            }
        };
        tokio::time::timeout(LOOK_TIMEOUT, connect)
            .await
            .unwrap_or(false)
    }

    /// `GET`: is this an app?
    pub(super) async fn look(&self, url: &Url) -> Sight {
        let request = self.request(Method::GET, url, Bytes::new());
        match self
            .client
            .send(request, limits(LOOK_TIMEOUT, LOOK_BODY_MAX))
            .await
        {
            Ok(response) => self.sight(&response),
            Err(error) => Sight::Other(Problem::of_error(&error, is_local(url), &self.advice)),
        }
    }

    /// `PUT`: please sync.
    ///
    /// It does not ask for the sync to be in the answer, although an app in development mode would
    /// do that. That the app can register is the proof that it reaches this server, as it must for
    /// events and checkpoints.
    pub(super) async fn sync(&self, url: &Url) -> Answer {
        let body = json!({ "url": url.as_str() }).to_string();
        let request = self.request(Method::PUT, url, body.into());
        let sent = self
            .client
            .send(request, limits(SYNC_TIMEOUT, SYNC_BODY_MAX))
            .await;
        self.answer(url, sent)
    }

    /// A reply is an SDK's if it has the header `x-inngest-sdk`. In cloud mode, a request without
    /// a signature is told no more than `x-inngest-sdk-handled` (sdk-protocol §1.5, §2.5).
    pub(super) fn sight(&self, response: &Response) -> Sight {
        let has = |name| response.headers.contains_key(name);
        let is_refused = response.status == StatusCode::FORBIDDEN;
        if has(headers::SDK) && !is_refused {
            let said = Introspection::parse(&response.body).ok();
            match said.filter(|_| response.status.is_success()) {
                Some(said) if said.mode.as_deref() == Some("cloud") => {
                    Sight::OtherMode(Problem::cloud_mode(&self.advice))
                }
                said => Sight::App(said.map(Box::new)),
            }
        } else if has(headers::SDK) || has(headers::SDK_HANDLED) {
            Sight::OtherMode(Problem::cloud_mode(&self.advice))
        } else {
            Sight::Other(Problem::of_stranger(response.status))
        }
    }

    fn answer(&self, url: &Url, sent: Result<Response, HttpError>) -> Answer {
        let response = match sent {
            Ok(response) => response,
            Err(error) => {
                return Answer::Problem(Problem::of_error(&error, is_local(url), &self.advice));
            }
        };
        if let Some(problem) = Problem::of_reply(&response, &self.advice) {
            return Answer::Problem(problem);
        }
        if response
            .headers
            .get(headers::SYNC_KIND)
            .is_none_or(|kind| kind != "in_band")
        {
            return Answer::OutOfBand;
        }
        let read = InBandSync::parse(&response.body).and_then(InBandSync::into_app_sync);
        match read.and_then(checked) {
            Ok(app) => Answer::InBand(Box::new(app)),
            Err(error) => Answer::Problem(Problem::of_refusal(&error)),
        }
    }

    pub(super) fn request(&self, method: Method, url: &Url, body: Bytes) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        set(&mut headers, headers::SERVER_KIND, self.kind.as_str());
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Request {
            method,
            url: url.clone(),
            headers,
            body,
        }
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &'static str) {
    headers.insert(
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    );
}

pub(super) fn limits(timeout: Duration, body_max: usize) -> Limits {
    Limits {
        timeout,
        body_max,
        redirects_max: REDIRECTS_MAX,
        answer_header: None,
    }
}

pub(super) fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
