//! What people set beside the code, and the log of what they did.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{
    AuditRecord, LimitName, OverrideRecord, PauseRecord, PausedRuns, PausedStarts, ShardId,
};
use everstep_protocol::AuditId;

use super::Factory;
use super::sample::{at, function, json, run_id};
use super::sample_flow::{audit, audit_id, delete_override, limit_override, other_override, pause};
use super::subject::Subject;
use crate::{AUDIT_READS_MAX, AuditFilter};

/// So many that every sample is on one page.
const MANY: usize = 100;

/// In the order in which a shard starts with them.
const LIMITS: [LimitName; 5] = [
    LimitName::Concurrency,
    LimitName::SecondConcurrency,
    LimitName::RunConcurrency,
    LimitName::Throttle,
    LimitName::RateLimit,
];

pub async fn pauses_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let bare = PauseRecord {
        reason: None,
        starts: PausedStarts::Skip,
        runs: PausedRuns::Hold,
        ..pause("g")
    };
    let mut pauses = [pause("f"), bare, pause("h")];
    subject.commit(pauses.clone().map(Change::PutPause)).await;
    pauses.sort_by_key(|pause| pause.function);
    assert_eq!(subject.shard().await.pauses, pauses, "by function");
}

pub async fn pause_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    for starts in [PausedStarts::Skip, PausedStarts::Queue] {
        for runs in [PausedRuns::Hold, PausedRuns::Finish] {
            let put = PauseRecord {
                starts,
                runs,
                reason: None,
                paused_at: at(91),
                ..pause("f")
            };
            for put in [put, pause("f")] {
                subject.commit([Change::PutPause(put.clone())]).await;
                assert_eq!(subject.shard().await.pauses, [put]);
            }
        }
    }
}

pub async fn pauses_are_deleted(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let puts = ["f", "g"].map(|name| Change::PutPause(pause(name)));
    subject.commit(puts).await;
    let deletes = ["f", "h"].map(|name| Change::DeletePause(function("app", name).id));
    subject.commit(deletes).await;
    assert_eq!(subject.shard().await.pauses, [pause("g")]);
}

pub async fn overrides_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let mut overrides = vec![];
    for limit in LIMITS {
        for key in [None, Some(""), Some("a"), Some("b")] {
            overrides.push(other_override(limit, key));
        }
    }
    overrides[0] = limit_override(None);
    let puts = overrides.iter().rev().cloned().map(Change::PutOverride);
    subject.commit(puts.collect::<Vec<_>>()).await;
    let of_others = ["f", "g", "h"].map(|name| OverrideRecord {
        function: function("app", name).id,
        ..limit_override(None)
    });
    let puts = of_others.clone().map(Change::PutOverride);
    subject.commit(puts).await;
    overrides.extend(of_others);
    overrides.sort_by_key(|record| record.function);
    let state = subject.shard().await;
    assert_eq!(state.overrides, overrides, "by function, limit and key");
}

pub async fn override_is_replaced_by_function_limit_and_key(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let kept = [
        limit_override(None),
        limit_override(Some("")),
        limit_override(Some("a")),
    ];
    subject.commit(kept.clone().map(Change::PutOverride)).await;
    for (index, key) in [None, Some(""), Some("a")].into_iter().enumerate() {
        let put = other_override(LimitName::Concurrency, key);
        subject.commit([Change::PutOverride(put.clone())]).await;
        let mut expected = kept.clone();
        expected[index] = put;
        assert_eq!(subject.shard().await.overrides, expected);
        let back = Change::PutOverride(kept[index].clone());
        subject.commit([back]).await;
        assert_eq!(subject.shard().await.overrides, kept);
    }
}

pub async fn overrides_are_deleted(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let keys = [None, Some(""), Some("a")];
    let other = other_override(LimitName::Throttle, None);
    for deleted in [None, Some(""), Some("a"), Some("b")] {
        let puts = keys.map(|key| Change::PutOverride(limit_override(key)));
        subject.commit(puts).await;
        subject.commit([Change::PutOverride(other.clone())]).await;
        subject.commit([delete_override(deleted)]).await;
        let left = keys.into_iter().filter(|key| *key != deleted);
        let left: Vec<OverrideRecord> = left.map(limit_override).chain([other.clone()]).collect();
        assert_eq!(subject.shard().await.overrides, left, "{deleted:?}");
    }
}

async fn log(subject: &Subject, before: Option<AuditId>, limit: usize) -> Vec<AuditRecord> {
    let filter = AuditFilter {
        before,
        ..AuditFilter::newest(limit)
    };
    let log = subject.store.audit_list(&filter).await;
    log.expect("the audit log is read").entries
}

