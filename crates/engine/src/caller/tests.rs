use everstep_protocol::reply::Outcome;
use everstep_protocol::{AppId, FunctionId, JobId, Json, RequestId, RunId, StepId, Timestamp};

use everstep_protocol::call::CallRequest;

use super::*;
use crate::http::testing::{Answer, Seen, Then, app, raw, reply};

struct At(i64);

impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0)
    }
}

const NOW: At = At(1_700_000_000_999);
const KEY: &str = "signkey-test-0123456789abcdef";
const SDK: &str = "x-inngest-sdk: inngest-js:v4.24.0\r\n";

fn call(endpoint: &str) -> Call {
    let run = RunId::from_parts(Timestamp::from_millis(1_700_000_000_000), 7);
    let request = CallRequest {
        run,
        function: FunctionId(uuid::Uuid::nil()),
        app: AppId(uuid::Uuid::nil()),
        function_slug: "shop-pay".into(),
        target: None,
        attempt: 1,
        max_attempts: 5,
        force_step_plan: false,
        version: -1,
        job: JobId { run, number: 3 },
        generation: 2,
        epoch: 1,
        request: RequestId::from_parts(Timestamp::from_millis(1), 1),
        events: vec![Json::from_canonical(
            r#"{"data":{},"id":"e","name":"a/b","ts":1,"user":{}}"#,
        )],
        steps: vec![(StepId::new("abc"), Json::from_canonical(r#"{"data":1}"#))],
        defers: Vec::new(),
    };
    Call {
        endpoint: endpoint.parse().expect("a URL"),
        is_endpoint: false,
        language: SdkLanguage::Js,
        request,
    }
}

fn caller(config: CallerConfig) -> HttpCaller {
    HttpCaller::new(
        HttpClient::new(Duration::from_secs(5)),
        Arc::new(NOW),
        config,
    )
}

fn dev() -> CallerConfig {
    CallerConfig::new(ServerKind::Dev)
}

/// The reply to a call that is answered like this.
async fn answered(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Reply {
    let (url, _) = app(answer).await;
    let config = CallerConfig {
        timeout: Duration::from_secs(1),
        reply_max: 1000,
        ..dev()
    };
    caller(config).call(call(&url)).await
}

fn error(reply: &Reply) -> (String, Option<String>) {
    let error = reply.error().expect("an error");
    (error.message.clone(), error.code())
}

#[tokio::test]
async fn a_call_is_what_the_protocol_says() {
    let (url, log) = app(|_| reply("200 OK", SDK, b"{\"sum\":3}")).await;
    let answer = caller(dev()).call(call(&url)).await;
    assert_eq!(
        answer.outcome,
        Outcome::Output(Json::from_canonical("{\"sum\":3}"))
    );

    let seen = &log.all()[0];
    assert!(
        seen.head
            .starts_with("POST /api/inngest?fnId=shop-pay&stepId=step HTTP/1.1\r\n"),
        "{}",
        seen.head
    );
    assert!(seen.head.contains("x-inngest-server-kind: dev"));
    assert!(seen.head.contains("x-inngest-generation-id: 2"));
    assert!(!seen.head.contains("x-inngest-signature"));
    assert_eq!(
        seen.body.as_bytes(),
        call(&url).request.body(CALL_BODY_MAX, true).bytes
    );
}

#[tokio::test]
async fn a_call_is_signed_when_there_is_a_key() {
    let (url, log) = app(|_| reply("200 OK", SDK, b"null")).await;
    let key = SigningKey::parse(KEY).unwrap();
    let config = CallerConfig {
        signing_key: Some(key.clone()),
        ..CallerConfig::new(ServerKind::Cloud)
    };
    caller(config).call(call(&url)).await;
    let seen = &log.all()[0];
    let expected = key.sign_request(seen.body.as_bytes(), 1_700_000_000);
    assert!(
        seen.head
            .contains(&format!("x-inngest-signature: {expected}")),
        "{}",
        seen.head
    );
    assert!(seen.head.contains("x-inngest-server-kind: cloud"));
}

/// The call of an endpoint: the client's request once more, to the same place.
fn endpoint_call(origin: &str, content_type: &str, body: &str) -> Call {
    let mut entry = call(origin);
    let origin = entry.endpoint.origin().ascii_serialization();
    let data = Json::object([
        ("body", Json::string(body)),
        ("content_type", Json::string(content_type)),
        ("domain", Json::string(&origin)),
        ("method", Json::string("PUT")),
        ("path", Json::string("/sleepy")),
        ("query_params", Json::string("q=1")),
    ]);
    entry.request.events = vec![Json::object([("data", data)])];
    Call {
        is_endpoint: true,
        ..entry
    }
}

#[tokio::test]
async fn an_endpoint_is_called_with_the_request_of_its_client() {
    let (url, log) = app(|_| reply("206 P", SDK, b"{\"op\":\"RunComplete\",\"id\":\"x\"}")).await;
    let mut entry = endpoint_call(&url, "text/plain", "hello");
    let answer = caller(dev()).call(entry.clone()).await;
    assert!(matches!(answer.outcome, Outcome::Ops(ops) if ops.len() == 1));
    entry.request.target = Some(StepId::new("abc"));
    entry.request.force_step_plan = true;
    caller(dev()).call(entry).await;

    let seen = log.all();
    let (head, run) = (
        &seen[0].head,
        RunId::from_parts(Timestamp::from_millis(1_700_000_000_000), 7),
    );
    assert!(head.starts_with("PUT /sleepy?q=1 HTTP/1.1\r\n"), "{head}");
    assert_eq!(seen[0].body, "hello");
    for line in [
        "content-type: text/plain",
        &format!("x-run-id: {run}"),
        "x-inngest-signature: \r\n",
        "x-inngest-generation-id: 2",
        "x-inngest-force-step-plan: false",
    ] {
        assert!(head.contains(line), "{line}: {head}");
    }
    assert!(!head.contains("x-inngest-step-id"), "{head}");
    assert!(seen[1].head.contains("x-inngest-step-id: abc"));
    assert!(seen[1].head.contains("x-inngest-force-step-plan: true"));
}

/// sdk-protocol §7.5; GO checks a signature over the id of the run.
#[tokio::test]
async fn the_call_of_an_endpoint_is_signed_over_its_body() {
    let (url, log) = app(|_| reply("206 P", SDK, b"[]")).await;
    let key = SigningKey::parse(KEY).unwrap();
    let config = CallerConfig {
        signing_key: Some(key.clone()),
        ..CallerConfig::new(ServerKind::Cloud)
    };
    let run = RunId::from_parts(Timestamp::from_millis(1_700_000_000_000), 7).to_string();
    let cases = [
        (SdkLanguage::Js, "{\"b\": 1, \"a\": 2}", "{\"a\":2,\"b\":1}"),
        (SdkLanguage::Js, "not JSON", "not JSON"),
        (SdkLanguage::Js, "", ""),
        (SdkLanguage::Go, "{}", &*run),
    ];
    let caller = caller(config);
    for (language, body, _) in cases {
        let entry = endpoint_call(&url, "", body);
        caller.call(Call { language, ..entry }).await;
    }
    for (seen, (_, body, signed)) in log.all().iter().zip(cases) {
        let expected = key.sign_request(signed.as_bytes(), 1_700_000_000);
        assert_eq!(seen.body, body);
        let line = format!("x-inngest-signature: {expected}");
        assert!(seen.head.contains(&line), "{body}: {}", seen.head);
    }
}

/// §5.1, rule 2, and §7.5: a proxy's redirect is followed, a handler's is what its client gets.
#[tokio::test]
async fn a_redirect_of_a_handler_is_not_followed() {
    let answered = |own: &'static str| async move {
        let (url, log) = app(move |seen| match seen.head.starts_with("PUT /there") {
            true => reply("206 P", SDK, b"[]"),
            false => reply("303 See Other", &format!("{own}location: /there\r\n"), b""),
        })
        .await;
        let answer = caller(dev()).call(endpoint_call(&url, "", "")).await;
        (answer.outcome, log.all().len())
    };
    let (outcome, requests) = answered("x-inngest-sdk: go:v0.15.1\r\n").await;
    let Outcome::Output(output) = outcome else {
        panic!("the answer of the handler");
    };
    assert!(output.as_str().contains("\"location\":\"/there\"") && output.as_str().contains("303"));
    assert_eq!(requests, 1);
    assert_eq!(answered("").await, (Outcome::Ops(Vec::new()), 2));
}

#[tokio::test]
async fn a_clients_request_that_is_none_is_a_final_error() {
    let entry = endpoint_call("ftp://app.test", "", "");
    let answer = caller(dev()).call(entry).await;
    let (message, _) = error(&answer);
    assert!(message.contains("event.data.domain must be"), "{message}");
    assert_eq!(answer.no_retry, Some(true));
}

#[tokio::test]
async fn a_body_too_large_is_fetched_by_the_app_unless_it_is_a_go_app() {
    let (url, log) = app(|_| reply("200 OK", SDK, b"null")).await;
    let mut large = call(&url);
    let text = format!("{{\"data\":\"{}\"}}", "x".repeat(CALL_BODY_MAX));
    large.request.steps[0].1 = Json::from_canonical(text);
    let caller = caller(dev());
    caller.call(large.clone()).await;
    caller
        .call(Call {
            language: SdkLanguage::Go,
            ..large
        })
        .await;
    let seen = log.all();
    assert!(seen[0].body.len() < 2000 && seen[0].body.contains("\"use_api\":true"));
    assert!(seen[1].body.len() > CALL_BODY_MAX && seen[1].body.contains("\"use_api\":false"));
}

#[tokio::test]
async fn ops_are_read_also_when_compressed() {
    let ops = br#"[{"op":"StepRun","id":"a","data":1}]"#;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, ops).unwrap();
    let gzip = gzip.finish().unwrap();
    let answer = answered(move |_| {
        reply(
            "206 P",
            &format!("{SDK}content-encoding: gzip\r\nx-inngest-req-version: 2\r\n"),
            &gzip,
        )
    })
    .await;
    assert_eq!(
        (answer.status, answer.request_version),
        (Some(206), Some(2))
    );
    assert!(matches!(answer.outcome, Outcome::Ops(ops) if ops.len() == 1));
}

#[tokio::test]
async fn what_is_no_answer_of_an_sdk_is_a_retriable_error() {
    let html = answered(|_| reply("200 OK", "", b"<html>")).await;
    assert_eq!(error(&html).1.as_deref(), Some(code::NOT_SDK));
    let proxy = answered(|_| reply("502 Bad Gateway", "", b"<html>")).await;
    assert_eq!(error(&proxy).1.as_deref(), Some(code::HTTP_ERROR));
    assert_eq!(proxy.status, Some(502));
    let closed = answered(|_| raw("", Then::Close)).await;
    assert_eq!(
        error(&closed),
        (
            "Unable to reach SDK URL: the connection was closed before the reply was complete"
                .to_owned(),
            Some(code::HTTP_UNREACHABLE.to_owned())
        )
    );
    let hangs = answered(|_| {
        raw(
            "HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n  ",
            Then::Hang,
        )
    })
    .await;
    assert_eq!(
        error(&hangs).1.as_deref(),
        Some(code::REQUEST_DURATION_TOO_LONG)
    );
    let noise = answered(|_| raw("220 mail.test ESMTP\r\n", Then::KeepOpen)).await;
    assert_eq!(error(&noise).1.as_deref(), Some(code::INVALID_RESPONSE));
    for reply in [html, proxy, closed, hangs, noise] {
        assert_ne!(reply.no_retry, Some(true), "{reply:?}");
    }
}

#[tokio::test]
async fn a_reply_too_large_is_final() {
    let answer = answered(|_| reply("200 OK", SDK, &[b' '; 1001])).await;
    assert_eq!(error(&answer).1.as_deref(), Some(code::OUTPUT_TOO_LARGE));
    assert_eq!(answer.no_retry, Some(true));
}

#[tokio::test]
async fn an_endpoint_that_is_no_url_is_unreachable() {
    for endpoint in ["ws://connect?fnId=x", "file:///etc/passwd"] {
        let answer = caller(dev()).call(call(endpoint)).await;
        assert_eq!(
            error(&answer).1.as_deref(),
            Some(code::HTTP_UNREACHABLE),
            "{endpoint}"
        );
    }
}
