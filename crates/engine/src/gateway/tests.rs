use std::io::{ErrorKind, Write as _};
use std::net::TcpListener;

use everstep_protocol::op::Op;
use http::{HeaderValue, Method};

use super::*;
use crate::http::testing::{Answer, Seen, Then, app, app_at, raw, reply};

fn config() -> GatewayConfig {
    GatewayConfig {
        timeout: Duration::from_secs(20),
        response_max: 1000,
        redirects_max: 3,
        ..GatewayConfig::new(Duration::from_secs(5))
    }
}

fn gateway(egress: &str) -> HttpGateway {
    HttpGateway::new(egress.parse().unwrap(), config())
}

fn get(url: &str) -> OutboundRequest {
    OutboundRequest {
        method: Method::GET,
        url: url.parse().unwrap(),
        headers: HeaderMap::new(),
        body: "".into(),
    }
}

async fn send(request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
    gateway("all").send(request).await
}

/// What comes of a `GET` that is answered like this.
async fn answered(
    answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
) -> Result<OutboundResponse, OutboundError> {
    let (url, _) = app(answer).await;
    send(get(&url)).await
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_request_arrives_whole_and_the_response_comes_back() {
    let (url, log) = app(|_| reply("201 Created", "x-resp: a\r\nx-resp: b\r\n", b"BODY")).await;
    let body = format!(
        r#"{{"op":"Gateway","id":"x","opts":{{"url":"{url}","method":"POST","headers":{{"X-A":"1"}},"body":"hi"}}}}"#
    );
    let op = Op::parse_all(body.as_bytes()).unwrap().remove(0);
    let request = op.gateway_request().unwrap();
    let response = send(request.outbound().clone()).await.unwrap();
    assert_eq!(response.status, 201);
    assert_eq!(response.final_url.as_str(), url);
    assert_eq!(response.headers.get_all("x-resp").iter().count(), 2);
    assert_eq!(response.body, "BODY");

    let seen = &log.all()[0];
    assert!(
        seen.head
            .starts_with("POST /api/inngest?fnId=f&stepId=step HTTP/1.1\r\n")
    );
    for header in [
        "x-a: 1",
        "accept: */*",
        "user-agent: Everstep/",
        "content-length: 2",
    ] {
        assert!(seen.head.contains(header), "{header}: {}", seen.head);
    }
    assert_eq!(seen.body, "hi");
}

#[tokio::test]
async fn any_status_is_a_response() {
    for status in [
        "204 No Content",
        "304 Not Modified",
        "404 Not Found",
        "500 Oops",
    ] {
        let response = answered(move |_| {
            raw(
                &format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"),
                Then::KeepOpen,
            )
        });
        assert_eq!(response.await.unwrap().status.to_string(), status[..3]);
    }
    // A redirect that leads nowhere is one too.
    let response = answered(|_| reply("302 Found", "", b"where?"))
        .await
        .unwrap();
    assert_eq!((response.status, &*response.body), (302, "where?"));
}

#[tokio::test]
async fn bodies_are_decoded_and_their_headers_say_so() {
    let packed = gzip("é".as_bytes());
    let response =
        answered(move |_| reply("200 OK", "content-encoding: gzip\r\nx-a: 1\r\n", &packed));
    let response = response.await.unwrap();
    assert_eq!(response.body, "é");
    assert_eq!(response.headers.len(), 1, "{:?}", response.headers);

    let response = answered(|_| reply("200 OK", "", b"a\xffb")).await.unwrap();
    assert_eq!(response.body, "a\u{FFFD}b");
    assert_eq!(response.headers["content-length"], "3");
}

#[tokio::test]
async fn the_answer_to_head_has_no_body_whatever_its_headers_say() {
    for encoding in ["gzip", "br", "identity"] {
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: 9\r\n\r\n");
        let (url, _) = app(move |_| raw(&head, Then::KeepOpen)).await;
        let request = OutboundRequest {
            method: Method::HEAD,
            ..get(&url)
        };
        let response = send(request).await.unwrap();
        assert_eq!((response.status, &*response.body), (200, ""), "{encoding}");
    }
}

#[tokio::test]
async fn streams_are_read_to_their_end() {
    let events = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n\
        8\r\ndata: 1\n\r\n1\r\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n";
    let response = answered(move |_| raw(events, Then::KeepOpen))
        .await
        .unwrap();
    assert_eq!(response.body, "data: 1\n\ndata: 2\n\n");
    assert!(!response.headers.contains_key("transfer-encoding"));

    let cut = &events[..events.len() - 5];
    let error = answered(move |_| raw(cut, Then::Close)).await.unwrap_err();
    let expected = OutboundError {
        cause: "the connection was closed before the reply was complete".to_owned(),
        no_retry: false,
    };
    assert_eq!(error, expected);
}

#[tokio::test]
async fn responses_are_bounded_in_size() {
    let response = answered(|_| reply("200 OK", "", &[b' '; 1000])).await;
    assert_eq!(response.unwrap().body.len(), 1000);
    let bomb = gzip(&[b' '; 1001]);
    let error = answered(move |_| reply("200 OK", "content-encoding: gzip\r\n", &bomb)).await;
    let expected = OutboundError {
        cause: "the reply is larger than 1000 bytes".to_owned(),
        no_retry: true,
    };
    assert_eq!(error, Err(expected));
}

#[tokio::test]
async fn responses_are_bounded_in_time() {
    let config = GatewayConfig {
        timeout: Duration::from_millis(50),
        ..config()
    };
    let (url, _) = app(|_| raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n ", Then::Hang)).await;
    let hasty = HttpGateway::new(EgressPolicy::all(), config);
    let error = hasty.send(get(&url)).await.unwrap_err();
    assert_eq!(error.to_string(), "no complete reply within 50 ms");
    assert!(!error.no_retry);
}

#[tokio::test]
async fn the_duration_is_measured() {
    let (url, _) = app(|_| reply("200 OK", "", b"")).await;
    let outer = std::time::Instant::now();
    let duration = send(get(&url)).await.unwrap().duration;
    assert!(Duration::ZERO < duration && duration <= outer.elapsed());
}

#[tokio::test]
async fn redirects_are_followed_as_browsers_do() {
    let (url, log) = app(|seen| match seen.head.contains("/there") {
        true => reply("200 OK", "", b"there"),
        false => reply("302 F", "location: /there\r\n", b"gone"),
    })
    .await;
    let mut request = OutboundRequest {
        method: Method::POST,
        body: "body".into(),
        ..get(&url)
    };
    let header = HeaderValue::from_static("text/plain");
    request.headers.insert("content-type", header);
    let response = send(request).await.unwrap();
    assert_eq!(response.body, "there");
    assert_eq!(
        (response.final_url.path(), response.final_url.query()),
        ("/there", None)
    );
    let second = &log.all()[1];
    assert!(
        second.head.starts_with("GET /there HTTP/1.1\r\n"),
        "{}",
        second.head
    );
    assert!(!second.head.contains("content-type"), "{}", second.head);
    assert_eq!(second.body, "");
}

#[tokio::test]
async fn redirects_are_bounded() {
    let error = answered(|_| reply("307 T", "location: /again\r\n", b"")).await;
    assert_eq!(error.unwrap_err().cause, "more than 3 redirects");
}

#[tokio::test]
async fn op_4_keys_do_not_follow_to_another_origin() {
    let (there, log) = app(|_| reply("200 OK", "", b"")).await;
    let (here, _) = app(move |seen| match seen.head.contains("/near") {
        true => reply("307 T", &format!("location: {there}\r\n"), b""),
        false => reply("307 T", "location: /near\r\n", b""),
    })
    .await;
    let body = format!(
        r#"{{"op":"Gateway","id":"x","opts":{{"url":"{here}","method":"POST","body":"b",
            "headers":{{"Authorization":"Bearer k","X-Api-Key":"k","Cookie":"k","x-a":"1"}}}}}}"#
    );
    let op = Op::parse_all(body.as_bytes()).unwrap().remove(0);
    let request = op.gateway_request().unwrap();
    send(request.outbound().clone()).await.unwrap();
    let seen = &log.all()[0];
    for gone in ["authorization", "x-api-key", "cookie"] {
        assert!(!seen.head.contains(gone), "{}", seen.head);
    }
    assert!(seen.head.contains("x-a: 1"), "{}", seen.head);
    assert_eq!(seen.body, "b");
}

