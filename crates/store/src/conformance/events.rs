//! Events, the list of events, evaluations that started no run.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{EventRecord, SkipReason, SkipRecord};
use everstep_protocol::EventId;

use super::Factory;
use super::sample::{at, event, event_id, json, run, run_id, skip};
use super::subject::{Subject, all_events};
use crate::{EVENTS_BY_ID_MAX, EventCounts, EventFilter};

pub async fn event_round_trips(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let named = EventRecord {
        user_id: Some(Arc::from("order-17")),
        ..event(1)
    };
    subject
        .commit([Change::PutEvent(named.clone()), Change::PutEvent(event(2))])
        .await;
    for expected in [named, event(2)] {
        let stored = subject
            .store
            .event_view(expected.id)
            .await
            .expect("the event is read");
        assert_eq!(stored, Some(expected));
    }
    assert_eq!(
        subject
            .store
            .event_view(event_id(3))
            .await
            .expect("the event is read"),
        None
    );
}

pub async fn stored_event_stays(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let other = EventRecord {
        name: Arc::from("other/name"),
        user_id: Some(Arc::from("other")),
        received_at: at(9_999),
        payload: json(r#"{"other":true}"#),
        ..event(1)
    };
    subject.commit([Change::PutEvent(event(1))]).await;
    subject.commit([Change::PutEvent(other)]).await;
    let stored = subject
        .store
        .event_view(event_id(1))
        .await
        .expect("the event is read");
    assert_eq!(stored, Some(event(1)));
    assert_eq!(subject.events(all_events()).await, [event(1)]);
}

pub async fn known_events_are_found(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    subject
        .commit([1, 2, 4].map(|number| Change::PutEvent(event(number))))
        .await;
    let known = async |numbers: &[u32]| {
        let ids: Vec<EventId> = numbers.iter().copied().map(event_id).collect();
        subject
            .store
            .events_known(&ids)
            .await
            .expect("the events are read")
    };
    assert_eq!(known(&[]).await, []);
    assert_eq!(known(&[3, 5]).await, []);
    assert_eq!(
        known(&[5, 4, 3, 1]).await,
        [event_id(4), event_id(1)],
        "in the order asked for"
    );
    let many: Vec<u32> = (0..5_000).collect();
    assert_eq!(known(&many).await, [1, 2, 4].map(event_id));
}

/// What fires later is looked up by what it remembers.
pub async fn events_are_read_by_id(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    subject
        .commit([1, 2, 4].map(|number| Change::PutEvent(event(number))))
        .await;
    let read = async |numbers: &[u32]| {
        let ids: Vec<EventId> = numbers.iter().copied().map(event_id).collect();
        let events = subject.store.events_by_id(&ids).await;
        events.expect("the events are read")
    };
    assert_eq!(read(&[]).await, []);
    assert_eq!(read(&[3, 5]).await, []);
    let expected = [4, 1, 4].map(event);
    assert_eq!(
        read(&[5, 4, 3, 1, 4]).await,
        expected,
        "in the order asked for"
    );
}

pub async fn events_by_id_are_bounded(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    subject.commit([Change::PutEvent(event(1))]).await;
    let ids = vec![event_id(1); EVENTS_BY_ID_MAX + 1];
    for (asked, answered) in [
        (EVENTS_BY_ID_MAX, EVENTS_BY_ID_MAX),
        (EVENTS_BY_ID_MAX + 1, EVENTS_BY_ID_MAX),
    ] {
        let events = subject.store.events_by_id(&ids[..asked]).await;
        assert_eq!(events.expect("the events are read").len(), answered);
    }
}

pub async fn event_pages_are_newest_first(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    // Not in order: the order is that of ids, not of arrival.
    let arrival = [3, 1, 7, 5, 2, 6, 4];
    subject
        .commit(arrival.map(|number| Change::PutEvent(event(number))))
        .await;
    let page = async |before: Option<u32>, limit| {
        let filter = EventFilter {
            before: before.map(event_id),
            limit,
            ..all_events()
        };
        subject.events(filter).await
    };
    assert_eq!(page(None, 3).await, [7, 6, 5].map(event));
    assert_eq!(page(Some(5), 3).await, [4, 3, 2].map(event), "below the id");
    assert_eq!(page(Some(2), 3).await, [1].map(event));
    assert_eq!(page(Some(1), 3).await, []);
    assert_eq!(page(None, 0).await, []);
    assert_eq!(
        page(None, usize::MAX).await,
        [7, 6, 5, 4, 3, 2, 1].map(event)
    );
}

pub async fn events_are_filtered_by_name(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let named = |number, name: &str| EventRecord {
        name: Arc::from(name),
        ..event(number)
    };
    let names = [
        "a/x",
        "a/x2",
        "a/x",
        "A/X",
        "inngest/x",
        "inngest",
        "inngest0",
        "inngest/y",
        "a/x",
    ];
    let events: Vec<EventRecord> = (1..)
        .zip(names)
        .map(|(number, name)| named(number, name))
        .collect();
    subject
        .commit(
            events
                .iter()
                .cloned()
                .map(Change::PutEvent)
                .collect::<Vec<_>>(),
        )
        .await;
    let list = async |name: Option<&str>, internal, before: Option<u32>| {
        let filter = EventFilter {
            names: name.map(str::to_owned).into_iter().collect(),
            internal,
            before: before.map(event_id),
            ..all_events()
        };
        let found = subject.events(filter).await;
        found
            .into_iter()
            .map(|event| event.name.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        list(Some("a/x"), true, None).await,
        ["a/x"; 3],
        "exact, with case"
    );
    assert_eq!(
        list(Some("a/x"), false, Some(9)).await,
        ["a/x"; 2],
        "by page"
    );
    assert_eq!(list(Some("none"), true, None).await, [""; 0]);
    assert_eq!(list(Some("inngest/x"), true, None).await, ["inngest/x"]);
    assert_eq!(
        list(Some("inngest/x"), false, None).await,
        [""; 0],
        "both conditions hold"
    );
    let external = ["a/x", "inngest0", "inngest", "A/X", "a/x", "a/x2", "a/x"];
    assert_eq!(list(None, false, None).await, external);
    assert_eq!(list(None, true, None).await.len(), names.len());
}

pub async fn events_of_several_names_are_listed_in_order(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let named = |number: u32| EventRecord {
        name: format!("n/{}", number % 70).into(),
        ..event(number)
    };
    let events = (1..=140).map(|number| Change::PutEvent(named(number)));
    subject.commit(events.collect::<Vec<_>>()).await;
    // Implementations may find many names in another way than few.
    for names in [2, 3, 60] {
        let filter = EventFilter {
            names: (0..names).map(|number| format!("n/{number}")).collect(),
            ..all_events()
        };
        let is_meant = |number: &u32| number % 70 < names;
        let expected: Vec<_> = (1..=140).rev().filter(is_meant).map(named).collect();
        assert_eq!(subject.events(filter.clone()).await, expected);
        let page = EventFilter {
            before: Some(expected[1].id),
            limit: 2,
            ..filter
        };
        assert_eq!(subject.events(page).await, expected[2..4]);
    }
}

/// However little a page may look at, the pages make up the list, and each goes on where the one
/// before it ended.
pub async fn event_pages_look_at_a_bounded_number(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let named = |number: u32| EventRecord {
        name: Arc::from(["a/x", "inngest/x", "b/y"][number as usize % 3]),
        ..event(number)
    };
    let events = (1..=30).map(|number| Change::PutEvent(named(number)));
    subject.commit(events.collect::<Vec<_>>()).await;
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let filters = [
        EventFilter::newest(100),
        EventFilter {
            names: names(&["a/x"]),
            ..EventFilter::newest(100)
        },
        EventFilter {
            names: names(&["a/x", "b/y", "none"]),
            received_before: Some(at(12)),
            ..EventFilter::newest(100)
        },
    ];
    for filter in filters {
        let whole = subject.events(filter.clone()).await;
        assert!(!whole.is_empty(), "{filter:?}");
        for (limit, reads_max) in [(1, 100), (7, 5), (100, 1), (7, 0)] {
            let mut portion = EventFilter {
                limit,
                reads_max,
                ..filter.clone()
            };
            let mut found = Vec::new();
            loop {
                let page = subject.store.event_list(&portion).await;
                let page = page.expect("the events are read");
                assert!(page.events.len() <= limit.min(reads_max.max(1)), "{page:?}");
                found.extend(page.events);
                let Some(next) = page.next else { break };
                let is_below = portion.before.is_none_or(|before| next.event < before);
                assert!(is_below, "{portion:?} goes on: {next:?}");
                portion.before = Some(next.event);
            }
            assert_eq!(found, whole, "{portion:?}");
        }
    }
    let old = EventFilter {
        received_before: Some(at(3)),
        reads_max: 4,
        ..EventFilter::newest(100)
    };
    let page = subject.store.event_list(&old).await;
    let page = page.expect("the events are read");
    if let Some(next) = page.next {
        let place = (event_id(27), at(27));
        assert_eq!((next.event, next.received_at), place, "the last one it saw");
    }
}

pub async fn events_are_filtered_by_time(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    // The newest id was received first.
    let received = |number: u32| EventRecord {
        received_at: at(100 - i64::from(number)),
        ..event(number)
    };
    subject
        .commit(
            (1..=9)
                .map(|number| Change::PutEvent(received(number)))
                .collect::<Vec<_>>(),
        )
        .await;
    let list = async |after: Option<i64>, before: Option<i64>, limit| {
        let filter = EventFilter {
            received_after: after.map(at),
            received_before: before.map(at),
            limit,
            ..all_events()
        };
        subject.events(filter).await
    };
    assert_eq!(
        list(Some(93), Some(97), 100).await,
        [6, 5, 4].map(received),
        "exclusive on both sides"
    );
    assert_eq!(list(Some(93), Some(97), 2).await, [6, 5].map(received));
    assert_eq!(list(Some(97), None, 100).await, [2, 1].map(received));
    assert_eq!(list(None, Some(93), 100).await, [9, 8].map(received));
    assert_eq!(list(Some(97), Some(93), 100).await, []);
    let filter = EventFilter {
        names: vec!["sample/event".to_owned()],
        received_after: Some(at(93)),
        received_before: Some(at(99)),
        before: Some(event_id(5)),
        ..EventFilter::newest(2)
    };
    assert_eq!(
        subject.events(filter).await,
        [4, 3].map(received),
        "all conditions at once"
    );
}

/// Implementations may find a page another way when the window is large.
pub async fn events_are_found_in_a_large_window(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    const COUNT: u32 = 30_000;
    let numbers: Vec<u32> = (1..=COUNT).collect();
    for numbers in numbers.chunks(5_000) {
        let named = |&number: &u32| {
            let name = if number % 1_000 == 0 {
                "sample/rare"
            } else {
                "sample/event"
            };
            Change::PutEvent(EventRecord {
                name: Arc::from(name),
                ..event(number)
            })
        };
        subject
            .commit(numbers.iter().map(named).collect::<Vec<_>>())
            .await;
    }
    let list = async |name: Option<&str>, after: u32| {
        let filter = EventFilter {
            names: name.map(str::to_owned).into_iter().collect(),
            received_after: Some(at(i64::from(after))),
            limit: 3,
            ..all_events()
        };
        let found = subject.events(filter).await;
        found.into_iter().map(|event| event.id).collect::<Vec<_>>()
    };
    for after in [0, COUNT - 100] {
        assert_eq!(
            list(None, after).await,
            [COUNT, COUNT - 1, COUNT - 2].map(event_id)
        );
    }
    assert_eq!(
        list(Some("sample/rare"), 0).await,
        [30_000, 29_000, 28_000].map(event_id)
    );
    assert_eq!(
        list(Some("sample/rare"), 28_500).await,
        [30_000, 29_000].map(event_id)
    );
}

pub async fn what_events_led_to_is_counted(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let triggers = |run: u32, events: &[u32]| {
        let events = events.iter().copied().map(event_id).collect();
        let run = run_id(run);
        Change::PutRunEvents { run, events }
    };
    subject
        .commit([
            Change::PutRun(run(1)),
            Change::PutRun(run(2)),
            triggers(1, &[1]),
            triggers(2, &[1, 2, 1]),
            Change::PutSkip(skip(1, "f")),
            Change::PutSkip(skip(1, "g")),
        ])
        .await;
    let counts = |runs, skips| EventCounts { runs, skips };
    let read = subject.store.event_counts(&[2, 3, 1].map(event_id)).await;
    assert_eq!(
        read.expect("the counts are read"),
        [counts(1, 0), counts(0, 0), counts(2, 2)]
    );
}

pub async fn skips_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let skips = [skip(1, "f"), skip(1, "g"), skip(2, "f")];
    let reasons = [
        (SkipReason::ExpressionError, Some("`a` is no number")),
        (SkipReason::EventDuplicate, None),
        (SkipReason::IdempotencyDuplicate, Some("run 7")),
        (SkipReason::ExpressionFalse, None),
    ];
    subject.commit(skips.clone().map(Change::PutSkip)).await;
    let mut expected = vec![skip(1, "f"), skip(1, "g")];
    expected.sort_by_key(|skip| skip.function);
    let list = async |number| {
        subject
            .store
            .event_skips(event_id(number))
            .await
            .expect("the skips are read")
    };
    assert_eq!(list(1).await, expected);
    assert_eq!(list(2).await, [skip(2, "f")]);
    assert_eq!(list(3).await, []);
    for (reason, detail) in reasons {
        let replaced = SkipRecord {
            reason,
            detail: detail.map(Arc::from),
            ..skip(2, "f")
        };
        subject.commit([Change::PutSkip(replaced.clone())]).await;
        assert_eq!(list(2).await, [replaced]);
    }
}
