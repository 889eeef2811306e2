//! Lists and actions of single nouns.

use serde_json::json;

use super::Cli;
use crate::support::app::{function, registration};
use crate::support::until;

#[tokio::test]
async fn what_runs_and_waits_is_listed_by_function() {
    let cli = Cli::start().await;
    let list = cli
        .run("flow list --no-header --columns function,pause")
        .await;
    assert_eq!(list.out, "shop-pay\n", "{list:?}");
    let drained = cli.run("functions drain shop-pay --reason move").await;
    assert_eq!(
        (drained.code, drained.out.as_str()),
        (0, "shop-pay drains\n")
    );
    let paused = cli.run("flow ls --no-header --columns pause").await;
    assert_eq!(paused.out, "move\n", "{paused:?}");
    let pause = cli.run("flow get shop-pay --json").await.json()["pause"].clone();
    assert_eq!(
        (&pause["newRuns"], &pause["running"]),
        (&json!("skip"), &json!("finish"))
    );
}

#[tokio::test]
async fn the_next_times_of_schedules_are_in_order() {
    let cli = Cli::start().await;
    let url = cli.app.url();
    let functions =
        [("shop-yearly", "0 0 1 1 *"), ("shop-often", "* * * * *")].map(|(slug, cron)| {
            let mut function = function(slug, "shop/never", &url, json!({}));
            function["triggers"] = json!([{ "cron": cron }]);
            function
        });
    let answer = cli
        .server
        .post("/fn/register", &registration(&url, &functions))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let next = cli.run("schedules next --json").await.json();
    let times: Vec<_> = next["data"].as_array().unwrap().iter().collect();
    let at: Vec<_> = times.iter().map(|it| it["at"].as_str().unwrap()).collect();
    assert!(at.len() > 2 && at.is_sorted(), "{at:?}");
    assert_eq!(times[0]["function"]["slug"], "shop-often");
    let yearly = cli
        .run("schedules next --fn shop-yearly --no-header --columns function,cron")
        .await;
    assert!(yearly.lines().len() > 1, "{yearly:?}");
    assert!(
        yearly
            .lines()
            .iter()
            .all(|line| *line == "shop-yearly  0 0 1 1 *"),
        "{yearly:?}"
    );
}

#[tokio::test]
async fn failures_that_are_alike_run_again() {
    let cli = Cli::start().await;
    let run = cli.new_run(0, "Failed").await;
    cli.new_run(1, "Completed").await;
    let group = cli.run("errors list -o id").await.out.trim().to_owned();
    let asked = cli.run(&format!("errors replay {group}")).await;
    assert_eq!(asked.code, 2, "who can't be asked must say -y: {asked:?}");
    let dry = cli.run(&format!("errors replay {group} --dry-run")).await;
    assert!(
        dry.out.contains("replay 1 runs") && dry.out.contains(&run),
        "{dry:?}"
    );
    let done = cli.run(&format!("errors replay {group} -y")).await;
    assert_eq!(done.code, 0, "{done:?}");
    let again = until("it runs again", async || {
        let reruns = cli.run(&format!("runs reruns {} -o id", &run[..14])).await;
        reruns.lines().first().map(|&id| id.to_owned())
    })
    .await;
    assert_ne!(again, run);
    assert_eq!(cli.run(&format!("runs get {again}")).await.code, 0);
}