#[tokio::test]
async fn op_4_a_cause_repeats_no_text_in_which_a_key_may_stand() {
    let error = answered(|_| reply("302 F", "location: ftp://a.test/?key=hidden\r\n", b"")).await;
    let cause = error.unwrap_err().cause;
    assert_eq!(cause, "302 redirects to what is not a usable URL");
}

#[tokio::test]
async fn a_cause_says_what_went_wrong() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = send(get(&format!("http://{free}/?key=hidden")))
        .await
        .unwrap_err();
    let cause = format!("nothing listens at http://{free} (connection refused)");
    assert_eq!((error.cause, error.no_retry), (cause, false));
}

/// A listener that must not be connected to.
struct Untouched(TcpListener);

impl Untouched {
    fn at(address: &str) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// A connection that was made waits in the backlog.
    fn check(&self) {
        let error = self.0.accept().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
}

#[tokio::test]
async fn what_is_not_public_is_not_connected_to() {
    let listener = Untouched::at("127.0.0.1:0");
    let port = listener.port();
    // However the address is written, the URL, the resolver or the policy sees through it.
    let cases = [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost", "127.0.0.1"),
        ("LOCALHOST.", "localhost.", "127.0.0.1"),
        ("app.localhost", "app.localhost", "127.0.0.1"),
        ("[::1]", "[::1]", "::1"),
        ("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "::ffff:127.0.0.1"),
    ];
    for (written, host, address) in cases {
        let url = format!("http://{written}:{port}/");
        let error = gateway("").send(get(&url)).await.unwrap_err();
        let cause = format!(
            "the egress policy does not let this server reach {host:?}: {address} is not a public address (loopback), and was not allowed"
        );
        assert_eq!((error.cause, error.no_retry), (cause, true));
    }
    // Nor is it with TLS.
    for (url, kind) in [
        (format!("http://0.0.0.0:{port}/"), "(unspecified)"),
        (format!("https://localhost:{port}/"), "(loopback)"),
    ] {
        let error = gateway("").send(get(&url)).await.unwrap_err();
        assert!(error.cause.contains(kind), "{}", error.cause);
    }
    listener.check();
}

#[tokio::test]
async fn what_was_allowed_is_reached() {
    let (address, _) = app_at("127.0.0.1:0", |_| reply("200 OK", "", b"here")).await;
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let url = format!("http://{host}:{}/", address.port());
        let response = gateway("127.0.0.1").send(get(&url)).await;
        assert_eq!(response.unwrap().body, "here", "{host}");
    }
}

#[tokio::test]
async fn of_the_addresses_of_a_name_only_those_allowed_are_tried() {
    let Ok(v6) = TcpListener::bind("[::1]:0") else {
        return; // This machine has no IPv6.
    };
    drop(v6);
    let listener = Untouched::at("[::1]:0");
    let url = format!("http://localhost:{}/", listener.port());
    let error = gateway("127.0.0.0/8").send(get(&url)).await.unwrap_err();
    assert!(
        error.cause.ends_with("(connection refused)"),
        "{}",
        error.cause
    );
    listener.check();
}

#[tokio::test]
async fn a_redirect_leads_to_no_address_that_is_refused() {
    // Another address of the same listener.
    let listener = Untouched::at("127.0.0.1:0");
    let target = format!("location: http://0.0.0.0:{}/\r\n", listener.port());
    let (url, log) = app(move |_| reply("307 T", &target, b"")).await;
    let error = gateway("127.0.0.1").send(get(&url)).await.unwrap_err();
    assert!(
        error.cause.contains("0.0.0.0 is not a public address"),
        "{}",
        error.cause
    );
    assert!(error.no_retry);
    assert_eq!(log.all().len(), 1);
    listener.check();
}
