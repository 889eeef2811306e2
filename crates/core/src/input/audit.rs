//! What the audit log says of a control.

use std::sync::Arc;

use everstep_protocol::{AuditId, FunctionId, Json, OperationId, RunId, StepId, Timestamp};

use super::control::Control;
use super::rerun::Rerun;
use crate::record::{
    AuditRecord, CancellationRecord, ErrorDecision, OperationKind, OperationRecord, OverrideRecord,
    PauseRecord, PausedRuns, PausedStarts,
};
use crate::rerun::RerunFrom;
use crate::shard::Shard;

impl Shard {
    /// The entry of a control that is about to be done. `None`: what it is part of has one.
    pub(super) fn audit_entry(
        &self,
        control: &Control,
        id: AuditId,
        actor: Option<Arc<str>>,
    ) -> Option<AuditRecord> {
        let is_part = matches!(control, Control::Rerun(rerun) if rerun.operation.is_some());
        let (function, run) = target(control);
        let (action, detail) = what(control);
        (!is_part).then(|| AuditRecord {
            id,
            actor,
            action: action.into(),
            function: function.or_else(|| self.function_meant(control)),
            run,
            detail,
        })
    }

    /// Whose run or whose events it is about.
    fn function_meant(&self, control: &Control) -> Option<FunctionId> {
        match control {
            Control::FireDebounce(id) => Some(self.flow.debounces.get(*id)?.function),
            Control::FlushBatch(id) => Some(self.flow.batches.get(*id)?.record.function),
            Control::ReleaseHold { limit, run } => {
                let mut holds = self.flow.holds.of(*limit);
                Some(holds.find(|hold| hold.run == *run)?.function)
            }
            Control::Run { run, .. } => Some(self.runs.get(run)?.record.function),
            _ => None,
        }
    }
}

/// What it says itself that it is about, if that is a function or a run.
fn target(control: &Control) -> (Option<FunctionId>, Option<RunId>) {
    match control {
        Control::Pause(PauseRecord { function, .. })
        | Control::Resume(function)
        | Control::PutOverride(OverrideRecord { function, .. })
        | Control::DeleteOverride { function, .. }
        | Control::DeleteCancellation { function, .. }
        | Control::DecideError { function, .. } => (Some(*function), None),
        Control::PutCancellation(cancellation) => (Some(cancellation.function), None),
        Control::ReleaseHold { run, .. } | Control::Run { run, .. } => (None, Some(*run)),
        Control::Rerun(rerun) => (Some(rerun.source.function), Some(rerun.source.id)),
        Control::FireDebounce(_)
        | Control::FlushBatch(_)
        | Control::PutOperation(_)
        | Control::AbortOperation { .. }
        | Control::ResumeOperation { .. }
        | Control::PutAttribute { .. }
        | Control::DeleteAttribute(_)
        | Control::ArchiveApp { .. } => (None, None),
    }
}

/// What it does, and how.
fn what(control: &Control) -> (&'static str, Json) {
    match control {
        Control::Pause(pause) => ("function.pause", pause_detail(pause)),
        Control::Resume(_) => ("function.resume", members([])),
        Control::PutOverride(record) => ("limit.override", override_detail(record)),
        Control::DeleteOverride { limit, key, .. } => {
            let limit = Json::string(limit.as_str());
            let detail = members([("limit", Some(limit)), ("key", text(key.as_ref()))]);
            ("limit.restore", detail)
        }
        Control::FireDebounce(id) => {
            let debounce = Json::string(&id.to_text());
            ("debounce.fire", members([("debounce", Some(debounce))]))
        }
        Control::FlushBatch(id) => {
            let batch = Json::string(&id.to_string());
            ("batch.flush", members([("batch", Some(batch))]))
        }
        Control::ReleaseHold { .. } => ("hold.release", members([])),
        Control::DecideError {
            group, decision, ..
        } => {
            let (action, until) = decided(*decision);
            let group = Json::string(&group.to_string());
            let until = until.map(|at| Json::string(&at.to_string()));
            let detail = members([("errorGroup", Some(group)), ("until", until)]);
            (action, detail)
        }
        Control::Run {
            control, reason, ..
        } => {
            let step = control.step().map(step_name);
            let detail = members([("step", step), ("reason", text(reason.as_ref()))]);
            (control.action(), detail)
        }
        Control::PutCancellation(cancellation) => {
            ("cancellation.create", cancellation_detail(cancellation))
        }
        Control::DeleteCancellation { id, .. } => {
            let id = Json::string(&id.to_string());
            ("cancellation.delete", members([("cancellation", Some(id))]))
        }
        Control::Rerun(rerun) => (rerun.from.action(), rerun_detail(rerun)),
        Control::PutOperation(operation) => ("operation.start", operation_detail(operation)),
        Control::AbortOperation { id, reason } => {
            ("operation.abort", of_operation(*id, reason.as_ref()))
        }
        Control::ResumeOperation { stored, reason } => {
            ("operation.resume", of_operation(stored.id, reason.as_ref()))
        }
        Control::PutAttribute { name, expression } => {
            let detail = of_attribute(name, Some(expression.text()));
            ("attribute.declare", detail)
        }
        Control::DeleteAttribute(name) => ("attribute.delete", of_attribute(name, None)),
        Control::ArchiveApp { name, reason } => {
            let app = Some(Json::string(name));
            let detail = members([("app", app), ("reason", text(reason.as_ref()))]);
            ("app.archive", detail)
        }
    }
}

