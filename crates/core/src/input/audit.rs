//! What the audit log says of a control.

use std::sync::Arc;

use everstep_protocol::{AuditId, Json, OperationId, StepId, Timestamp};

use super::control::Control;
use super::rerun::Rerun;
use crate::record::{
    AuditRecord, ErrorDecision, OperationKind, OperationRecord, OverrideRecord, PauseRecord,
    PausedRuns, PausedStarts,
};
use crate::rerun::RerunFrom;

/// The entry of a control, as it is asked for. `None`: what it is part of has one.
pub(super) fn entry(
    control: &Control,
    id: AuditId,
    actor: Option<Arc<str>>,
) -> Option<AuditRecord> {
    let blank = |action: &str| AuditRecord {
        id,
        actor,
        action: action.into(),
        function: None,
        run: None,
        detail: Json::object([]),
    };
    Some(match control {
        Control::Pause(pause) => AuditRecord {
            function: Some(pause.function),
            detail: pause_detail(pause),
            ..blank("function.pause")
        },
        Control::Resume(function) => AuditRecord {
            function: Some(*function),
            ..blank("function.resume")
        },
        Control::PutOverride(record) => AuditRecord {
            function: Some(record.function),
            detail: override_detail(record),
            ..blank("limit.override")
        },
        Control::DeleteOverride {
            function,
            limit,
            key,
        } => AuditRecord {
            function: Some(*function),
            detail: members([
                ("limit", Some(Json::string(limit.as_str()))),
                ("key", text(key.as_ref())),
            ]),
            ..blank("limit.restore")
        },
        Control::FireDebounce(_) => blank("debounce.fire"),
        Control::FlushBatch(id) => AuditRecord {
            detail: members([("batch", Some(Json::string(&id.to_string())))]),
            ..blank("batch.flush")
        },
        Control::ReleaseHold { run, .. } => AuditRecord {
            run: Some(*run),
            ..blank("hold.release")
        },
        Control::DecideError {
            function,
            group,
            decision,
        } => {
            let (action, until) = decided(*decision);
            AuditRecord {
                function: Some(*function),
                detail: members([
                    ("errorGroup", Some(Json::string(&group.to_string()))),
                    ("until", until.map(|at| Json::string(&at.to_string()))),
                ]),
                ..blank(action)
            }
        }
        Control::Run {
            run,
            control,
            reason,
        } => AuditRecord {
            run: Some(*run),
            detail: members([
                ("step", control.step().map(step_name)),
                ("reason", text(reason.as_ref())),
            ]),
            ..blank(control.action())
        },
        Control::Rerun(rerun) if rerun.operation.is_some() => return None,
        Control::Rerun(rerun) => AuditRecord {
            function: Some(rerun.source.function),
            run: Some(rerun.source.id),
            detail: rerun_detail(rerun),
            ..blank(rerun.from.action())
        },
        Control::PutOperation(operation) => AuditRecord {
            detail: operation_detail(operation),
            ..blank("operation.start")
        },
        Control::AbortOperation { id, reason } => AuditRecord {
            detail: of_operation(*id, reason.as_ref()),
            ..blank("operation.abort")
        },
        Control::ResumeOperation { stored, reason } => AuditRecord {
            detail: of_operation(stored.id, reason.as_ref()),
            ..blank("operation.resume")
        },
        Control::PutAttribute { name, expression } => AuditRecord {
            detail: of_attribute(name, Some(expression.text())),
            ..blank("attribute.declare")
        },
        Control::DeleteAttribute(name) => AuditRecord {
            detail: of_attribute(name, None),
            ..blank("attribute.delete")
        },
    })
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
