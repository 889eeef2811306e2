//! Why calls of a function wait.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_core::inspect::FunctionReport;
use serde_json::json;

use super::find_function;
use super::limit::reason_of;
use super::reason::{Reason, millis, summary};
use crate::error::ApiError;
use crate::routes::Api;
use crate::routes::params::PathText;
use crate::routes::v1::envelope;
use crate::routes::v2::function_report;

pub(super) async fn explain(
    State(api): State<Api>,
    PathText(function): PathText,
) -> Result<Response, ApiError> {
    let function = find_function(&api, &function).await?;
    let report = function_report(&api, &function).await?;
    let reasons = reasons(&report);
    let view = json!({
        "functionId": function.id,
        "summary": summary(&format!("Function {}", function.slug), &reasons),
        "reasons": reasons,
    });
    Ok(envelope(view, api.clock.now(), Duration::ZERO))
}

fn reasons(report: &FunctionReport) -> Vec<Reason> {
    let (running, backlog) = (report.running, report.backlog);
    let text = format!("has {running} calls in flight and {backlog} that wait");
    let mut reasons = vec![Reason {
        position: Some(backlog),
        estimate_ms: Some(millis(report.mean_call)),
        ..Reason::new(if backlog == 0 { "idle" } else { "backlog" }, text)
    }];
    let pause = report.pause.as_ref();
    for lane in &report.lanes {
        for limit in &lane.blocked_by {
            let reason = reason_of(limit, pause);
            if reasons.iter().all(|known| known.text != reason.text) {
                reasons.push(reason);
            }
        }
    }
    // With nothing to do, a pause holds nothing up, and is good to know of.
    if pause.is_some() && reasons.iter().all(|reason| reason.kind != "paused") {
        let text = "is paused: new runs do not start";
        reasons.push(Reason::new("paused", text));
    }
    let held = [
        (
            "debounced",
            "event that its debounce holds back",
            report.debounces.len(),
        ),
        ("batched", "batch that is not full", report.batches.len()),
    ];
    for (kind, what, count) in held.into_iter().filter(|(_, _, count)| *count > 0) {
        reasons.push(Reason::new(kind, format!("has {count} {what}")));
    }
    reasons
}
