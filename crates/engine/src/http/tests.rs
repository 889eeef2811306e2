use std::io::Write as _;

use tokio::net::TcpListener;

use super::testing::{Answer, Seen, Then, app, app_at, greeter, raw, reply};
use super::*;

fn limits() -> Limits {
    Limits {
        timeout: Duration::from_secs(20),
        body_max: 1000,
        redirects_max: 5,
        answer_header: None,
    }
}

async fn post_to(client: &HttpClient, url: &str, limits: Limits) -> Result<Response, HttpError> {
    let mut headers = HeaderMap::new();
    headers.insert("x-run-id", HeaderValue::from_static("01RUN"));
    headers.insert("authorization", HeaderValue::from_static("Bearer secret"));
    let body = Bytes::from_static(b"{\"ctx\":{}}");
    client
        .send(
            Request {
                method: Method::POST,
                url: url.parse().unwrap(),
                headers,
                body,
            },
            limits,
        )
        .await
}

fn client() -> HttpClient {
    HttpClient::new(Duration::from_secs(5))
}

async fn post(url: &str) -> Result<Response, HttpError> {
    post_to(&client(), url, limits()).await
}

async fn body_of(
    answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
) -> Result<String, String> {
    let (url, _) = app(answer).await;
    post(&url)
        .await
        .map(|response| String::from_utf8(response.body.to_vec()).unwrap())
        .map_err(|error| error.to_string())
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn brotli(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::CompressorWriter::new(&mut out, 4096, 5, 20)
        .write_all(body)
        .unwrap();
    out
}

#[tokio::test]
async fn a_request_arrives_whole_and_the_reply_comes_back() {
    let (url, log) = app(|_| reply("206 Partial Content", "x-inngest-sdk: js\r\n", b"[]")).await;
    let response = post(&url).await.unwrap();
    assert_eq!(response.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(response.headers["x-inngest-sdk"], "js");
    assert_eq!(&response.body[..], b"[]");
    assert_eq!(response.final_url.as_str(), url);
    let seen = &log.all()[0];
    assert!(
        seen.head
            .starts_with("POST /api/inngest?fnId=f&stepId=step HTTP/1.1\r\n"),
        "{}",
        seen.head
    );
    assert!(
        seen.head.contains("accept-encoding: gzip, br"),
        "{}",
        seen.head
    );
    assert_eq!(seen.body, "{\"ctx\":{}}");
}

#[tokio::test]
async fn bodies_of_all_framings_are_read_to_the_end() {
    assert_eq!(
        body_of(|_| reply("200 OK", "", b"")).await,
        Ok(String::new())
    );
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n \r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
    assert_eq!(
        body_of(move |_| raw(chunked, Then::KeepOpen)).await,
        Ok(" abc".to_owned())
    );
    let until_close = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc";
    assert_eq!(
        body_of(move |_| raw(until_close, Then::Close)).await,
        Ok("abc".to_owned())
    );
}

#[tokio::test]
async fn compressed_bodies_are_decompressed() {
    let text = "{\"n\":1}".repeat(50);
    let expected = Ok(text.clone());
    let (gz, br) = (gzip(text.as_bytes()), brotli(text.as_bytes()));
    assert_eq!(
        body_of(move |_| reply("200 OK", "content-encoding: gzip\r\n", &gz)).await,
        expected
    );
    assert_eq!(
        body_of(move |_| reply("200 OK", "content-encoding: BR\r\n", &br)).await,
        expected
    );
    assert_eq!(
        body_of(|_| reply("200 OK", "content-encoding: gzip\r\n", b"")).await,
        Ok(String::new())
    );
    assert_eq!(
        body_of(|_| reply("200 OK", "content-encoding: identity\r\n", b"x")).await,
        Ok("x".to_owned())
    );
}

#[tokio::test]
async fn the_limit_holds_after_decompression() {
    let exact = vec![b' '; 1000];
    let (gz, br) = (gzip(&exact), brotli(&exact));
    assert_eq!(
        body_of(move |_| reply("200 OK", "", &exact))
            .await
            .map(|body| body.len()),
        Ok(1000)
    );
    assert_eq!(
        body_of(move |_| reply("200 OK", "content-encoding: gzip\r\n", &gz))
            .await
            .map(|body| body.len()),
        Ok(1000)
    );
    assert_eq!(
        body_of(move |_| reply("200 OK", "content-encoding: br\r\n", &br))
            .await
            .map(|body| body.len()),
        Ok(1000)
    );

    let error = Err("the reply is larger than 1000 bytes".to_owned());
    let bomb = vec![b' '; 100_000];
    let (gz, br) = (gzip(&bomb), brotli(&bomb));
    assert_eq!(body_of(|_| reply("200 OK", "", &[b' '; 1001])).await, error);
    assert_eq!(
        body_of(move |_| reply("200 OK", "content-encoding: gzip\r\n", &gz)).await,
        error
    );
    assert_eq!(
        body_of(move |_| reply("200 OK", "content-encoding: br\r\n", &br)).await,
        error
    );
    let endless = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned()
        + "64\r\n"
        + &" ".repeat(100)
        + "\r\n"
        + &("64\r\n".to_owned() + &" ".repeat(100) + "\r\n").repeat(20);
    assert_eq!(body_of(move |_| raw(&endless, Then::Hang)).await, error);
}

#[tokio::test]
async fn damaged_compression_is_an_error() {
    let whole = gzip(&vec![b'x'; 900]);
    let cut = whole[..whole.len() - 6].to_vec();
    let error = body_of(move |_| reply("200 OK", "content-encoding: gzip\r\n", &cut))
        .await
        .unwrap_err();
    assert!(error.starts_with("the reply does not decode"), "{error}");
    let error = body_of(|_| reply("200 OK", "content-encoding: br\r\n", b"<html>"))
        .await
        .unwrap_err();
    assert!(error.starts_with("the reply does not decode"), "{error}");
    let error = body_of(|_| reply("200 OK", "content-encoding: zstd\r\n", b"x"))
        .await
        .unwrap_err();
    assert_eq!(
        error,
        "the reply does not decode: content-encoding \"zstd\" was not asked for"
    );
}

#[tokio::test]
async fn redirects_keep_method_body_headers_and_query() {
    for status in ["301 M", "302 F", "303 S", "307 T", "308 P"] {
        let (url, log) = app(
            move |seen| match seen.head.starts_with("POST /api/inngest?") {
                true => reply(status, "location: /moved/?extra=1\r\n", b"gone"),
                false => reply("200 OK", "", b"there"),
            },
        )
        .await;
        let response = post(&url).await.unwrap();
        assert_eq!(&response.body[..], b"there");
        assert!(
            response
                .final_url
                .as_str()
                .ends_with("/moved/?extra=1&fnId=f&stepId=step")
        );
        let second = &log.all()[1];
        assert!(
            second
                .head
                .starts_with("POST /moved/?extra=1&fnId=f&stepId=step HTTP/1.1"),
            "{}",
            second.head
        );
        assert!(second.head.contains("x-run-id: 01RUN"));
        assert!(second.head.contains("authorization: Bearer secret"));
        assert_eq!(second.body, "{\"ctx\":{}}");
    }
}

#[tokio::test]
async fn a_redirect_to_another_origin_loses_the_authorization() {
    let (there, log) = app(|_| reply("200 OK", "", b"there")).await;
    let (here, _) = app(move |_| reply("307 T", &format!("location: {there}\r\n"), b"")).await;
    post(&here).await.unwrap();
    let seen = &log.all()[0];
    assert!(!seen.head.contains("authorization"), "{}", seen.head);
    assert!(seen.head.contains("x-run-id: 01RUN"));
}

#[tokio::test]
async fn redirects_are_bounded_and_must_lead_somewhere() {
    let error = body_of(|_| reply("302 F", "location: /api/inngest\r\n", b""))
        .await
        .unwrap_err();
    assert_eq!(error, "more than 5 redirects");
    let error = body_of(|_| reply("302 F", "", b"")).await.unwrap_err();
    assert_eq!(error, "302 redirects to \"\", which is not a usable URL");
    let error = body_of(|_| reply("308 P", "location: ftp://x.test/\r\n", b""))
        .await
        .unwrap_err();
    assert_eq!(
        error,
        "308 redirects to \"ftp://x.test/\", which is not a usable URL"
    );
}

#[tokio::test]
async fn a_closed_connection_is_told_from_a_complete_reply() {
    let closed = Err("the connection was closed before the reply was complete".to_owned());
    assert_eq!(body_of(|_| raw("", Then::Close)).await, closed);
    assert_eq!(
        body_of(|_| raw("HTTP/1.1 200 OK\r\ncontent-le", Then::Close)).await,
        closed
    );
    assert_eq!(
        body_of(|_| raw(
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc",
            Then::Close
        ))
        .await,
        closed
    );
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n";
    assert_eq!(body_of(move |_| raw(chunked, Then::Close)).await, closed);
    let error = body_of(|_| raw("SSH-2.0-OpenSSH_9.6\r\n", Then::KeepOpen))
        .await
        .unwrap_err();
    assert!(error.starts_with("the reply is not valid HTTP"), "{error}");
}

#[tokio::test]
async fn the_timeout_covers_connection_head_and_body() {
    let short = Limits {
        timeout: Duration::from_millis(50),
        ..limits()
    };
    for bytes in [
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\n   ",
    ] {
        let (url, _) = app(move |_| raw(bytes, Then::Hang)).await;
        let error = post_to(&client(), &url, short).await.unwrap_err();
        assert_eq!(error.to_string(), "no complete reply within 50 ms");
        assert!(!error.is_connect());
    }
}

#[tokio::test]
async fn errors_in_connecting_say_what_went_wrong() {
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let error = post(&format!("http://{free}/x")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("nothing listens at http://{free} (connection refused)")
    );
    assert!(error.is_connect());

    let error = post("http://no-such-host.invalid/x").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the host name \"no-such-host.invalid\" can't be resolved"
    );

    let plain = greeter("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let error = post(&format!("https://{plain}/")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "no secure connection to https://{plain}: received corrupt message of type InvalidContentType"
        )
    );

    let silent = greeter("").await;
    let hasty = HttpClient::new(Duration::from_millis(50));
    let error = post_to(&hasty, &format!("https://{silent}/"), limits())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("no connection to https://{silent} within 50 ms")
    );

    for bad in ["ftp://a.test/", "ws://a.test/", "data:text/plain,x"] {
        assert!(
            matches!(post(bad).await, Err(HttpError::BadUrl { .. })),
            "{bad}"
        );
    }
}