pub async fn audit_round_trips(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let bare = AuditRecord {
        actor: None,
        action: Arc::from("an action of another version"),
        function: None,
        run: None,
        detail: json("null"),
        ..audit(1)
    };
    let puts = [bare.clone(), audit(2)].map(Change::PutAudit);
    subject.commit(puts).await;
    assert_eq!(log(&subject, None, MANY).await, [audit(2), bare]);
}

pub async fn an_audit_entry_stays(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let other = AuditRecord {
        actor: None,
        action: Arc::from("limit.override"),
        function: None,
        run: None,
        detail: json("{}"),
        ..audit(1)
    };
    for put in [audit(1), other] {
        subject.commit([Change::PutAudit(put)]).await;
        assert_eq!(log(&subject, None, MANY).await, [audit(1)]);
    }
}

pub async fn audit_pages_are_newest_first(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let puts = [3, 1, 4, 2].map(|number| Change::PutAudit(audit(number)));
    subject.commit(puts).await;
    let page = |numbers: &[u32]| numbers.iter().copied().map(audit).collect::<Vec<_>>();
    let before = |number| Some(audit_id(number));
    assert_eq!(log(&subject, None, MANY).await, page(&[4, 3, 2, 1]));
    assert_eq!(log(&subject, None, 2).await, page(&[4, 3]));
    assert_eq!(log(&subject, before(3), 1).await, page(&[2]));
    assert_eq!(log(&subject, before(1), MANY).await, page(&[]));
}

/// Whether the entry of a number is in a list.
type IsMeant = fn(u32) -> bool;

pub async fn the_audit_log_is_filtered(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let actions = ["run.cancel", "function.pause"];
    let actors = [Some("ada"), Some("bob"), None];
    let entry = |number: u32| AuditRecord {
        action: Arc::from(actions[number as usize % 2]),
        actor: actors[number as usize % 3].map(Arc::from),
        function: (number.is_multiple_of(5)).then_some(function("app", "f").id),
        run: Some(run_id(number / 4)),
        ..audit(number)
    };
    let puts: Vec<_> = (1..=24)
        .map(|number| Change::PutAudit(entry(number)))
        .collect();
    subject.commit(puts).await;
    let all = AuditFilter::newest(MANY);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let cases: [(AuditFilter, IsMeant); 5] = [
        (
            AuditFilter {
                actions: names(&["run.cancel", "none"]),
                ..all.clone()
            },
            |number| number.is_multiple_of(2),
        ),
        (
            AuditFilter {
                actions: names(&actions),
                actors: names(&["bob"]),
                ..all.clone()
            },
            |number| number % 3 == 1,
        ),
        (
            AuditFilter {
                function: Some(function("app", "f").id),
                ..all.clone()
            },
            |number| number.is_multiple_of(5),
        ),
        (
            AuditFilter {
                run: Some(run_id(2)),
                ..all.clone()
            },
            |number| number / 4 == 2,
        ),
        (
            AuditFilter {
                from: Some(audit_id(4).timestamp()),
                until: Some(audit_id(9).timestamp()),
                ..all.clone()
            },
            |number| (4..9).contains(&number),
        ),
    ];
    for (filter, is_meant) in cases {
        let meant = (1..=24).rev().filter(|number| is_meant(*number));
        let expected: Vec<_> = meant.map(entry).collect();
        for (limit, reads_max) in [
            (MANY, AUDIT_READS_MAX),
            (2, 3),
            (3, AUDIT_READS_MAX),
            (1, 0),
        ] {
            let mut portion = AuditFilter {
                limit,
                reads_max,
                ..filter.clone()
            };
            let mut found = Vec::new();
            loop {
                let page = subject.store.audit_list(&portion).await;
                let page = page.expect("the audit log is read");
                assert!(page.entries.len() <= limit.min(reads_max.max(1)));
                found.extend(page.entries);
                portion.before = page.next;
                if page.next.is_none() {
                    break;
                }
            }
            assert_eq!(found, expected, "{portion:?}");
        }
    }
}

pub async fn control_is_of_its_shard(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let other = subject.other(ShardId(1)).await;
    let mine = [
        Change::PutPause(pause("f")),
        Change::PutOverride(limit_override(None)),
        Change::PutAudit(audit(1)),
    ];
    subject.commit(mine).await;
    let theirs = [
        Change::PutPause(pause("g")),
        Change::PutOverride(limit_override(Some(""))),
        Change::PutAudit(audit(2)),
    ];
    other.commit(theirs).await;
    let (mine, theirs) = (subject.shard().await, other.shard().await);
    assert_eq!(mine.pauses, [pause("f")]);
    assert_eq!(mine.overrides, [limit_override(None)]);
    assert_eq!(theirs.pauses, [pause("g")]);
    assert_eq!(theirs.overrides, [limit_override(Some(""))]);
    let all = log(&subject, None, MANY).await;
    assert_eq!(all, [audit(2), audit(1)], "the API sees all");
}
