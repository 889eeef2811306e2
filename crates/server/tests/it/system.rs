//! How much is stored, and how long.

use std::time::Duration;

use everstep_engine::RetentionConfig;
use everstep_server::dev::Data;
use serde_json::json;

use crate::support::app::{App, sdk};
use crate::support::{Server, until};

#[tokio::test]
async fn storage_is_shown_by_class() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::start(|_| async { sdk(200, &json!("done")) }).await;
    let server = Server::with(|config| {
        config.data = Data::Folder(folder.path().to_owned());
        config.retention = RetentionConfig {
            runs: Some(Duration::from_secs(30 * 24 * 60 * 60)),
            size: Some(1 << 30),
            ..RetentionConfig::default()
        };
    })
    .await;
    app.register(&server).await;
    for _ in 0..3 {
        let event = server.event("shop/paid").await;
        server.ended_run(&event).await;
    }
    let answer = server.get("/v2/system/storage").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let data = &answer.json["data"];
    for (class, rows) in [("runs", 3), ("traces", 3), ("events", 6)] {
        let class = &data["classes"][class];
        assert_eq!(class["rows"], rows, "{data}");
        assert!(class["bytes"].as_u64().unwrap() >= 4096);
    }
    let bytes = |name: &str| data[name].as_u64().unwrap();
    assert!(bytes("fileBytes") >= bytes("usedBytes") && bytes("usedBytes") > 40_000);
    assert!(data["oldestRun"].is_string() && data["oldestEvent"].is_string());
    let kept = json!({ "runs": "4w2d", "events": null, "traces": null, "sizeBytes": 1 << 30 });
    assert_eq!(data["retention"], kept);
    assert_eq!(data["lastPortion"], json!(null), "nothing is that old");
    until("retention has looked at all of it", async || {
        let data = server.get("/v2/system/storage").await.json["data"].clone();
        data["lookedAt"].is_string().then_some(())
    })
    .await;
    let brief = server.get("/v2/system/storage?measure=false").await;
    assert_eq!(brief.json["data"]["classes"], json!(null));
    let bad = server.get("/v2/system/storage?measure=maybe").await;
    assert_eq!(bad.status, 400);
    assert_eq!(bad.json["errors"][0]["code"], "invalid_field_format");
}

#[tokio::test]
async fn the_server_says_since_when_it_runs_and_its_limits() {
    let server = Server::with(|config| {
        config.calls_per_app_max = 7;
        config.calls_in_flight_max = 9;
    })
    .await;
    let answer = server.get("/v2/system").await;
    let data = &answer.json["data"];
    let limits = &data["limits"];
    assert_eq!(
        (&limits["callsPerApp"], &limits["callsInFlight"]),
        (&json!(7), &json!(9))
    );
    let megabytes = |count: u32| json!(count * 1024 * 1024);
    assert_eq!(limits["eventBytes"], megabytes(3));
    assert_eq!(limits["runStateBytes"], megabytes(32));
    let time =
        |value: &serde_json::Value| -> jiff::Timestamp { value.as_str().unwrap().parse().unwrap() };
    let now = time(&answer.json["metadata"]["fetchedAt"]);
    let uptime = now.duration_since(time(&data["startedAt"]));
    assert_eq!(data["uptimeMs"], json!(uptime.as_millis()));
    let unknown = server.get("/v2/system?x=1").await;
    assert_eq!(unknown.status, 400);
}
