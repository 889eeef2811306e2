//! What updates make of values, and the limits of ME-6.

use everstep_protocol::Timestamp;
use everstep_protocol::limits::METADATA_UPDATE_MAX;
use everstep_protocol::metadata::kind;

use super::*;
use crate::record::Epoch;
use crate::turn::Moment;

const TARGET: MetadataTarget = MetadataTarget::Run;

struct World {
    turn: Turn,
    metadata: RunMetadata,
}

impl World {
    fn new() -> Self {
        let moment = Moment {
            now: Timestamp::from_millis(1),
            entropy: 0,
        };
        let run = RunId::from_parts(moment.now, 1);
        Self {
            turn: Turn::new(moment, Epoch(1)),
            metadata: RunMetadata::load(run, Vec::new()),
        }
    }

    fn update(
        &mut self,
        kind: &str,
        operation: MetadataOperation,
        values: &str,
    ) -> Result<(), MetadataRefusal> {
        let values = Json::parse(values.as_bytes()).unwrap();
        let update = MetadataUpdate::new(kind, operation, values).unwrap();
        self.metadata
            .update_all(&mut self.turn, &[(TARGET, update)])
    }

    fn values(&self, kind: &str) -> Option<&str> {
        self.metadata.values(&TARGET, kind).map(Json::as_str)
    }

    /// Fill the run with entries as large as one update can be, until one is refused.
    fn fill(&mut self) -> MetadataRefusal {
        for number in 0.. {
            let kind = format!("userland.{number:03}");
            if let Err(refusal) = self.update(&kind, MetadataOperation::Set, &long(number % 10)) {
                return refusal;
            }
        }
        unreachable!("there is a limit")
    }
}

