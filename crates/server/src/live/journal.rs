//! What was touched lately, in order: from it follows what a topic has to tell, to those who follow
//! it and to those who come back with a cursor.
//!
//! **Invariant:** a place that is given out covers all that was noted before. What is dropped for
//! want of room is answered with [`Missed`] from then on, never with a part of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use everstep_core::Change;
use everstep_protocol::{EventId, RunId, StepId};

use super::cursor::Cursor;
use super::mark::{Kind, Marks, StepMark};
use super::topic::Topic;

/// Rows that one message carries. If more were touched, clients read the list.
pub(crate) const ROWS_PER_MESSAGE_MAX: usize = 100;
/// Ticks that are remembered: five minutes, if something happens all the time.
const TICKS_MAX: usize = 3000;
/// Marks of all ticks together.
const MARKS_HELD_MAX: usize = 100_000;

/// What was touched of one topic: at most [`ROWS_PER_MESSAGE_MAX`] rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Touched {
    Runs(BTreeSet<RunId>),
    /// A run and some of its steps.
    Run(RunId, BTreeMap<StepId, StepMark>),
    Events(BTreeSet<EventId>),
    Event(EventId),
    /// Apps, functions, operations, errors or entries of the audit log, by id.
    Ids(BTreeSet<String>),
    /// Something, without rows.
    Flow,
}

/// More was touched than is known, or than one message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Missed;

/// Marks since the feed began to follow the commits, or lost track of them.
#[derive(Debug)]
pub(super) struct Journal {
    epoch: u64,
    /// Of the last tick.
    place: u64,
    /// What was touched up to this place is not known any more.
    forgotten: u64,
    /// Since the last tick.
    open: Marks,
    ticks: VecDeque<Tick>,
    marks_held: usize,
}

#[derive(Debug)]
struct Tick {
    place: u64,
    marks: Marks,
}

impl Journal {
    pub(super) fn new(epoch: u64) -> Self {
        Self {
            epoch,
            place: 0,
            forgotten: 0,
            open: Marks::default(),
            ticks: VecDeque::new(),
            marks_held: 0,
        }
    }

    pub(super) fn note(&mut self, changes: &Arc<[Change]>) {
        changes.iter().for_each(|change| self.open.note(change));
    }

    /// Whether there is something that no tick has.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Makes a tick of what was noted since the last one, if anything was.
    pub(super) fn close(&mut self) {
        if !self.is_open() {
            return;
        }
        self.place += 1;
        let marks = std::mem::take(&mut self.open);
        self.marks_held += marks.len();
        let place = self.place;
        self.ticks.push_back(Tick { place, marks });
        // The last one stays, however large: everyone is about to be told of it.
        while self.ticks.len() > 1
            && (self.ticks.len() > TICKS_MAX || self.marks_held > MARKS_HELD_MAX)
            && let Some(first) = self.ticks.pop_front()
        {
            self.marks_held -= first.marks.len();
            self.forgotten = first.place;
        }
    }

    /// The place after the last tick.
    pub(super) fn cursor(&self) -> Cursor {
        Cursor {
            epoch: self.epoch,
            place: self.place,
        }
    }

    /// What was touched of a topic after `place`; `None` if nothing was.
    pub(super) fn since(&self, topic: Topic, place: u64) -> Result<Option<Touched>, Missed> {
        if place < self.forgotten || place > self.place {
            return Err(Missed);
        }
        let first = self.ticks.partition_point(|tick| tick.place <= place);
        let ticks = self.ticks.range(first..).map(|tick| &tick.marks);
        let text = |ids: BTreeSet<_>| Touched::Ids(ids);
        let touched = match topic {
            Topic::Runs => keys(ticks, |marks| &marks.runs, |run| *run)?.map(Touched::Runs),
            Topic::Events => {
                keys(ticks, |marks| &marks.events, |event| *event)?.map(Touched::Events)
            }
            Topic::Apps => keys(ticks, |marks| &marks.apps, ToString::to_string)?.map(text),
            Topic::Functions => {
                keys(ticks, |marks| &marks.functions, ToString::to_string)?.map(text)
            }
            Topic::Operations => {
                keys(ticks, |marks| &marks.operations, ToString::to_string)?.map(text)
            }
            Topic::Errors => keys(ticks, |marks| &marks.errors, ToString::to_string)?.map(text),
            Topic::Audit => keys(ticks, |marks| &marks.audit, ToString::to_string)?.map(text),
            Topic::Flow => {
                let is_touched = ticks.into_iter().any(|marks| marks.flow);
                is_touched.then_some(Touched::Flow)
            }
            Topic::Run(run) => run_touched(ticks, run)?,
            Topic::Event(event) => event_touched(ticks, event)?.then_some(Touched::Event(event)),
        };
        Ok(touched)
    }
}

/// The keys of one kind; `None` if there are none.
fn keys<'a, K: Ord + 'a, T: Ord>(
    ticks: impl Iterator<Item = &'a Marks>,
    kind: impl Fn(&'a Marks) -> &'a Kind<K>,
    view: impl Fn(&K) -> T,
) -> Result<Option<BTreeSet<T>>, Missed> {
    let mut keys = BTreeSet::new();
    for marks in ticks {
        keys.extend(kind(marks).all().ok_or(Missed)?.keys().map(&view));
        if keys.len() > ROWS_PER_MESSAGE_MAX {
            return Err(Missed);
        }
    }
    Ok(Some(keys).filter(|keys| !keys.is_empty()))
}

fn run_touched<'a>(
    ticks: impl Iterator<Item = &'a Marks>,
    run: RunId,
) -> Result<Option<Touched>, Missed> {
    let mut is_touched = false;
    let mut steps = BTreeMap::new();
    for marks in ticks {
        if !marks.details.all().ok_or(Missed)?.contains_key(&run) {
            continue;
        }
        is_touched = true;
        let of_run = marks.steps.all().ok_or(Missed)?;
        let of_run = of_run.range((run, StepId::new(""))..);
        let of_run = of_run.take_while(|((owner, _), _)| *owner == run);
        steps.extend(of_run.map(|((_, step), mark)| (step.clone(), mark.clone())));
        if steps.len() > ROWS_PER_MESSAGE_MAX {
            return Err(Missed);
        }
    }
    Ok(is_touched.then_some(Touched::Run(run, steps)))
}

fn event_touched<'a>(
    ticks: impl Iterator<Item = &'a Marks>,
    event: EventId,
) -> Result<bool, Missed> {
    for marks in ticks {
        if marks.events.all().ok_or(Missed)?.contains_key(&event) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests;
