//! Which waits an event finds.

use everstep_protocol::Json;

use super::*;

const NAME: &str = "order/paid";
const NOW: Timestamp = Timestamp::from_millis(1_000);
const LATER: Timestamp = Timestamp::from_millis(2_000);

fn id(run: u8) -> JobId {
    JobId {
        run: RunId::from_bytes([run; 16]),
        number: 1,
    }
}

fn wait(run: u8, kind: WaitKind) -> LiveWait {
    LiveWait {
        id: id(run),
        kind,
        expires_at: LATER,
        is_resolved: false,
    }
}

fn listening(run: u8, condition: &str) -> LiveWait {
    let condition = (!condition.is_empty()).then(|| condition.into());
    let name = NAME.into();
    wait(run, WaitKind::Event { name, condition })
}

fn waits(conditions: &[&str]) -> Waits {
    let waits = (1..).zip(conditions);
    Waits::new(waits.map(|(run, text)| listening(run, text)).collect())
}

fn paid(data: &str) -> EventView {
    let payload = format!("{{\"data\":{data},\"name\":\"{NAME}\"}}");
    EventView::new(Json::parse(payload.as_bytes()).unwrap())
}

fn matching(waits: &mut Waits, name: &str, event: &EventView, now: Timestamp) -> Vec<JobId> {
    let mut search = waits.search(name, event.json().clone(), now);
    let mut unlimited = usize::MAX;
    assert!(waits.go_on(&mut search, &mut unlimited));
    search.found
}

#[test]
fn ex_12_an_event_finds_the_waits_for_its_value() {
    let mut waits = waits(&[
        "async.data.id == \"a\"",
        "async.data.id == \"b\"",
        "async.data.id == 1",
        "async.data.id == \"a\" && async.data.total > 10",
        "async.data.id != \"b\"",
        "",
        "async.data.id ==",
    ]);
    let cases: [(&str, &[u8]); 5] = [
        (r#"{"id":"a","total":3}"#, &[1, 5, 6]),
        (r#"{"id":"a","total":30}"#, &[1, 4, 5, 6]),
        (r#"{"id":"b"}"#, &[2, 6]),
        (r#"{"id":1.0}"#, &[3, 5, 6]),
        (r#"{"id":"1"}"#, &[5, 6]),
    ];
    for (data, found) in cases {
        let found: Vec<JobId> = found.iter().copied().map(id).collect();
        assert_eq!(
            matching(&mut waits, NAME, &paid(data), NOW),
            found,
            "{data}"
        );
    }
    let event = paid(r#"{"id":"a"}"#);
    assert_eq!(matching(&mut waits, "order/lost", &event, NOW), []);
    assert_eq!(matching(&mut waits, NAME, &event, LATER), []);
}

#[test]
fn ex_12_a_wait_with_the_same_digest_and_another_value_is_not_ended() {
    let mut waits = waits(&["async.data.id == \"a\"", "async.data.id == \"b\""]);
    let listeners = waits.by_event.get_mut(NAME).unwrap();
    let by_value = listeners.by_key.values_mut().next().unwrap();
    let of_a = Digest::of(&IndexKey::Text("a".into()));
    assert!(by_value.insert((of_a, id(2))));
    let found = matching(&mut waits, NAME, &paid(r#"{"id":"a"}"#), NOW);
    assert_eq!(found, [id(1)]);
}

#[test]
fn we_4_what_was_resolved_or_removed_is_not_found_and_leaves_nothing_behind() {
    let mut waits = waits(&["async.data.id == \"a\"", "async.data.id == \"a\"", ""]);
    waits.resolve(id(1));
    waits.remove(id(3));
    let event = paid(r#"{"id":"a"}"#);
    assert_eq!(matching(&mut waits, NAME, &event, NOW), [id(2)]);
    assert!(!waits.is_open(id(1), NOW));
    assert!(waits.is_open(id(2), NOW));

    assert!(waits.remove_run(id(1).run));
    assert!(waits.remove_run(id(2).run));
    assert!(!waits.remove_run(id(3).run));
    assert!(waits.entries.is_empty());
    assert!(waits.by_event.is_empty());
}

#[test]
fn ca_1_a_cancellation_is_found_as_a_wait_is_and_told_apart() {
    let kind = WaitKind::Cancellation {
        name: NAME.into(),
        condition: Some("async.data.id == \"a\"".into()),
    };
    let mut waits = Waits::new(vec![
        wait(1, kind),
        listening(2, "async.data.id == \"a\""),
        wait(3, WaitKind::Invocation),
    ]);
    let found = matching(&mut waits, NAME, &paid(r#"{"id":"a"}"#), NOW);
    assert_eq!(found, [id(1), id(2)]);
    let cancel: Vec<bool> = (1..=3).map(|run| waits.is_cancellation(id(run))).collect();
    assert_eq!(cancel, [true, false, false]);
}

#[test]
fn sg_3_a_lost_signal_leaves_a_wait_that_is_open_unless_it_was_resolved() {
    let mut waits = Waits::new(vec![wait(1, WaitKind::Signal("go".into()))]);
    assert_eq!(waits.of_signal("go"), Some(id(1)));
    waits.lose_signal(id(1));
    assert_eq!(waits.of_signal("go"), None);
    assert!(waits.is_open(id(1), NOW));

    waits.resolve(id(1));
    waits.lose_signal(id(1));
    assert!(!waits.is_open(id(1), NOW));
}
