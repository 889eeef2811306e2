//! `everstep runs`, `events` and `functions`: commands that ask a running server, through the API
//! that everyone has.

use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use clap::{Args, Subcommand, ValueEnum};
use everstep_engine::http::{HttpClient, Limits, Request, Response};
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::Exit;

/// A server that does not answer for so long is as good as down.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of an answer.
const ANSWER_MAX: usize = 32 * 1024 * 1024;

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people
    Table,
    /// What the API answers
    Json,
}

/// Where to ask, and how to print.
#[derive(Debug, Args)]
struct Target {
    /// What it is about
    id: String,
    /// The server
    #[arg(long, default_value = "http://127.0.0.1:8288")]
    url: Url,
    /// How to print
    #[arg(short, long, value_enum, default_value = "table")]
    output: Output,
}

#[derive(Debug, Args)]
pub struct RunsArgs {
    #[command(subcommand)]
    command: ExplainCommand,
}

#[derive(Debug, Args)]
pub struct EventsArgs {
    #[command(subcommand)]
    command: ExplainCommand,
}

#[derive(Debug, Args)]
pub struct FunctionsArgs {
    #[command(subcommand)]
    command: FunctionsCommand,
}

#[derive(Debug, Subcommand)]
enum ExplainCommand {
    /// Say why it does not go on, or what came of it
    Explain(Target),
}

#[derive(Debug, Subcommand)]
enum FunctionsCommand {
    /// Say what its calls wait for
    Explain(Target),
    /// Start no runs until it is resumed
    Pause(PauseArgs),
    /// Let it go on
    Resume(Target),
}

#[derive(Debug, Args)]
struct PauseArgs {
    #[command(flatten)]
    target: Target,
    /// What becomes of runs that would start
    #[arg(long, default_value = "queue", value_parser = ["skip", "queue"])]
    new_runs: String,
    /// What becomes of runs that have started
    #[arg(long, default_value = "finish", value_parser = ["finish", "hold", "cancel"])]
    running: String,
    /// Why, for whoever asks
    #[arg(long)]
    reason: Option<String>,
}

impl RunsArgs {
    pub(super) async fn run(self) -> Result<(), Exit> {
        let ExplainCommand::Explain(target) = self.command;
        target.explain("runs").await
    }
}

impl EventsArgs {
    pub(super) async fn run(self) -> Result<(), Exit> {
        let ExplainCommand::Explain(target) = self.command;
        target.explain("events").await
    }
}

impl FunctionsArgs {
    pub(super) async fn run(self) -> Result<(), Exit> {
        match self.command {
            FunctionsCommand::Explain(target) => target.explain("functions").await,
            FunctionsCommand::Pause(args) => {
                let body = json!({
                    "newRuns": args.new_runs, "running": args.running, "reason": args.reason,
                });
                args.target.act("pause", &body, "paused").await
            }
            FunctionsCommand::Resume(target) => target.act("resume", &json!({}), "resumed").await,
        }
    }
}

impl Target {
    async fn explain(&self, resource: &str) -> Result<(), Exit> {
        let answer = self
            .ask(Method::GET, resource, "explain", Bytes::new())
            .await?;
        let data = &answer["data"];
        let mut text = data["summary"].as_str().unwrap_or_default().to_owned();
        for miss in near_misses(data) {
            text.push('\n');
            text.push_str(&miss);
        }
        self.print(data, &text)
    }

    async fn act(&self, action: &str, body: &Value, done: &str) -> Result<(), Exit> {
        let body = Bytes::from(body.to_string());
        let answer = self.ask(Method::POST, "functions", action, body).await?;
        let data = &answer["data"];
        let function = data["function"].as_str().unwrap_or_default();
        self.print(data, &format!("{function} {done}"))
    }

    async fn ask(
        &self,
        method: Method,
        resource: &str,
        action: &str,
        body: Bytes,
    ) -> Result<Value, Exit> {
        let mut url = self.url.clone();
        match url.path_segments_mut() {
            // Escapes what the user wrote.
            Ok(mut path) => path
                .pop_if_empty()
                .extend(["v1", resource, &self.id, action]),
            Err(()) => return Err(Exit::bad_config(format!("{} is no server", self.url))),
        };
        let request = Request {
            method,
            url: url.clone(),
            headers: HeaderMap::new(),
            body,
        };
        let limits = Limits {
            timeout: TIMEOUT,
            body_max: ANSWER_MAX,
            redirects_max: 5,
            answer_header: None,
        };
        match HttpClient::new(TIMEOUT).send(request, limits).await {
            Ok(response) => self.read(&url, &response),
            Err(error) => Err(Exit::unreachable(error.to_string())),
        }
    }

    /// The answer; with `-o json`, an error of the server is printed as such.
    fn read(&self, url: &Url, response: &Response) -> Result<Value, Exit> {
        let status = response.status;
        let json: Option<Value> = serde_json::from_slice(&response.body).ok();
        if let Some(json) = json.as_ref().filter(|_| status.is_success()) {
            return Ok(json.clone());
        }
        let message = json.as_ref().and_then(|json| json["error"].as_str());
        let message = message.map_or_else(|| format!("{url} answered {status}"), str::to_owned);
        let message = match self.output {
            Output::Table => message,
            Output::Json => json!({ "code": status.as_u16(), "message": message }).to_string(),
        };
        Err(match status {
            StatusCode::NOT_FOUND => Exit::not_found(message),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Exit::not_allowed(message),
            StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS => Exit::conflict(message),
            _ => Exit::failed(message),
        })
    }

    fn print(&self, data: &Value, text: &str) -> Result<(), Exit> {
        let mut stdout = std::io::stdout();
        match self.output {
            Output::Table => writeln!(stdout, "{text}"),
            Output::Json => writeln!(stdout, "{data}"),
        }
        .map_err(|error| Exit::failed(error.to_string()))
    }
}

/// A line for each event that a wait might have been for.
fn near_misses(data: &Value) -> Vec<String> {
    let reasons = data["reasons"].as_array().into_iter().flatten();
    reasons
        .flat_map(|reason| reason["nearMisses"].as_array().into_iter().flatten())
        .filter_map(|miss| {
            let (event, clause) = (miss["eventId"].as_str()?, miss["clause"].as_str()?);
            let outcome = miss["outcome"].as_str()?;
            Some(format!("  event {event}: {clause} is {outcome}"))
        })
        .collect()
}
