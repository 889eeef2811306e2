//! What happened to runs, over time.

use serde_json::{Value, json};

use crate::support::app::{App, function, registration, sdk};
use crate::support::{Server, masked};

/// Runs that completed, of two functions.
async fn with_runs() -> (Server, App) {
    let app = App::start(|_| async { sdk(200, &json!("done")) }).await;
    let server = Server::start().await;
    let functions = ["pay", "ship"].map(|name| {
        let (id, event) = (format!("shop-{name}"), format!("shop/{name}"));
        function(&id, &event, &app.url(), json!({}))
    });
    let body = registration(&app.url(), &functions);
    assert_eq!(server.post("/fn/register", &body).await.status, 200);
    for name in ["shop/pay", "shop/pay", "shop/ship"] {
        let event = server.event(name).await;
        server.ended_run(&event).await;
    }
    (server, app)
}

async fn runs(server: &Server, query: &str) -> Value {
    let answer = server.get(&format!("/v2/metrics/runs{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json["data"].clone()
}

#[tokio::test]
async fn runs_are_counted_over_time() {
    let (server, _app) = with_runs().await;
    let data = runs(&server, "").await;
    assert_eq!(data["bucket"], "15m");
    let mut total = data["total"].clone();
    for took in ["queueDelayMs", "durationMs"] {
        let mut names: Vec<_> = total[took].as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["max", "mean", "p50", "p95", "p99"]);
        total[took] = json!("<times>");
    }
    let expected = json!({
        "scheduled": 3, "started": 3, "completed": 3, "failed": 0, "cancelled": 0, "skipped": 0,
        "queueDelayMs": "<times>", "durationMs": "<times>",
    });
    assert_eq!(total, expected);
    // The test may run while a quarter of an hour ends.
    let buckets = data["buckets"].as_array().unwrap();
    let scheduled = buckets
        .iter()
        .map(|bucket| bucket["scheduled"].as_u64().unwrap());
    assert_eq!(scheduled.sum::<u64>(), 3);
    assert_eq!(masked(&buckets[0])["start"], "<time>");
}

#[tokio::test]
async fn runs_are_counted_by_function_and_app() {
    let (server, _app) = with_runs().await;
    for (query, completed) in [
        ("?functionId=shop-pay", 2),
        ("?functionId=shop-ship&bucket=1m", 1),
        ("?appId=shop", 3),
        ("?appId=shop&functionId=shop-pay", 2),
        ("?from=2020-01-01T00:00:00Z", 3),
        (
            "?until=2020-01-01T00:00:00Z&from=2019-01-01T00:00:00Z&bucket=1w",
            0,
        ),
    ] {
        let data = runs(&server, query).await;
        assert_eq!(data["total"]["completed"], completed, "{query}");
    }
    let none = runs(&server, "?until=2020-01-01T00:00:00Z").await;
    assert_eq!(none["total"]["durationMs"], Value::Null);
}

#[tokio::test]
async fn functions_are_told_of_in_one_answer() {
    let (server, _app) = with_runs().await;
    let plain = runs(&server, "?bucket=1h").await;
    assert_eq!(plain["functions"], Value::Null, "unless asked for");
    let data = runs(&server, "?bucket=1h&groupBy=function").await;
    assert_eq!(data["total"], plain["total"]);
    let functions = data["functions"].as_array().unwrap();
    let slugs: Vec<_> = functions.iter().map(|it| &it["functionSlug"]).collect();
    assert_eq!(slugs, ["shop-pay", "shop-ship"]);
    for function in functions {
        let slug = function["functionSlug"].as_str().unwrap();
        let alone = runs(&server, &format!("?bucket=1h&functionId={slug}")).await;
        assert_eq!(function["total"], alone["total"]);
        assert_eq!(function["buckets"], alone["buckets"]);
        let id = function["functionId"].as_str().unwrap();
        let by_id = runs(&server, &format!("?functionId={id}")).await;
        assert_eq!(by_id["total"], alone["total"], "the id is its own");
    }
    let of_one = runs(&server, "?groupBy=function&functionId=shop-ship").await;
    assert_eq!(of_one["functions"].as_array().unwrap().len(), 1);
    let none = "?groupBy=function&from=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z";
    assert_eq!(runs(&server, none).await["functions"], json!([]));
}

/// The more functions, the fewer buckets of each.
#[tokio::test]
async fn buckets_of_all_functions_are_bounded() {
    let app = App::start(|_| async { sdk(200, &json!("done")) }).await;
    let server = Server::start().await;
    let functions: Vec<_> = (0..120)
        .map(|number| {
            function(
                &format!("shop-f{number}"),
                "shop/none",
                &app.url(),
                json!({}),
            )
        })
        .collect();
    let body = registration(&app.url(), &functions);
    assert_eq!(server.post("/fn/register", &body).await.status, 200);
    assert_eq!(runs(&server, "").await["bucket"], "15m");
    let grouped = runs(&server, "?groupBy=function").await;
    assert_eq!(grouped["bucket"], "1h", "96 times 120 are too many");
    let refused = "/v2/metrics/runs?groupBy=function&bucket=15m";
    let refused = server.get(refused).await;
    let message = refused.json["errors"][0]["message"].as_str().unwrap();
    assert_eq!(refused.status, 400, "{message}");
    assert!(message.contains("for each of 120 functions"), "{message}");
}

#[tokio::test]
async fn bad_questions_about_metrics_are_refused() {
    let (server, _app) = with_runs().await;
    for (query, status, says) in [
        ("functionId=nope", 404, "There is no function \"nope\""),
        ("appId=nope", 404, "App not found"),
        ("from=yesterday", 400, "Field 'from' must be a time"),
        ("until=x", 400, "Field 'until' must be a time"),
        (
            "from=2020-01-02T00:00:00Z&until=2020-01-01T00:00:00Z",
            400,
            "must be before",
        ),
        ("bucket=x", 400, "bucket: "),
        ("groupBy=app", 400, "must be one of function"),
        ("bucket=0", 400, "bucket must be a multiple of 1m"),
        ("bucket=90s", 400, "bucket must be a multiple of 1m"),
        (
            "bucket=30m&from=2020-01-01T00:00:00Z",
            400,
            "bucket must be a multiple of 1h",
        ),
        (
            "bucket=1h&from=2020-01-01T00:00:00Z",
            400,
            "are more than 1500",
        ),
    ] {
        let answer = server.get(&format!("/v2/metrics/runs?{query}")).await;
        let message = answer.json["errors"][0]["message"].as_str().unwrap();
        assert_eq!(answer.status, status, "{query}: {message}");
        assert!(message.contains(says), "{query}: {message}");
    }
}

#[tokio::test]
async fn prometheus_reads_what_was_done() {
    let (server, _app) = with_runs().await;
    let answer = server.text("/metrics").await;
    let has = |line: &str| {
        assert!(
            answer.lines().any(|known| known == line),
            "{line}: {answer}"
        )
    };
    has(r#"inngest_function_run_scheduled_total{fn="shop-pay"} 2"#);
    has(r#"inngest_function_run_started_total{fn="shop-ship"} 1"#);
    has(r#"inngest_function_run_ended_total{fn="shop-pay",status="completed"} 2"#);
    has(r#"inngest_function_run_ended_total{fn="shop-pay",status="failed"} 0"#);
    has(r#"inngest_sdk_req_scheduled_total{fn="shop-pay"} 2"#);
    has(r#"inngest_sdk_req_started_total{fn="shop-pay"} 2"#);
    has(r#"inngest_sdk_req_ended_total{fn="shop-ship",status="success"} 1"#);
    has("# TYPE everstep_commit_seconds histogram");
    has("inngest_queue_depth 0");
    has("everstep_calls_in_flight 0");
    // Three that were sent, and one for each end.
    has("everstep_events_received_total 6");
    // No metric comes twice.
    let types: Vec<_> = answer
        .lines()
        .filter(|line| line.starts_with("# TYPE"))
        .collect();
    let distinct: std::collections::BTreeSet<_> = types.iter().collect();
    assert_eq!(types.len(), distinct.len());
}
