//! Facts as JSON objects, one a line, in the shape of log lines.

use everstep_core::effect::Update;
use everstep_core::record::RunStatus;
use everstep_protocol::{AppId, FunctionId, Timestamp};
use serde_json::{Value, json};

use super::{Fact, Names};

pub(super) fn render(at: Timestamp, fact: &Fact, names: &Names, out: &mut String) {
    let (level, message, fields) = describe(fact, names);
    let mut object = json!({
        "timestamp": at.to_string(),
        "level": level,
        "target": "everstep",
        "message": message,
    });
    if let (Value::Object(object), Value::Object(fields)) = (&mut object, fields) {
        object.extend(fields);
    }
    out.push_str(&object.to_string());
    out.push('\n');
}

fn describe(fact: &Fact, names: &Names) -> (&'static str, &'static str, Value) {
    match fact {
        Fact::Start(start) => (
            "INFO",
            "server ready",
            json!({
                "version": start.version,
                "ready_ms": millis(start.ready_in.as_millis()),
                "url": start.origin,
                "dashboard": start.dashboard,
                "data": start.data,
            }),
        ),
        Fact::AppSynced {
            name,
            url,
            sdk,
            framework,
            functions,
            is_new,
        } => (
            "INFO",
            if *is_new { "app found" } else { "app changed" },
            json!({ "app": name, "url": url, "sdk": sdk, "framework": framework, "functions": functions }),
        ),
        Fact::AppBack { name, url } => (
            "INFO",
            "app answers again",
            json!({ "app": name, "url": url }),
        ),
        Fact::AppProblem { name, url, problem } => (
            "WARN",
            "app problem",
            json!({
                "app": name,
                "url": url,
                "code": problem.code.as_str(),
                "error": problem.message,
                "hint": problem.hint,
            }),
        ),
        Fact::Unsupported { app, features } => (
            "WARN",
            "features not supported yet",
            json!({ "app": app, "features": features }),
        ),
        Fact::Update(update) => describe_update(update, names),
        Fact::Notice(text) => ("INFO", "notice", json!({ "notice": text })),
        Fact::LeftOut { count } => ("WARN", "lines left out", json!({ "count": count })),
    }
}

fn describe_update(update: &Update, names: &Names) -> (&'static str, &'static str, Value) {
    let slug = |function: &FunctionId| names.function(*function).to_string();
    let name = |app: &AppId| names.app(*app).to_string();
    match update {
        Update::EventReceived { event, name, runs } => (
            "INFO",
            "event received",
            json!({ "event": event.to_string(), "name": name, "runs": runs }),
        ),
        Update::RunStarted { run, function } => (
            "DEBUG",
            "run started",
            json!({ "run": run.to_string(), "function": slug(function) }),
        ),
        Update::RunEnded {
            run,
            function,
            status,
            started_at,
            ended_at,
            steps,
            error,
        } => (
            if *status == RunStatus::Failed {
                "WARN"
            } else {
                "INFO"
            },
            "run ended",
            json!({
                "run": run.to_string(),
                "function": slug(function),
                "status": crate::routes::status_text(*status),
                "duration_ms": millis(ended_at.since(started_at.unwrap_or(*ended_at)).as_millis()),
                "steps": steps,
                "error": error.as_ref().map(|error| format!("{}: {}", error.name, error.message)),
            }),
        ),
        Update::AttemptFailed {
            run,
            function,
            step,
            attempt,
            max_attempts,
            retry_at,
            error,
        } => (
            "WARN",
            "attempt failed",
            json!({
                "run": run.to_string(),
                "function": slug(function),
                "step": step,
                "attempt": attempt,
                "max_attempts": max_attempts,
                "retry_at": retry_at.to_string(),
                "error": format!("{}: {}", error.name, error.message),
            }),
        ),
        Update::AppSynced { app, modified } => (
            "DEBUG",
            "app synced",
            json!({ "app": name(app), "app_id": app.to_string(), "modified": modified }),
        ),
        Update::AppUnavailable { app, error } => (
            "WARN",
            "app unavailable",
            json!({
                "app": name(app),
                "app_id": app.to_string(),
                "error": error.as_ref().map(|error| format!("{}: {}", error.name, error.message)),
            }),
        ),
        Update::AppAvailable { app } => (
            "INFO",
            "app available",
            json!({ "app": name(app), "app_id": app.to_string() }),
        ),
    }
}

fn millis(ms: u128) -> u64 {
    u64::try_from(ms).unwrap_or(u64::MAX)
}