fn pause_detail(pause: &PauseRecord) -> Json {
    let starts = match pause.starts {
        PausedStarts::Skip => "skip",
        PausedStarts::Queue => "queue",
    };
    let runs = match pause.runs {
        PausedRuns::Finish => "finish",
        PausedRuns::Hold => "hold",
    };
    members([
        ("starts", Some(Json::string(starts))),
        ("runs", Some(Json::string(runs))),
        ("reason", text(pause.reason.as_ref())),
    ])
}

fn override_detail(record: &OverrideRecord) -> Json {
    let time = |at: Timestamp| Json::string(&at.to_string());
    members([
        ("limit", Some(Json::string(record.limit.as_str()))),
        ("value", Some(Json::integer(i64::from(record.value)))),
        ("key", text(record.key.as_ref())),
        ("expiresAt", record.expires_at.map(time)),
        ("reason", text(record.reason.as_ref())),
    ])
}

fn cancellation_detail(cancellation: &CancellationRecord) -> Json {
    let time = |at: Timestamp| Json::string(&at.to_string());
    let id = Json::string(&cancellation.id.to_string());
    members([
        ("cancellation", Some(id)),
        ("startedAfter", cancellation.started_after.map(time)),
        ("startedBefore", Some(time(cancellation.started_before))),
        ("if", text(cancellation.condition.as_ref())),
    ])
}

fn rerun_detail(rerun: &Rerun) -> Json {
    let (step, input) = match &rerun.from {
        RerunFrom::Step { input, .. } => {
            let first = rerun.plan.again.first();
            (first.map(|step| step_name(&step.id)), input.as_ref())
        }
        RerunFrom::Start | RerunFrom::Failure => (None, None),
    };
    members([
        ("step", step),
        ("input", input.cloned()),
        ("reason", text(rerun.reason.as_ref())),
    ])
}

fn operation_detail(operation: &OperationRecord) -> Json {
    let kind = match operation.kind {
        OperationKind::Cancel => "cancel",
        OperationKind::Replay => "replay",
        OperationKind::Resume => "resume",
    };
    members([
        ("operation", Some(Json::string(&operation.id.to_string()))),
        ("kind", Some(Json::string(kind))),
        ("filter", Some(operation.filter.clone())),
        ("reason", text(operation.reason.as_ref())),
    ])
}

fn of_operation(id: OperationId, reason: Option<&Arc<str>>) -> Json {
    members([
        ("operation", Some(Json::string(&id.to_string()))),
        ("reason", text(reason)),
    ])
}

/// What was decided about an error, and until when it holds.
fn decided(decision: ErrorDecision) -> (&'static str, Option<Timestamp>) {
    match decision {
        ErrorDecision::Open => ("error.reopen", None),
        ErrorDecision::Resolved => ("error.resolve", None),
        ErrorDecision::Ignored { until } => ("error.ignore", until),
    }
}

fn of_attribute(name: &str, expression: Option<&str>) -> Json {
    members([
        ("attribute", Some(Json::string(name))),
        ("expression", expression.map(Json::string)),
    ])
}

/// The members that are there.
fn members<const N: usize>(members: [(&str, Option<Json>); N]) -> Json {
    let there = members.into_iter();
    Json::object(there.filter_map(|(name, value)| Some((name, value?))))
}

fn text(text: Option<&Arc<str>>) -> Option<Json> {
    text.map(|text| Json::string(text))
}

fn step_name(step: &StepId) -> Json {
    Json::string(step.as_str())
}
