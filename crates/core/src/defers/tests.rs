//! The limits of DE-5.

use everstep_protocol::Timestamp;

use super::*;
use crate::record::Epoch;
use crate::turn::Moment;

struct World {
    turn: Turn,
    defers: Defers,
}

impl World {
    fn new() -> Self {
        let moment = Moment {
            now: Timestamp::from_millis(1),
            entropy: 0,
        };
        Self {
            turn: Turn::new(moment, Epoch(1)),
            defers: Defers::default(),
        }
    }

    /// The status that a new defer with an input of so many bytes gets.
    fn add(&mut self, id: &str, bytes: usize) -> Option<DeferStatus> {
        // `{"x":""}` is 8 bytes.
        let input = format!("{{\"x\":\"{}\"}}", "y".repeat(bytes - 8));
        let payload = Ok(DeferPayload {
            input: Json::from_canonical(input),
            meta: None,
        });
        self.request(id, payload)
    }

    fn request(
        &mut self,
        id: &str,
        payload: Result<DeferPayload, DeferRejection>,
    ) -> Option<DeferStatus> {
        let request = DeferRequest {
            id: DeferId::new(id),
            name: id.to_owned(),
            function_slug: "f".to_owned(),
            payload,
        };
        let run = RunId::from_parts(Timestamp::from_millis(1), 1);
        self.defers.add(&mut self.turn, run, request);
        match self.turn.changes.pop()? {
            Change::PutDefer(defer) => Some(defer.status),
            change => panic!("{change:?}"),
        }
    }

    fn abort(&mut self, id: &str) {
        self.defers.abort(&mut self.turn, &DeferId::new(id));
        self.turn.changes.clear();
    }
}

fn is_accepted(status: Option<DeferStatus>) -> bool {
    matches!(status, Some(DeferStatus::AfterRun { .. }))
}

/// Rejected and aborted ones count; one too many leaves no trace.
#[test]
fn de_5_a_run_has_so_many_defers() {
    let mut world = World::new();
    world.request("rejected", Err(DeferRejection::InvalidMeta));
    world.add("aborted", 10);
    world.abort("aborted");
    for number in 2..DEFERS_PER_RUN_MAX {
        assert!(is_accepted(world.add(&number.to_string(), 10)), "{number}");
    }
    assert_eq!(world.add("one too many", 10), None);
    assert_eq!(world.defers.in_calls().len(), DEFERS_PER_RUN_MAX);
}

/// What is aborted or rejected takes no room.
#[test]
fn de_5_inputs_of_a_run_are_bounded_together() {
    let mut world = World::new();
    assert!(is_accepted(world.add("a", DEFER_INPUT_MAX - 20)));
    let rejected = Some(DeferStatus::Rejected(DeferRejection::AggregateSize));
    assert_eq!(world.add("b", 21), rejected);
    assert!(is_accepted(world.add("c", 20)));
    assert_eq!(world.add("d", 10), rejected);
    world.abort("a");
    assert!(is_accepted(world.add("e", DEFER_INPUT_MAX - 20)));
}

/// So that SDKs do not send it again.
#[test]
fn de_5_a_rejected_defer_is_known() {
    let mut world = World::new();
    let rejected = world.request("a", Err(DeferRejection::PerDeferSize));
    assert_eq!(
        rejected,
        Some(DeferStatus::Rejected(DeferRejection::PerDeferSize))
    );
    assert_eq!(world.add("a", 10), None);
    assert_eq!(world.defers.in_calls(), [(DeferId::new("a"), false)]);
}
