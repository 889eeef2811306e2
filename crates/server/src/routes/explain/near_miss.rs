//! Events that a wait might have been for, and were not.

use everstep_core::expression::{EventView, Expression, Scope};
use everstep_core::record::{EventRecord, WaitRecord};
use everstep_protocol::Timestamp;
use everstep_store::EventFilter;
use serde_json::{Value, json};

use super::clauses::clauses;
use crate::error::ApiError;
use crate::routes::Api;

/// The last events of the name that are looked at.
const EVENTS_MAX: usize = 20;

/// The last events of that name since the wait began, each with what was false of it.
pub(super) async fn near_misses(
    api: &Api,
    wait: &WaitRecord,
    name: &str,
    condition: Option<&str>,
) -> Result<Vec<Value>, ApiError> {
    let Some(condition) = condition else {
        return Ok(Vec::new());
    };
    let filter = EventFilter {
        names: vec![name.to_owned()],
        received_after: Some(wait.created_at),
        internal: true,
        ..EventFilter::newest(EVENTS_MAX)
    };
    let page = api.engine.store().event_list(&filter).await?;
    let now = api.clock.now();
    Ok(page
        .events
        .iter()
        .map(|event| near_miss(event, condition, now))
        .collect())
}

fn near_miss(event: &EventRecord, condition: &str, now: Timestamp) -> Value {
    let view = EventView::new(event.payload.clone());
    let scope = Scope::incoming(&view, now);
    let clause = clauses(condition)
        .into_iter()
        .find_map(|clause| Some((clause, objection(clause, &scope)?)));
    json!({
        "eventId": event.id.to_string(),
        "receivedAt": event.received_at.to_string(),
        "clause": clause.as_ref().map(|(clause, _)| clause),
        "outcome": clause.map(|(_, outcome)| outcome),
    })
}

/// What is wrong with a clause; `None` if it holds.
fn objection(clause: &str, scope: &Scope<'_>) -> Option<String> {
    match Expression::compile(clause).map(|clause| clause.holds(scope)) {
        Ok(Ok(true)) => None,
        Ok(Ok(false)) => Some("false".to_owned()),
        Ok(Err(error)) => Some(format!("error: {error}")),
        Err(error) => Some(format!("error: {error}")),
    }
}