/// The time of a connection is that of the request which it was made for.
#[tokio::test]
async fn a_response_tells_where_the_time_until_it_went() {
    let (url, log) = app(|_| reply("200 OK", "", b"x")).await;
    let client = client();
    let first = post_to(&client, &url, limits()).await.unwrap().timing;
    let second = post_to(&client, &url, limits()).await.unwrap().timing;
    let connections: Vec<_> = log.all().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [connections[0]; 2], "the second is kept");
    assert!(first.connect > Duration::ZERO, "{first:?}");
    assert_eq!(second.connect, Duration::ZERO);
    assert!(second.first_byte > Duration::ZERO, "{second:?}");
}

#[tokio::test]
async fn connections_are_kept_and_a_closed_one_is_not_noticed() {
    let client = client();
    let (url, log) = app(|_| reply("200 OK", "", b"ok")).await;
    for _ in 0..3 {
        post_to(&client, &url, limits()).await.unwrap();
    }
    assert_eq!(
        log.all()
            .iter()
            .map(|seen| seen.connection)
            .collect::<Vec<_>>(),
        [0, 0, 0]
    );

    // This one says keep-alive, and closes.
    let (url, log) = app(|_| Answer {
        then: Then::Close,
        ..reply("200 OK", "", b"ok")
    })
    .await;
    for _ in 0..20 {
        post_to(&client, &url, limits()).await.unwrap();
    }
    assert_eq!(
        log.all()
            .iter()
            .map(|seen| seen.connection)
            .collect::<Vec<_>>(),
        (0..20).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn localhost_is_both_loopback_addresses() {
    let (v4, _) = app_at("127.0.0.1:0", |_| reply("200 OK", "", b"v4")).await;
    let response = post(&format!("http://localhost:{}/", v4.port()))
        .await
        .unwrap();
    assert_eq!(&response.body[..], b"v4");
    if TcpListener::bind("[::1]:0").await.is_err() {
        return; // This machine has no IPv6.
    }
    let (v6, _) = app_at("[::1]:0", |_| reply("200 OK", "", b"v6")).await;
    let response = post(&format!("http://localhost:{}/", v6.port()))
        .await
        .unwrap();
    assert_eq!(&response.body[..], b"v6");
    let response = post(&format!("http://app.localhost:{}/", v6.port()))
        .await
        .unwrap();
    assert_eq!(&response.body[..], b"v6");
}

#[tokio::test]
async fn a_stream_is_read_before_it_ends() {
    let (url, _) = app(|_| {
        let text = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n";
        raw(text, Then::Hang)
    })
    .await;
    let request = Request {
        method: Method::GET,
        url: url.parse().unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
    };
    let long = limits().timeout;
    let mut stream = client().open(&request, long).await.unwrap();
    assert_eq!(stream.status, StatusCode::OK);
    assert_eq!(stream.chunk(long).await.unwrap().unwrap(), "hello");
    let error = stream.chunk(Duration::from_millis(50)).await.unwrap_err();
    assert_eq!(error.to_string(), "no complete reply within 50 ms");
}
