//! What the walks are, as SQLite plans them.

use everstep_protocol::AppId;

use super::*;
use crate::sqlite::schema;

/// The steps of the plan for a list of these runs.
fn plan(filter: RunFilter) -> Vec<String> {
    let mut db = Connection::open_in_memory().unwrap();
    schema::migrate(&mut db).unwrap();
    let functions = filter.functions_among(None);
    let mut plans: Vec<Vec<String>> = [Order::Descending, Order::Ascending]
        .into_iter()
        .map(|order| {
            let query = RunQuery {
                order,
                after: Some(RunCursor {
                    at: Timestamp::from_millis(1),
                    run: RunId::from_bytes([1; 16]),
                }),
                ..RunQuery::new(filter.clone(), 20)
            };
            let Walk { sql, values } = Walk::of(&query, functions.as_ref(), &[0]);
            let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let rows = statement.query_map(params_from_iter(values), |row| row.get("detail"));
            rows.unwrap().map(Result::unwrap).collect()
        })
        .collect();
    let ascending = plans.pop().unwrap();
    let descending = plans.pop().unwrap();
    assert_eq!(ascending, descending);
    descending
}

fn of_statuses(statuses: &[RunStatus]) -> RunFilter {
    RunFilter {
        statuses: statuses.to_vec(),
        ..RunFilter::default()
    }
}

fn functions(count: usize) -> Vec<FunctionId> {
    let app = AppId::derive("app");
    let names = (0..count).map(|number| number.to_string());
    names.map(|name| FunctionId::derive(app, &name)).collect()
}

#[test]
fn all_runs_are_walked_along_by_id() {
    let all = ["SEARCH r USING PRIMARY KEY (id>? AND id<?)"];
    assert_eq!(plan(RunFilter::default()), all);
    assert_eq!(plan(of_statuses(&[RunStatus::Completed])), all);
    assert_eq!(
        plan(RunFilter {
            functions: functions(WALKS_MAX + 1),
            ..RunFilter::default()
        }),
        all,
        "beyond the bound"
    );
}

#[test]
fn times_have_their_indexes() {
    for (time, column) in [
        (RunTime::StartedAt, "started_at"),
        (RunTime::EndedAt, "ended_at"),
    ] {
        let filter = RunFilter {
            time,
            from: Some(Timestamp::from_millis(0)),
            until: Some(Timestamp::from_millis(5)),
            ..RunFilter::default()
        };
        let step = format!(
            "SEARCH r USING INDEX runs_by_{column} (({column},id)>(?,?) AND ({column},id)<(?,?))"
        );
        assert_eq!(plan(filter), [step]);
    }
}

#[test]
fn runs_that_did_not_complete_have_their_indexes() {
    let failed = "SEARCH r USING INDEX runs_failed (id>? AND id<?)";
    let cancelled = "SEARCH r USING INDEX runs_cancelled (id>? AND id<?)";
    assert_eq!(plan(of_statuses(&[RunStatus::Failed])), [failed]);
    assert_eq!(
        plan(of_statuses(&[RunStatus::Cancelled, RunStatus::Failed])),
        ["MERGE (UNION ALL)", "LEFT", failed, "RIGHT", cancelled]
    );
    assert_eq!(
        plan(RunFilter {
            functions: functions(1),
            ..of_statuses(&[RunStatus::Failed])
        }),
        [failed],
        "rather than all runs of the function"
    );
}

#[test]
fn errors_have_their_index() {
    let filter = RunFilter {
        error_group: Some(ErrorGroupId([1; 16])),
        functions: functions(1),
        ..of_statuses(&[RunStatus::Failed])
    };
    let group = "SEARCH r USING INDEX runs_by_error_group (error_group=? AND id>? AND id<?)";
    assert_eq!(plan(filter), [group]);
}

#[test]
fn attributes_have_their_index() {
    let filter = RunFilter {
        attributes: [("tenant".to_owned(), "acme".to_owned())].into(),
        functions: functions(1),
        ..of_statuses(&[RunStatus::Failed])
    };
    let steps = [
        "SEARCH a USING COVERING INDEX run_attributes_by_value (name=? AND value=? AND run>? AND run<?)",
        "SEARCH r USING PRIMARY KEY (id=?)",
    ];
    assert_eq!(plan(filter), steps);
}

#[test]
fn operations_have_their_index() {
    let filter = RunFilter {
        operation: Some(OperationId::from_bytes([1; 16])),
        attributes: [("tenant".to_owned(), "acme".to_owned())].into(),
        functions: functions(1),
        ..of_statuses(&[RunStatus::Failed])
    };
    let steps = [
        "SEARCH o USING COVERING INDEX reruns_by_operation (operation=? AND run>? AND run<?)",
        "SEARCH r USING PRIMARY KEY (id=?)",
    ];
    assert_eq!(plan(filter), steps);
}

#[test]
fn live_runs_have_their_index() {
    let live = "SEARCH r USING INDEX runs_live (shard=? AND id>? AND id<?)";
    assert_eq!(plan(of_statuses(&[RunStatus::Queued])), [live]);
    let function = "SEARCH r USING INDEX runs_by_function (function=? AND id>? AND id<?)";
    assert_eq!(
        plan(RunFilter {
            functions: functions(1),
            ..of_statuses(&[RunStatus::Running])
        }),
        [function],
        "those of other functions may sleep by the million"
    );
}

/// No plan sorts, whatever is asked for: the first row costs no more than its place.
#[test]
fn no_list_is_sorted() {
    let every = [
        RunStatus::Queued,
        RunStatus::Running,
        RunStatus::Failed,
        RunStatus::Cancelled,
        RunStatus::Skipped,
    ];
    for time in [RunTime::QueuedAt, RunTime::StartedAt, RunTime::EndedAt] {
        for functions in [vec![], functions(2), functions(WALKS_MAX)] {
            for statuses in [&every[..], &[]] {
                let plan = plan(RunFilter {
                    time,
                    functions: functions.clone(),
                    ..of_statuses(statuses)
                });
                let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
                let scans = plan.iter().any(|step| step.starts_with("SCAN"));
                assert!(!sorts && !scans, "{plan:#?}");
            }
        }
    }
}
