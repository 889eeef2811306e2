//! HTTP over loopback, as far as `demo` needs it.
//!
//! HTTP/1.0 on purpose: the answer ends where the connection ends, so there is no framing to parse.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Generous: the first request to a page makes some frameworks compile it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, PartialEq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_str(&self.body).with_context(|| format!("this is not JSON: {}", self.body))
    }
}

pub(crate) fn get(port: u16, path: &str) -> anyhow::Result<Response> {
    request(port, &format!("GET {path} HTTP/1.0\r\n"), "")
}

pub(crate) fn post_json(port: u16, path: &str, body: &Value) -> anyhow::Result<Response> {
    request(
        port,
        &format!("POST {path} HTTP/1.0\r\nContent-Type: application/json\r\n"),
        &body.to_string(),
    )
}

fn request(port: u16, head: &str, body: &str) -> anyhow::Result<Response> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT)
        .with_context(|| format!("can't connect to {address}"))?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    let length = body.len();
    write!(
        stream,
        "{head}Host: localhost:{port}\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .with_context(|| format!("no complete answer from {address}"))?;
    parse(&String::from_utf8_lossy(&answer))
}

fn parse(answer: &str) -> anyhow::Result<Response> {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        bail!("this is not an HTTP response: {answer:?}");
    };
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let status = status.with_context(|| format!("no status in {head:?}"))?;
    Ok(Response {
        status,
        body: body.to_owned(),
    })
}

/// `preferred` if nobody listens on it, else a port that the system picks.
pub(crate) fn free_port(preferred: u16) -> anyhow::Result<u16> {
    let is_taken = [
        SocketAddr::from((Ipv4Addr::LOCALHOST, preferred)),
        SocketAddr::from(([0; 16], preferred)),
    ]
    .into_iter()
    .any(|address| std::net::TcpListener::bind(address).is_err());
    if !is_taken {
        return Ok(preferred);
    }
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_its_status_and_its_body() {
        let response = parse("HTTP/1.0 202 Accepted\r\nx: y\r\n\r\n{\"a\":\r\n\r\n1}").unwrap();
        assert_eq!(
            response,
            Response {
                status: 202,
                body: "{\"a\":\r\n\r\n1}".to_owned()
            }
        );
        assert!(response.is_success());
        assert_eq!(response.json().unwrap()["a"], 1);
    }

    #[test]
    fn half_a_response_is_an_error() {
        assert!(parse("HTTP/1.0 200 OK\r\nx: y\r\n").is_err());
        assert!(parse("SSH-2.0-OpenSSH\r\n\r\n").is_err());
    }

    #[test]
    fn a_taken_port_is_replaced() {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = listener.local_addr().unwrap().port();
        assert_ne!(free_port(taken).unwrap(), taken);
    }
}
