//! Requests to the HTTP API, and its errors as exits.

use std::time::Duration;

use bytes::Bytes;
use everstep_engine::http::{HttpClient, Limits, Request, Response, Streaming};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::Value;
use url::Url;

use super::{Paging, Query};
use crate::cli::Exit;
use crate::routes::ACTOR;

/// Bytes of an answer.
const ANSWER_MAX: usize = 64 * 1024 * 1024;

/// A server.
pub(in crate::cli) struct Api {
    client: HttpClient,
    base: Url,
    authorization: Option<HeaderValue>,
    actor: Option<HeaderValue>,
    timeout: Duration,
}

/// Rows of a list, and where it goes on.
pub(in crate::cli) struct Rows {
    pub(in crate::cli) rows: Vec<Value>,
    pub(in crate::cli) next: Option<String>,
    /// How far back a search has looked, if it stopped before the end.
    pub(in crate::cli) scanned_to: Option<String>,
}

impl Rows {
    /// A list that is whole.
    pub(in crate::cli) fn all(rows: Vec<Value>) -> Self {
        Self {
            rows,
            next: None,
            scanned_to: None,
        }
    }
}

impl Api {
    pub(super) fn new(
        base: Url,
        key: Option<String>,
        actor: Option<&str>,
        timeout: Duration,
    ) -> Result<Self, Exit> {
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            return Err(Exit::bad_config(format!("{base} is no HTTP URL")));
        }
        let authorization = key.map(|key| {
            let mut value = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| {
                Exit::bad_config("the key has characters that no key has".to_owned())
            })?;
            value.set_sensitive(true);
            Ok::<_, Exit>(value)
        });
        Ok(Self {
            client: HttpClient::new(timeout),
            base,
            authorization: authorization.transpose()?,
            actor: match actor {
                Some(name) => Some(header_of(name).ok_or_else(|| {
                    Exit::usage(format!("{name:?} has characters that no actor has"))
                })?),
                None => user_name().as_deref().and_then(header_of),
            },
            timeout,
        })
    }

    pub(in crate::cli) fn base(&self) -> &Url {
        &self.base
    }

    pub(in crate::cli) async fn get(&self, path: &[&str], query: Query) -> Result<Value, Exit> {
        self.send(Method::GET, path, query, None).await
    }

    pub(in crate::cli) async fn post(&self, path: &[&str], body: &Value) -> Result<Value, Exit> {
        self.send(Method::POST, path, Query::default(), Some(body))
            .await
    }

    /// The JSON of the answer; null if it has no body.
    pub(in crate::cli) async fn send(
        &self,
        method: Method,
        path: &[&str],
        query: Query,
        body: Option<&Value>,
    ) -> Result<Value, Exit> {
        let url = self.url(path, &query)?;
        let body = body.map(|body| Bytes::from(body.to_string()));
        let response = self.exchange(method, url.clone(), body).await?;
        read(&url, &response)
    }

    /// Rows of a v2 list, over as many pages as it takes.
    pub(in crate::cli) async fn list(
        &self,
        path: &[&str],
        query: Query,
        paging: &Paging,
    ) -> Result<Rows, Exit> {
        let mut rows = Vec::new();
        let mut next = paging.cursor().map(str::to_owned);
        loop {
            let wanted = (paging.limit() - rows.len()).min(paging.page());
            let page = query
                .clone()
                .set("limit", wanted.to_string())
                .maybe("cursor", next.clone());
            let mut answer = self.get(path, page).await?;
            if let Value::Array(more) = answer["data"].take() {
                rows.extend(more);
            }
            let page = &answer["page"];
            let text = |name: &str| page[name].as_str().map(str::to_owned);
            next = text("cursor");
            let scanned_to = text("scannedTo");
            if next.is_none() || scanned_to.is_some() || rows.len() >= paging.limit() {
                return Ok(Rows {
                    rows,
                    next,
                    scanned_to,
                });
            }
        }
    }

    /// An answer of the server, whatever it is.
    pub(in crate::cli) async fn exchange(
        &self,
        method: Method,
        url: Url,
        body: Option<Bytes>,
    ) -> Result<Response, Exit> {
        let request = self.request(method, url, body);
        let limits = Limits {
            timeout: self.timeout,
            body_max: ANSWER_MAX,
            // A key is not carried to another place.
            redirects_max: if self.authorization.is_some() { 0 } else { 5 },
            answer_header: None,
        };
        let response = self.client.send(request, limits).await;
        response.map_err(|error| Exit::unreachable(error.to_string()))
    }

    /// An answer that is read as it comes.
    pub(super) async fn open(&self, url: Url) -> Result<Streaming, Exit> {
        let request = self.request(Method::GET, url, None);
        let stream = self.client.open(&request, self.timeout).await;
        stream.map_err(|error| Exit::unreachable(error.to_string()))
    }

    fn request(&self, method: Method, url: Url, body: Option<Bytes>) -> Request {
        let mut headers = HeaderMap::new();
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        if let Some(actor) = self.actor.as_ref().filter(|_| method != Method::GET) {
            headers.insert(ACTOR, actor.clone());
        }
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Request {
            method,
            url,
            headers,
            body: body.unwrap_or_default(),
        }
    }

    /// The URL of a path below that of the server; each segment is escaped.
    pub(in crate::cli) fn url(&self, path: &[&str], query: &Query) -> Result<Url, Exit> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => segments.pop_if_empty().extend(path),
            Err(()) => return Err(Exit::bad_config(format!("{} is no server", self.base))),
        };
        query.write(&mut url);
        Ok(url)
    }
}

fn user_name() -> Option<String> {
    ["USER", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
}

/// A name as a header; `None` if there is nothing in it, or what no header can have.
fn header_of(name: &str) -> Option<HeaderValue> {
    HeaderValue::from_bytes(name.as_bytes())
        .ok()
        .filter(|value| !value.is_empty())
}

fn read(url: &Url, response: &Response) -> Result<Value, Exit> {
    let status = response.status;
    let json: Option<Value> = serde_json::from_slice(&response.body).ok();
    match json {
        Some(json) if status.is_success() => Ok(json),
        None if status.is_success() && response.body.is_empty() => Ok(Value::Null),
        None if status.is_success() => Err(Exit::failed(format!(
            "{url} did not answer with JSON: is it an Everstep server?"
        ))),
        json => Err(refusal(url, status, json.as_ref())),
    }
}

/// What the server said is wrong: `errors` of v2, `error` of v1.
fn refusal(url: &Url, status: StatusCode, json: Option<&Value>) -> Exit {
    let first = json.map(|json| &json["errors"][0]);
    let code = first.and_then(|first| first["code"].as_str());
    let message = first
        .and_then(|first| first["message"].as_str())
        .or_else(|| json.and_then(|json| json["error"].as_str()));
    let message = message.map_or_else(|| format!("{url} answered {status}"), str::to_owned);
    let exit = match status {
        StatusCode::NOT_FOUND => Exit::not_found(message),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Exit::not_allowed(message),
        StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS => Exit::conflict(message),
        _ => Exit::failed(message),
    };
    match code {
        Some(code) => exit.with_reason(code),
        None => exit,
    }
}
