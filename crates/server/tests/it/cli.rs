//! The data commands of the command line, as processes against a server.

mod doctor;
mod nouns;
mod open;
mod watch;

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::support::app::{App, function, registration, sdk};
use crate::support::{Server, until};

/// A server with an app, and a folder in which commands run.
struct Cli {
    server: Server,
    app: App,
    home: TempDir,
}

/// What a command said, and how it ended.
#[derive(Debug)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }
}

impl Cli {
    /// The function `shop-pay` returns, fails if `data.n` is 0, sleeps for an hour if it is 9.
    async fn start() -> Self {
        let server = Server::start().await;
        let app = App::start(|asked| async move {
            let stack = asked.json["ctx"]["stack"]["stack"].as_array();
            let is_new = stack.is_none_or(Vec::is_empty);
            match asked.json["event"]["data"]["n"].as_i64() {
                Some(0) => sdk(400, &json!({ "name": "Error", "message": "no money" })),
                Some(9) if is_new => sdk(206, &json!([{ "op": "Sleep", "id": "nap", "name": "1h", "displayName": "nap" }])),
                _ if is_new => sdk(206, &json!([{ "op": "StepRun", "id": "a", "name": "charge", "displayName": "charge", "data": { "paid": true } }])),
                _ => sdk(200, &json!({ "sum": 3 })),
            }
        })
        .await;
        app.register(&server).await;
        let home = tempfile::tempdir().unwrap();
        Self { server, app, home }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_everstep"));
        for (name, _) in std::env::vars() {
            if ["INNGEST_", "EVERSTEP_", "XDG_"]
                .iter()
                .any(|it| name.starts_with(it))
            {
                command.env_remove(name);
            }
        }
        command
            .current_dir(self.home.path())
            .env("HOME", self.home.path())
            .args(words)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    async fn end(mut command: Command) -> Said {
        let output = tokio::time::timeout(Duration::from_secs(30), command.output());
        let output = output.await.expect("it ends").unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// A command, its words separated by spaces, told where the server is.
    async fn run(&self, line: &str) -> Said {
        self.words(&line.split(' ').collect::<Vec<_>>()).await
    }

    async fn words(&self, words: &[&str]) -> Said {
        let mut command = self.command(words);
        command.env("EVERSTEP_URL", self.server.url(""));
        Self::end(command).await
    }

    async fn piped(&self, line: &str, input: &str) -> Said {
        let mut command = self.command(&line.split(' ').collect::<Vec<_>>());
        command
            .env("EVERSTEP_URL", self.server.url(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).await.unwrap();
        drop(stdin);
        let output = child.wait_with_output().await.unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The run of a new event, once it has this status.
    async fn new_run(&self, n: i64, status: &str) -> String {
        let data = format!("{{\"n\":{n}}}");
        let sent = self
            .words(&["events", "send", "shop/paid", "--data", &data])
            .await;
        assert_eq!(sent.code, 0, "{sent:?}");
        let path = format!("/v1/events/{}/runs", sent.out.trim());
        until(&format!("the run is {status}"), async || {
            let runs = self.server.get(&path).await.json;
            let run = runs["data"].get(0)?;
            (run["status"] == status).then(|| run["run_id"].as_str().unwrap().to_owned())
        })
        .await
    }
}

#[tokio::test]
async fn runs_are_listed_in_every_format() {
    let cli = Cli::start().await;
    let done = cli.new_run(1, "Completed").await;
    let failed = cli.new_run(0, "Failed").await;
    let table = cli.run("runs list").await;
    let lines = table.lines();
    assert!(
        lines[0].starts_with("ID  ") && lines[0].contains("STATUS"),
        "{table:?}"
    );
    assert!(
        lines[1].starts_with(&failed) && lines[1].contains("failed"),
        "newest first: {table:?}"
    );
    assert!(lines[2].starts_with(&done) && lines[2].contains("completed"));
    assert!(lines.iter().all(|line| line.trim_end() == *line));
    let json = cli.run("runs list -o json").await.json();
    assert_eq!(json["data"][0]["id"], json!(failed));
    assert_eq!(json["page"], json!({ "next": null }));
    assert_eq!(
        cli.run("runs ls --json --status completed").await.json()["data"][0]["id"],
        json!(done)
    );
    let jsonl = cli.run("run list -o jsonl --limit 1").await;
    assert_eq!(jsonl.lines().len(), 1);
    assert!(
        jsonl.err.contains("--cursor"),
        "where it goes on is said: {jsonl:?}"
    );
    assert_eq!(
        cli.run("runs list -o id").await.out,
        format!("{failed}\n{done}\n")
    );
    let csv = cli.run("runs list -o csv --columns id,status").await;
    assert_eq!(
        csv.out,
        format!("id,status\n{failed},FAILED\n{done},COMPLETED\n")
    );
    let yaml = cli.run("runs list -o yaml --limit 1").await;
    assert!(yaml.out.contains(&format!("id: {failed}")), "{yaml:?}");
    assert_eq!(cli.run("runs list -o none").await.out, "");
    let columns = cli
        .run("runs list --no-header --columns /id,status --status failed")
        .await;
    assert_eq!(columns.out, format!("{failed}  failed\n"));
    assert_eq!(cli.run("runs list --columns nope").await.code, 2);
    assert_eq!(cli.run("runs list --limit 0").await.code, 2);
    assert_eq!(cli.run("runs list --since yesterdayish").await.code, 2);
}

#[tokio::test]
async fn attributes_are_declared_and_runs_found_by_them() {
    let cli = Cli::start().await;
    let set = cli.run("attributes set number event.data.n").await;
    assert_eq!(set.code, 0, "{set:?}");
    let run = cli.new_run(1, "Completed").await;
    cli.new_run(2, "Completed").await;
    let found = cli.run("runs list --attr number=1 --json").await.json();
    let found = found["data"].as_array().unwrap();
    assert_eq!((found.len(), &found[0]["id"]), (1, &json!(run)));
    let listed = cli.run("attributes list --json").await.json();
    assert_eq!(listed["data"][0]["expression"], "event.data.n");
    let removed = cli.run("attributes remove number").await;
    assert_eq!((removed.code, removed.out.trim()), (0, "number is removed"));
    let none = cli.run("attributes list --json").await.json();
    assert_eq!(none["data"], json!([]));
    let misspelt = cli.run("runs list --attr number").await;
    assert_eq!(misspelt.code, 2);
    assert!(misspelt.err.contains("NAME=VALUE"), "{misspelt:?}");
}

#[tokio::test]
async fn a_list_goes_on_where_it_ended() {
    let cli = Cli::start().await;
    for _ in 0..3 {
        cli.new_run(1, "Completed").await;
    }
    let first = cli.run("runs list -o json --limit 2").await.json();
    let next = first["page"]["next"].as_str().unwrap();
    let second = cli
        .run(&format!("runs list -o json --cursor {next}"))
        .await
        .json();
    assert_eq!(second["data"].as_array().unwrap().len(), 1);
    assert_eq!(
        cli.run("runs list -o id --limit 100000")
            .await
            .lines()
            .len(),
        3
    );
}

#[tokio::test]
async fn a_run_is_found_by_the_beginning_of_its_id() {
    let cli = Cli::start().await;
    let run = cli.new_run(1, "Completed").await;
    let got = cli
        .run(&format!("runs get {} -o json", &run[..12].to_lowercase()))
        .await
        .json();
    assert_eq!(
        (&got["id"], &got["output"]),
        (&json!(run), &json!({ "sum": 3 }))
    );
    let detail = cli.run(&format!("runs get {run}")).await;
    assert!(
        detail.out.contains("status") && detail.out.contains("{\"sum\":3}"),
        "{detail:?}"
    );
    assert_eq!(cli.run("runs get 01HZZZZZZZ").await.code, 3);
    assert_eq!(cli.run("runs get 01HZZZZZZZZZZZZZZZZZZZ1000").await.code, 3);
    let bad = cli.run("runs get x -o json").await;
    let error: Value = serde_json::from_str(&bad.err).unwrap();
    assert!(
        error["error"]["message"]
            .as_str()
            .unwrap()
            .contains("\"x\""),
        "{bad:?}"
    );
    assert_eq!(bad.out, "");
}

#[tokio::test]
async fn waiting_tells_how_a_run_ended() {
    let cli = Cli::start().await;
    let done = cli.new_run(1, "Completed").await;
    assert_eq!(cli.run(&format!("runs wait {done}")).await.code, 0);
    let failed = cli.new_run(0, "Failed").await;
    assert_eq!(cli.run(&format!("runs wait {failed}")).await.code, 10);
    let asleep = cli.new_run(9, "Running").await;
    let waited = cli.run(&format!("runs wait {asleep} --for 1s")).await;
    assert_eq!(waited.code, 8, "{waited:?}");
    assert_eq!(cli.run(&format!("runs cancel {asleep}")).await.code, 0);
    assert_eq!(cli.run(&format!("runs wait {asleep}")).await.code, 11);
}

#[tokio::test]
async fn many_are_cancelled_and_what_failed_is_said() {
    let cli = Cli::start().await;
    let asleep = cli.new_run(9, "Running").await;
    let other = cli.new_run(9, "Running").await;
    let done = cli.new_run(1, "Completed").await;
    let ids = format!("{asleep}\n\n{done}\n");
    let said = cli.piped("runs cancel -", &ids).await;
    assert_eq!(said.code, 7, "{said:?}");
    assert!(
        said.err.contains("1 of 2 failed") && said.err.contains(&done),
        "{said:?}"
    );
    assert!(said.out.contains(&format!("{asleep} is cancelled")));
    let alone = cli.run(&format!("runs cancel {done}")).await;
    assert_eq!(alone.code, 6, "{alone:?}");
    assert_eq!(
        cli.run(&format!("runs cancel {other} -o id")).await.out,
        format!("{other}\n")
    );
    assert_eq!(cli.piped("runs cancel -", "").await.code, 2);
}

#[tokio::test]
async fn events_are_sent_listed_and_sent_again() {
    let cli = Cli::start().await;
    let sent = cli
        .words(&[
            "events",
            "send",
            "shop/other",
            "--data",
            "{\"n\":1}",
            "--id",
            "mine",
        ])
        .await;
    let id = sent.out.trim();
    let got = cli.run(&format!("events get {id} -o json")).await.json();
    assert_eq!(
        (&got["name"], &got["data"], &got["id"]),
        (&json!("shop/other"), &json!({ "n": 1 }), &json!("mine"))
    );
    let two = json!([{ "name": "shop/a", "data": {} }, { "name": "shop/b", "data": {} }]);
    let sent = cli.piped("events send", &two.to_string()).await;
    assert_eq!(sent.lines().len(), 2, "{sent:?}");
    std::fs::write(cli.home.path().join("data.json"), "{\"n\":2}").unwrap();
    let sent = cli
        .run("events send shop/c --data @data.json -o json")
        .await
        .json();
    assert_eq!(sent["ids"].as_array().unwrap().len(), 1);
    let names = cli.run("events list --no-header --columns name").await;
    assert_eq!(names.lines(), ["shop/c", "shop/b", "shop/a", "shop/other"]);
    let again = cli.run(&format!("events resend {id}")).await;
    assert_eq!(again.code, 0, "{again:?}");
    assert_ne!(again.out.trim(), id);
    let named = cli.run("events list --name shop/other -o id").await;
    assert_eq!(
        named.lines().len(),
        2,
        "a new event, not the same again: {named:?}"
    );
    for (line, code) in [
        ("events send shop/d --data {", 2),
        ("events send", 2),
        ("events send --file none.json", 1),
        ("events get 01HZZZZZZZZZZZZZZZZZZZ1000", 3),
    ] {
        assert_eq!(cli.run(line).await.code, code, "{line}");
    }
}

#[tokio::test]
async fn functions_and_apps_are_shown_and_a_function_is_invoked() {
    let cli = Cli::start().await;
    let functions = cli
        .run("fn list --no-header --columns id,app,triggers")
        .await;
    assert_eq!(functions.out, "shop-pay  shop  shop/paid\n");
    assert_eq!(
        cli.run("functions get shop-pay -o json").await.json()["slug"],
        "shop-pay"
    );
    let config = cli.run("functions config pay -o json").await.json();
    assert_eq!(config["overrides"], json!([]));
    let apps = cli
        .run("apps list --no-header --columns id,functions,sdk,version")
        .await;
    assert_eq!(apps.out, "shop  1  js  4.24.0\n");
    assert_eq!(cli.run("apps get nobody").await.code, 3);
    let run = cli
        .words(&[
            "functions",
            "invoke",
            "pay",
            "--data",
            "{\"n\":1}",
            "--wait",
        ])
        .await;
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "{\"sum\":3}\n"),
        "{run:?}"
    );
    let failed = cli
        .words(&[
            "functions",
            "invoke",
            "pay",
            "--data",
            "{\"n\":0}",
            "--wait",
        ])
        .await;
    assert_eq!(failed.code, 10, "{failed:?}");
    assert_eq!(cli.run("functions invoke nobody").await.code, 3);
    let status = cli.run("status -o json").await.json();
    assert_eq!(
        (&status["apps"], &status["functions"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn a_function_is_explained_paused_and_resumed() {
    let cli = Cli::start().await;
    let paused = cli
        .run("functions pause shop-pay --new-runs skip --reason deploy")
        .await;
    assert_eq!((paused.code, paused.out.as_str()), (0, "shop-pay paused\n"));
    let explained = cli.run("functions explain shop-pay").await;
    assert!(explained.out.contains("is paused"), "{explained:?}");
    let json = cli.run("functions resume shop-pay -o json").await.json();
    assert_eq!(json, json!({ "function": "shop-pay", "pause": null }));
    assert_eq!(cli.run("functions resume shop-pay").await.code, 6);
    for line in [
        "functions explain none",
        "runs explain 01HZZZZZZZZZZZZZZZZZZZ1000",
        "events explain 01HZZZZZZZZZZZZZZZZZZZ1000",
    ] {
        let said = cli.run(line).await;
        assert!(
            said.code == 3 && said.err.contains("not found"),
            "{line}: {said:?}"
        );
    }
    assert_eq!(cli.run("runs explain x").await.code, 1);
    assert_eq!(
        cli.run("functions pause shop-pay --running away")
            .await
            .code,
        2
    );
}

#[tokio::test]
async fn limits_are_shown_set_and_given_back() {
    let cli = Cli::start().await;
    let more = json!({ "concurrency": [{ "limit": 5 }] });
    let functions = [function("shop-pay", "shop/paid", &cli.app.url(), more)];
    let body = registration(&cli.app.url(), &functions);
    assert_eq!(cli.server.post("/fn/register", &body).await.status, 200);
    let set = cli
        .run("flow limit shop-pay concurrency 2 --for 1h --reason night")
        .await;
    assert_eq!(
        (set.code, set.out.as_str()),
        (0, "concurrency of shop-pay is 2\n"),
        "{set:?}"
    );
    let report = cli.run("flow get shop-pay -o json").await.json();
    assert_eq!(
        (
            &report["overrides"][0]["value"],
            &report["overrides"][0]["drift"]
        ),
        (&json!(2), &json!(-3))
    );
    assert_eq!(cli.run("flow restore shop-pay concurrency").await.code, 0);
    assert_eq!(
        cli.run("flow get shop-pay -o json").await.json()["overrides"],
        json!([])
    );
    assert_eq!(cli.run("flow limit shop-pay weight 2").await.code, 2);
    let audit = cli.run("audit list --no-header --columns action").await;
    assert_eq!(audit.lines().len(), 2, "{audit:?}");
}

#[tokio::test]
async fn profiles_name_servers() {
    let cli = Cli::start().await;
    let alone =
        async |line: &str| Cli::end(cli.command(&line.split(' ').collect::<Vec<_>>())).await;
    let set = alone(&format!(
        "config profile set live --url {}",
        cli.server.url("")
    ))
    .await;
    assert_eq!(set.code, 0, "{set:?}");
    assert_eq!(alone("runs list --profile live").await.code, 0);
    assert_eq!(alone("runs list --profile test").await.code, 78);
    assert_eq!(alone("config profile use live").await.code, 0);
    assert_eq!(alone("runs list").await.code, 0, "the current one counts");
    let listed = alone("config profile list --no-header --columns name,current,key").await;
    assert_eq!(listed.out, "live  true  false\n");
    assert_eq!(alone("config profile remove live").await.code, 0);
    assert_eq!(alone("config profile use live").await.code, 3);
    let away = alone("runs list --url http://127.0.0.1:9 -o json").await;
    assert_eq!(away.code, 5);
    let error: Value = serde_json::from_str(&away.err).unwrap();
    assert_eq!(error["error"]["code"], "unreachable");
}

#[tokio::test]
async fn requests_of_ones_own_and_completions() {
    let cli = Cli::start().await;
    let answer = cli.run("api GET /v2/health").await.json();
    assert_eq!(answer["data"]["status"], "ok");
    let sent = cli
        .words(&["api", "POST", "/e/key", "-d", "{\"name\":\"a/b\"}"])
        .await
        .json();
    assert_eq!(sent["status"], 200);
    let none = cli.run("api GET /v2/nothing").await;
    assert_eq!(none.code, 3);
    assert!(
        none.out.contains("not_found"),
        "what the server said is data: {none:?}"
    );
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = cli.run(&format!("completion {shell}")).await;
        assert!(
            script.code == 0 && script.out.contains("everstep"),
            "{shell}"
        );
    }
}

#[tokio::test]
async fn nothing_is_done_to_many_without_being_asked() {
    let cli = Cli::start().await;
    let run = cli.new_run(0, "Failed").await;
    assert_eq!(
        cli.run("runs replay").await.code,
        2,
        "an empty filter is refused"
    );
    let searched = cli
        .run("runs replay --status failed -q event.data.n==0 --dry-run")
        .await;
    assert!(
        searched.code == 0 && searched.out.contains(&run),
        "{searched:?}"
    );
    let none = cli
        .run("runs replay --status failed -q event.data.n==7 -y")
        .await;
    assert_eq!(none.code, 0, "no run is meant: {none:?}");
    let asked = cli.run("runs replay --status failed").await;
    assert_eq!(asked.code, 2, "who can't be asked must say -y: {asked:?}");
    assert!(
        asked.err.contains("replay 1 runs") && asked.err.contains(&run),
        "{asked:?}"
    );
    let dry = cli.run("runs replay --status failed --dry-run").await;
    assert!(dry.code == 0 && dry.out.contains(&run), "{dry:?}");
    assert_eq!(
        cli.run("runs list -o id").await.lines().len(),
        1,
        "nothing was done"
    );
    let done = cli.run("runs replay --status failed -y -o json").await;
    assert_eq!(done.code, 0, "{done:?}");
    until("the run ran again", async || {
        let runs = cli.run("runs list -o id").await;
        (runs.lines().len() == 2).then_some(())
    })
    .await;
    assert_eq!(
        cli.run("ops list -o json").await.json()["data"][0]["counts"]["done"],
        json!(1)
    );
}
