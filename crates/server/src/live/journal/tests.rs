use everstep_core::record::{StepKind, StepRecord, StepStatus};
use everstep_protocol::Timestamp;
use everstep_protocol::op::ParallelMode;

use super::*;

fn run(number: u128) -> RunId {
    RunId::from_parts(Timestamp::from_millis(1), number)
}

fn event(number: u128) -> EventId {
    EventId::from_parts(Timestamp::from_millis(1), number)
}

fn step(run: RunId, id: &str, status: StepStatus) -> Change {
    Change::PutStep(StepRecord {
        run,
        id: StepId::new(id),
        kind: StepKind::Run,
        status,
        name: id.into(),
        step_type: None,
        mode: ParallelMode::Join,
        position: None,
        value: None,
        trace: None,
        created_at: Timestamp::from_millis(1),
        started_at: None,
        ended_at: None,
    })
}

/// That a run was started by events touches its row, and theirs.
fn started(run: RunId, events: &[EventId]) -> Change {
    Change::PutRunEvents {
        run,
        events: events.to_vec(),
    }
}

impl Journal {
    /// A tick of these changes.
    fn tick(&mut self, changes: impl Into<Arc<[Change]>>) {
        self.note(&changes.into());
        self.close();
    }
}

#[test]
fn a_topic_tells_what_was_touched_of_it_since_a_place() {
    let mut journal = Journal::new(7);
    journal.tick([started(run(1), &[event(1), event(2)])]);
    journal.tick([
        step(run(1), "a", StepStatus::Planned),
        step(run(2), "b", StepStatus::Planned),
    ]);
    journal.tick([step(run(1), "a", StepStatus::Completed)]);
    assert_eq!(journal.cursor(), Cursor { epoch: 7, place: 3 });

    let runs = |place| journal.since(Topic::Runs, place);
    assert_eq!(runs(0), Ok(Some(Touched::Runs([run(1)].into()))));
    assert_eq!(runs(1), Ok(None), "a step is not in the row of its run");
    let steps = |place| match journal.since(Topic::Run(run(1)), place) {
        Ok(Some(Touched::Run(id, steps))) if id == run(1) => steps
            .into_iter()
            .map(|(id, mark)| (id.as_str().to_owned(), mark.status))
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    // The last state of each.
    assert_eq!(steps(0), [("a".to_owned(), StepStatus::Completed)]);
    assert_eq!(steps(2), [("a".to_owned(), StepStatus::Completed)]);
    assert_eq!(journal.since(Topic::Run(run(1)), 3), Ok(None));
    assert_eq!(journal.since(Topic::Run(run(9)), 0), Ok(None));
    let both = Touched::Events([event(1), event(2)].into());
    assert_eq!(journal.since(Topic::Events, 0), Ok(Some(both)));
    let one = Touched::Event(event(2));
    assert_eq!(journal.since(Topic::Event(event(2)), 0), Ok(Some(one)));
    assert_eq!(journal.since(Topic::Event(event(3)), 0), Ok(None));
    assert_eq!(journal.since(Topic::Flow, 0), Ok(None));
    journal.tick([Change::DeleteHolds(run(1))]);
    assert_eq!(journal.since(Topic::Flow, 3), Ok(Some(Touched::Flow)));
}

#[test]
fn a_tick_of_nothing_is_none() {
    let mut journal = Journal::new(1);
    journal.tick([Change::ExpireRates(1)]);
    assert!(!journal.is_open());
    assert_eq!(journal.cursor().place, 0);
}

#[test]
fn places_that_were_not_given_out_are_missed() {
    let mut journal = Journal::new(1);
    journal.tick([started(run(1), &[])]);
    assert_eq!(journal.since(Topic::Runs, 2), Err(Missed));
}

#[test]
fn more_rows_than_a_message_carries_are_missed() {
    let mut journal = Journal::new(1);
    let most = ROWS_PER_MESSAGE_MAX as u128;
    let runs: Vec<_> = (0..most).map(|number| started(run(number), &[])).collect();
    journal.tick(runs);
    assert!(journal.since(Topic::Runs, 0).is_ok());
    journal.tick([started(run(most), &[])]);
    assert_eq!(journal.since(Topic::Runs, 0), Err(Missed));
    assert!(journal.since(Topic::Runs, 1).is_ok());

    let name = |number| step(run(1), &format!("{number}"), StepStatus::Planned);
    let steps: Vec<_> = (0..=most).map(name).collect();
    journal.tick(steps);
    assert_eq!(journal.since(Topic::Run(run(1)), 2), Err(Missed));
}

#[test]
fn old_ticks_are_forgotten() {
    let mut journal = Journal::new(1);
    for _ in 0..=TICKS_MAX {
        journal.tick([started(run(1), &[])]);
    }
    assert_eq!(journal.ticks.len(), TICKS_MAX);
    assert_eq!(journal.since(Topic::Runs, 0), Err(Missed));
    assert!(journal.since(Topic::Runs, 1).is_ok());
}

#[test]
fn marks_are_bounded_over_all_ticks() {
    let mut journal = Journal::new(1);
    let mut number = 0;
    for _ in 0..30 {
        let deleted: Vec<_> = (0..5000)
            .map(|_| {
                number += 1;
                Change::DeleteWaits(run(number))
            })
            .collect();
        journal.tick(deleted);
    }
    assert_eq!(journal.marks_held, MARKS_HELD_MAX);
    assert_eq!(journal.since(Topic::Run(run(1)), 9), Err(Missed));
    assert_eq!(journal.since(Topic::Run(run(1)), 10), Ok(None));
}
