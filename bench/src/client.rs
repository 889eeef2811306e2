//! One connection that is kept open, without a pool, retries or redirects.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

/// Far beyond what anything here takes: without it a server that hangs would hang the benchmark.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
}

impl Connection {
    pub(crate) async fn open(port: u16) -> anyhow::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| format!("can't connect to {address}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            sender,
            host: HeaderValue::try_from(address.to_string())?,
        })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        target: &Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> anyhow::Result<(StatusCode, Bytes)> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = target.clone();
        *request.headers_mut() = headers;
        request.headers_mut().insert(HOST, self.host.clone());
        let exchange = async {
            self.sender.ready().await?;
            let response = self.sender.send_request(request).await?;
            let status = response.status();
            Ok((status, response.into_body().collect().await?.to_bytes()))
        };
        let answer: hyper::Result<_> = tokio::time::timeout(TIMEOUT, exchange)
            .await
            .with_context(|| format!("no answer from {target}"))?;
        answer.with_context(|| format!("no answer from {target}"))
    }

    /// Posts JSON; an error unless the answer is a success.
    pub(crate) async fn post(
        &mut self,
        target: &Uri,
        body: impl Into<Bytes>,
    ) -> anyhow::Result<()> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let (status, body) = self
            .send(Method::POST, target, headers, body.into())
            .await?;
        if !status.is_success() {
            bail!(
                "{target} answered {status}: {}",
                String::from_utf8_lossy(&body)
            );
        }
        Ok(())
    }

    pub(crate) async fn get<T: DeserializeOwned>(&mut self, target: &Uri) -> anyhow::Result<T> {
        let (status, body) = self
            .send(Method::GET, target, HeaderMap::new(), Bytes::new())
            .await?;
        if !status.is_success() {
            bail!(
                "{target} answered {status}: {}",
                String::from_utf8_lossy(&body)
            );
        }
        serde_json::from_slice(&body)
            .with_context(|| format!("{target} did not answer with what was asked for"))
    }
}
