//! Records of failures and attributes to put.

use std::sync::Arc;

use everstep_core::record::{
    AttributeRecord, ErrorDecision, ErrorDecisionRecord, ErrorGroupId, FailureRecord, RunAttributes,
};

use super::sample::{at, run, run_id, step_id};

/// Ids that sort as their numbers.
pub(super) fn error_group_id(number: u8) -> ErrorGroupId {
    ErrorGroupId([number; 16])
}

/// The run of that number failed with the error of that number.
pub(super) fn failure(number: u32, group: u8) -> FailureRecord {
    FailureRecord {
        run: run_id(number),
        function: run(number).function,
        group: error_group_id(group),
        step: Some(step_id(1)),
        name: Arc::from("TypeError"),
        message: Arc::from(format!("it is {number}")),
        at: at(100 + i64::from(number)),
    }
}

/// Decided before any sample of a failure.
pub(super) fn error_decision(group: u8, decision: ErrorDecision) -> ErrorDecisionRecord {
    ErrorDecisionRecord {
        group: error_group_id(group),
        decision,
        decided_at: at(100),
    }
}

pub(super) fn attribute(name: &str) -> AttributeRecord {
    AttributeRecord {
        name: name.into(),
        expression: format!("event.data.{name}").into(),
        created_at: at(5),
    }
}

pub(super) fn run_attributes(pairs: &[(&str, &str)]) -> RunAttributes {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| (Arc::from(*name), Arc::from(*value)))
        .collect()
}
