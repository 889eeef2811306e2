//! Acting on all runs that match a filter: asked for twice, then an operation of the server.

use std::io::{IsTerminal, Write};

use clap::Args;
use serde_json::{Value, json};

use super::filter::RunFilter;
use super::operations;
use crate::cli::Exit;
use crate::cli::client::Session;

/// What becomes of each run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BulkKind {
    Cancel,
    Replay,
    Resume,
}

impl BulkKind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Replay => "replay",
            Self::Resume => "resume",
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct BulkArgs {
    #[command(flatten)]
    pub(super) filter: RunFilter,
    /// Runs a second at most
    #[arg(long, value_name = "COUNT")]
    rate: Option<u32>,
    /// Stop when so many of a hundred fail
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    stop_on_error: Option<u8>,
    /// Why, for the audit log
    #[arg(long)]
    reason: Option<String>,
    /// Do it without asking
    #[arg(short, long)]
    yes: bool,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Return at once, not when it is done
    #[arg(long)]
    detach: bool,
}

impl BulkArgs {
    /// Of one error group.
    pub(super) fn of_error(mut self, group: String) -> Self {
        self.filter = self.filter.of_error(group);
        self
    }

    /// Previews, asks, starts, and follows it to its end.
    pub(super) async fn start(self, session: &Session, kind: BulkKind) -> Result<(), Exit> {
        if self.filter.is_empty() {
            return Err(Exit::usage(format!(
                "say which runs to {}: ids, or a filter such as --status failed --since 2h",
                kind.word()
            )));
        }
        let body = self.body(kind);
        let path = ["v2", "bulk-operations", "preview"];
        let preview = session.api.post(&path, &body).await?;
        let preview = &preview["data"];
        let text = preview_text(kind, preview);
        if self.dry_run {
            return session.printer.said(preview, &text);
        }
        if !self.yes {
            confirm(&text)?;
        }
        let answer = session.api.post(&["v2", "bulk-operations"], &body).await?;
        let operation = &answer["data"];
        if self.detach {
            return session.printer.one(operation, operations::DETAIL);
        }
        let id = operation["id"].as_str().unwrap_or_default();
        operations::watch(session, id).await
    }

    fn body(&self, kind: BulkKind) -> Value {
        let mut body = json!({ "kind": kind.word(), "filter": self.filter.json() });
        if let Some(rate) = self.rate {
            body["ratePerSecond"] = rate.into();
        }
        if let Some(percent) = self.stop_on_error {
            body["stopOnErrorPercent"] = percent.into();
        }
        if let Some(reason) = &self.reason {
            body["reason"] = reason.as_str().into();
        }
        body
    }
}

fn preview_text(kind: BulkKind, preview: &Value) -> String {
    let count = &preview["count"];
    let count = match preview["isExact"].as_bool() {
        Some(true) => format!("{count}"),
        _ => format!("at least {count}"),
    };
    let looked = match preview["scannedTo"].as_str() {
        Some(at) => format!("\n  looked at runs back to {at}; there may be more before"),
        None => String::new(),
    };
    let sample = preview["sample"].as_array().into_iter().flatten();
    let sample: String = sample
        .map(|run| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let function = &run["function"]["id"];
            format!(
                "\n  {}  {}  {}",
                text(&run["id"]),
                text(&run["status"]).to_lowercase(),
                text(function)
            )
        })
        .collect();
    let words = preview["words"].as_str().unwrap_or_default();
    let words = match words {
        "" => String::new(),
        words => format!(" ({words})"),
    };
    format!("{} {count} runs{words}{looked}{sample}", kind.word())
}

/// Asks whether to go on. Who can't be asked must have said so before.
pub(super) fn confirm(text: &str) -> Result<(), Exit> {
    let (stdin, mut stderr) = (std::io::stdin(), std::io::stderr());
    if !stdin.is_terminal() || !stderr.is_terminal() {
        return Err(Exit::usage(format!("{text}\nsay -y to do it")));
    }
    let failed = |error: std::io::Error| Exit::failed(error.to_string());
    write!(stderr, "{text}\ngo on? [y/N] ").map_err(failed)?;
    let mut answer = String::new();
    stdin.read_line(&mut answer).map_err(failed)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Exit::failed("nothing was done")),
    }
}
