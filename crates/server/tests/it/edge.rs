//! What holds for every endpoint.

use http::Method;
use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn an_unknown_route_is_named() {
    let server = Server::start().await;
    let cases = [
        (
            Method::GET,
            "/nope",
            "no such endpoint: GET /nope (GET /dev tells what is registered)",
        ),
        (
            Method::PUT,
            "/api/inngest",
            "no such endpoint: PUT /api/inngest (this is the server; your app serves that path)",
        ),
        (
            Method::GET,
            "/v1/metrics",
            "no such endpoint: GET /v1/metrics (this version may not have that part of the API yet)",
        ),
    ];
    for (method, path, error) in cases {
        let answer = server.send(method, path, &[], "").await;
        assert_eq!(
            answer.masked(),
            (404, json!({ "error": error, "data": null, "status": 404 }))
        );
    }
}

#[tokio::test]
async fn a_wrong_method_is_named() {
    let server = Server::start().await;
    for (method, path) in [
        (Method::GET, "/e/key"),
        (Method::POST, "/health"),
        (Method::GET, "/fn/register"),
        (Method::PUT, "/v1/runs/01HZZZZZZZZZZZZZZZZZZZ1000"),
        (
            Method::GET,
            "/v1/checkpoint/01HZZZZZZZZZZZZZZZZZZZ1000/async",
        ),
    ] {
        let answer = server.send(method.clone(), path, &[], "").await;
        let error = format!("{path} does not take {method}");
        assert_eq!(
            answer.masked(),
            (405, json!({ "error": error, "data": null, "status": 405 }))
        );
    }
}

#[tokio::test]
async fn every_reply_says_what_kind_of_server_this_is() {
    let server = Server::start().await;
    for path in ["/health", "/dev", "/nope", "/v1/runs/x", "/e/"] {
        assert_eq!(
            server.get(path).await.headers["x-inngest-server-kind"],
            "dev",
            "{path}"
        );
    }
}

#[tokio::test]
async fn any_origin_may_ask() {
    let server = Server::start().await;
    let asks = [
        ("origin", "https://shop.test"),
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "authorization,x-inngest-sdk",
        ),
    ];
    let answer = server.send(Method::OPTIONS, "/e/key", &asks, "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    assert_eq!(
        answer.headers["access-control-allow-headers"],
        "authorization,x-inngest-sdk"
    );
    assert_eq!(answer.headers["access-control-max-age"], "3600");
    let methods = answer.headers["access-control-allow-methods"]
        .to_str()
        .unwrap();
    for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS"] {
        assert!(methods.contains(method), "{methods}");
    }
    let answer = server.send(Method::GET, "/health", &asks[..1], "").await;
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn health_is_what_probes_expect() {
    let server = Server::start().await;
    assert_eq!(
        server.get("/health").await.masked(),
        (200, json!({ "status": 200, "message": "OK" }))
    );
}

#[tokio::test]
async fn both_loopback_addresses_answer() {
    let server = Server::start().await;
    for host in ["127.0.0.1", "::1"] {
        if tokio::net::TcpListener::bind((host, 0)).await.is_ok() {
            tokio::net::TcpStream::connect((host, server.dev.port))
                .await
                .unwrap();
        }
    }
}
