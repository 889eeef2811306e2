//! Attributes: what is declared, and the values of runs.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{AttributeRecord, RunAttributes, ShardId};
use everstep_protocol::RunId;

use super::Factory;
use super::sample::{at, run_id};
use super::sample_history::{attribute, run_attributes};
use super::subject::Subject;

async fn declared(subject: &Subject) -> Vec<AttributeRecord> {
    let declared = subject.store.attribute_list().await;
    declared.expect("the attributes are read")
}

async fn of_runs(subject: &Subject, runs: &[RunId]) -> Vec<RunAttributes> {
    let of_runs = subject.store.run_attributes(runs).await;
    of_runs.expect("the attributes are read")
}

fn delete(name: &str) -> Change {
    Change::DeleteAttribute(name.into())
}

pub async fn attributes_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let puts = ["b", "c", "a"].map(|name| Change::PutAttribute(attribute(name)));
    subject.commit(puts).await;
    let expected = ["a", "b", "c"].map(attribute);
    assert_eq!(declared(&subject).await, expected);
    subject.commit([delete("b"), delete("unknown")]).await;
    assert_eq!(declared(&subject).await, ["a", "c"].map(attribute));
}

pub async fn attribute_is_replaced_by_name(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let changed = AttributeRecord {
        expression: "event.data.other".into(),
        created_at: at(9),
        ..attribute("a")
    };
    for put in [attribute("a"), changed] {
        subject.commit([Change::PutAttribute(put.clone())]).await;
        assert_eq!(declared(&subject).await, [put]);
    }
}

pub async fn a_shard_starts_with_its_attributes(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let other = subject.other(ShardId(1)).await;
    let ours = ["b", "a"].map(|name| Change::PutAttribute(attribute(name)));
    subject.commit(ours).await;
    let theirs = [Change::PutAttribute(attribute("c"))];
    other.commit(theirs).await;
    let state = subject.shard().await;
    assert_eq!(state.attributes, ["a", "b"].map(attribute));
    assert_eq!(other.shard().await.attributes, [attribute("c")]);
    assert_eq!(declared(&subject).await.len(), 3, "the API sees all");
}

pub async fn attributes_of_runs_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let put = |number: u32, pairs: &[(&str, &str)]| Change::PutRunAttributes {
        run: run_id(number),
        attributes: run_attributes(pairs),
    };
    subject
        .commit([put(1, &[("a", "x"), ("b", "")]), put(2, &[("a", "y")])])
        .await;
    let runs = [run_id(2), run_id(9), run_id(1)];
    let mut expected = [&[("a", "y")][..], &[], &[("a", "x"), ("b", "")]].map(run_attributes);
    assert_eq!(of_runs(&subject, &runs).await, expected);
    assert_eq!(of_runs(&subject, &[]).await, []);
    // Deleting what is declared leaves what runs have.
    let again = [put(1, &[("b", "z"), ("c", "new")]), delete("a")];
    subject.commit(again).await;
    expected[2].insert(Arc::from("b"), Arc::from("z"));
    expected[2].insert(Arc::from("c"), Arc::from("new"));
    assert_eq!(of_runs(&subject, &runs).await, expected);
}
