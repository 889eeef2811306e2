//! What the walks are, as SQLite plans them.

use super::*;
use crate::sqlite::schema;

fn plan(Walk { sql, values }: Walk) -> Vec<String> {
    let mut db = Connection::open_in_memory().unwrap();
    schema::migrate(&mut db).unwrap();
    let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let rows = statement.query_map(params_from_iter(values), |row| row.get("detail"));
    rows.unwrap().map(Result::unwrap).collect()
}

fn named(count: usize) -> EventFilter {
    EventFilter {
        names: (0..count).map(|number| format!("n/{number}")).collect(),
        ..EventFilter::newest(20)
    }
}

#[test]
fn all_events_are_walked_along_by_id() {
    for names in [0, WALKS_MAX + 1] {
        let steps = ["SEARCH events USING PRIMARY KEY (id<?)"];
        assert_eq!(plan(Walk::by_id(&named(names))), steps);
    }
}

#[test]
fn names_have_their_index() {
    let step = "SEARCH events USING INDEX events_by_name (name=? AND id<?)";
    assert_eq!(plan(Walk::by_id(&named(1))), [step]);
    let two = ["MERGE (UNION ALL)", "LEFT", step, "RIGHT", step];
    assert_eq!(plan(Walk::by_id(&named(2))), two);
    let many = plan(Walk::by_id(&named(WALKS_MAX)));
    assert!(!many.iter().any(|step| step.contains("TEMP B-TREE")));
}

#[test]
fn a_name_that_is_asked_for_twice_is_walked_along_once() {
    let twice = EventFilter {
        names: vec!["n/0".to_owned(); 2],
        ..EventFilter::newest(20)
    };
    assert_eq!(Walk::by_id(&twice), Walk::by_id(&named(1)));
}
