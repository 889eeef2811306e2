//! `everstep doctor`.

use serde_json::Value;

use super::Cli;
use crate::support::closed_port;

/// The status of each check.
fn statuses(report: &Value) -> Vec<(&str, &str)> {
    let findings = report["data"].as_array().unwrap().iter();
    findings
        .map(|it| {
            (
                it["check"].as_str().unwrap(),
                it["status"].as_str().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn all_is_well() {
    let cli = Cli::start().await;
    let said = cli
        .run(&format!("doctor --json -u {}", cli.app.url()))
        .await;
    let report = said.json();
    assert_eq!(
        statuses(&report),
        [
            ("environment", "OK"),
            ("server", "OK"),
            ("store", "OK"),
            ("clock", "OK"),
            ("live feed", "OK"),
            ("app shop", "OK"),
            ("probe", "OK"),
        ]
    );
    let said = cli.run("doctor").await;
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
    let marks: Vec<_> = said.out.lines().map(|line| line.chars().next()).collect();
    assert_eq!(marks, [Some('✓'); 6], "{said:?}");
    let columns = cli
        .run("doctor -o csv --columns check,status --no-header")
        .await;
    assert_eq!(columns.out.lines().next(), Some("environment,OK"));
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_to_do() {
    let cli = Cli::start().await;
    let server = cli.server.url("");
    let port = closed_port().await;
    let probed = format!("http://localhost:{port}/x");
    let words = ["doctor", "--url", server.as_str(), "-u", probed.as_str()];
    let mut command = cli.command(&words);
    command.env("INNGEST_DEVSERVER_URL", "http://localhost:8288");
    let said = Cli::end(command).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(said.err, "error: there is a problem\n");
    let text = said.out;
    assert!(
        text.contains("! environment  INNGEST_DEVSERVER_URL is set"),
        "{text}"
    );
    assert!(
        text.contains(&format!("→ set INNGEST_DEV={server} instead")),
        "{text}"
    );
    assert!(
        text.contains(&format!("✗ probe        http://localhost:{port}/x: ")),
        "{text}"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_problem() {
    let cli = Cli::start().await;
    let away = format!("doctor --url http://127.0.0.1:{}", closed_port().await);
    let said = cli.run(&away).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.contains("nothing listens") && said.out.contains("everstep dev"));
    let other = cli.run(&format!("doctor --url {}", cli.app.url())).await;
    assert_eq!(other.code, 1, "{other:?}");
    assert!(other.out.contains("something else answers"), "{other:?}");
}