/// An object of [`METADATA_UPDATE_MAX`] bytes.
fn long(digit: usize) -> String {
    // `{"x":""}` is 8 bytes.
    let text = digit.to_string().repeat(METADATA_UPDATE_MAX - 8);
    format!(r#"{{"x":"{text}"}}"#)
}

#[test]
fn me_1_operations() {
    use MetadataOperation::{Add, Delete, Merge, Set};
    // What is there, the operation, its values, and what is there then.
    let cases = [
        (None, Set, r#"{"a":1}"#, Some(r#"{"a":1}"#)),
        (Some(r#"{"b":1}"#), Set, r#"{"a":1}"#, Some(r#"{"a":1}"#)),
        (Some(r#"{"b":1}"#), Set, "{}", Some("{}")),
        (None, Merge, r#"{"a":1}"#, Some(r#"{"a":1}"#)),
        (
            Some(r#"{"a":{"deep":1},"b":1}"#),
            Merge,
            r#"{"a":{"other":1},"c":null}"#,
            Some(r#"{"a":{"other":1},"b":1,"c":null}"#),
        ),
        (None, Delete, r#"{"a":1}"#, None),
        (
            Some(r#"{"a":1,"b":1}"#),
            Delete,
            r#"{"a":7,"c":null}"#,
            Some(r#"{"b":1}"#),
        ),
        (Some(r#"{"a":1}"#), Delete, r#"{"a":null}"#, Some("{}")),
        (None, Add, r#"{"a":1.5}"#, Some(r#"{"a":1.5}"#)),
        (
            Some(r#"{"a":1.5,"b":"text"}"#),
            Add,
            r#"{"a":-2,"c":1}"#,
            Some(r#"{"a":-0.5,"b":"text","c":1}"#),
        ),
    ];
    for (before, operation, values, after) in cases {
        let mut world = World::new();
        if let Some(before) = before {
            world.update("userland.a", Set, before).unwrap();
        }
        world.update("userland.a", operation, values).unwrap();
        assert_eq!(
            world.values("userland.a"),
            after,
            "{operation:?} {values} to {before:?}"
        );
    }
}

#[test]
fn me_1_only_numbers_are_added_to() {
    let refused = Err(MetadataRefusal::NotANumber("a".to_owned()));
    for (before, added) in [(r#"{"a":"1"}"#, "1"), (r#"{"a":1e308}"#, "1e308")] {
        let mut world = World::new();
        world
            .update("userland.a", MetadataOperation::Set, before)
            .unwrap();
        let values = format!(r#"{{"a":{added},"b":1}}"#);
        let outcome = world.update("userland.a", MetadataOperation::Add, &values);
        assert_eq!(outcome, refused);
        assert_eq!(
            world
                .values("userland.a")
                .map(|values| values.contains('b')),
            Some(false)
        );
    }
}

/// What is refused changes nothing; less than before is taken however much there is.
#[test]
fn me_6_the_metadata_of_a_run_is_bounded() {
    let mut world = World::new();
    let MetadataRefusal::TooLarge { size, limit } = world.fill() else {
        panic!("refused for another reason");
    };
    assert_eq!(limit, METADATA_PER_RUN_MAX);
    assert!(size > limit);
    let entry = "userland.000".len() + METADATA_UPDATE_MAX + METADATA_ENTRY_SIZE;
    let count = METADATA_PER_RUN_MAX / entry;
    assert_eq!(world.metadata.entries.len(), count);
    assert_eq!(world.metadata.size, count * entry);
    assert_eq!(world.turn.changes.len(), count);
    world
        .update("userland.000", MetadataOperation::Set, "{}")
        .unwrap();
    world
        .update("userland.more", MetadataOperation::Set, &long(1))
        .unwrap();
}

/// Entries without values count too, so that there can't be a million of them.
#[test]
fn me_6_small_entries_are_bounded() {
    let mut world = World::new();
    let updates: Vec<_> = (0..METADATA_PER_RUN_MAX / METADATA_ENTRY_SIZE)
        .map(|number| {
            let values = Json::object([]);
            let update = MetadataUpdate::new(&number.to_string(), MetadataOperation::Set, values);
            (TARGET, update.unwrap())
        })
        .collect();
    let outcome = world.metadata.update_all(&mut world.turn, &updates);
    assert!(matches!(outcome, Err(MetadataRefusal::TooLarge { .. })));
    assert_eq!(world.turn.changes, [], "all of it or nothing");
    assert_eq!(world.metadata.size, 0);
}

/// Where there is no room for an update, there is some for its warning, up to a limit of its own.
#[test]
fn me_3_warnings_have_room_of_their_own() {
    let mut world = World::new();
    world.fill();
    let update = MetadataUpdate::new(
        "userland.more",
        MetadataOperation::Set,
        Json::parse(long(1).as_bytes()).unwrap(),
    );
    world
        .metadata
        .note(&mut world.turn, &TARGET, &update.unwrap());
    assert_eq!(world.values("userland.more"), None);
    let warning = world.values(kind::WARNINGS).unwrap();
    assert!(
        warning.starts_with(r#"{"userland.more":"the metadata of the run would be "#),
        "{warning}"
    );
    for number in 0..1_000 {
        let (turn, of) = (&mut world.turn, format!("userland.{number}"));
        world.metadata.warn(turn, &TARGET, &of, "it was refused");
    }
    assert!(
        world.values(kind::WARNINGS).unwrap().len() <= METADATA_WARNINGS_MAX + METADATA_UPDATE_MAX
    );
    assert!(world.metadata.size <= METADATA_PER_RUN_MAX + METADATA_WARNINGS_MAX);
}

/// An entry counts the same before and after a restart.
#[test]
fn metadata_is_loaded_as_it_was() {
    let mut world = World::new();
    world
        .update("userland.a", MetadataOperation::Set, r#"{"a":1}"#)
        .unwrap();
    world
        .update("userland.a", MetadataOperation::Add, r#"{"a":41}"#)
        .unwrap();
    let changes = world.turn.changes.iter();
    let records: BTreeMap<_, _> = changes
        .map(|change| match change {
            Change::PutMetadata(record) => (Arc::clone(&record.kind), record.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    let loaded = RunMetadata::load(world.metadata.run, records.into_values().collect());
    assert_eq!(loaded.entries, world.metadata.entries);
    assert_eq!(loaded.size, world.metadata.size);
}
