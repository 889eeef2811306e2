//! Apps and functions.

use everstep_core::Change;
use everstep_core::record::{AppMethod, AppRecord, ShardId, ShardState};

use super::Factory;
use super::sample::{app, at, function};
use super::subject::Subject;

pub async fn apps_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let bare = AppRecord {
        framework: None,
        app_version: None,
        ..app("a-bare")
    };
    subject
        .commit([Change::PutApp(app("b-full")), Change::PutApp(bare.clone())])
        .await;
    let apps = subject.store.app_list().await.expect("the apps are read");
    assert_eq!(apps, [bare, app("b-full")], "by name");
}

pub async fn app_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    subject.commit([Change::PutApp(app("app"))]).await;
    let replaced = AppRecord {
        method: AppMethod::Api,
        url: "https://elsewhere.example/api".to_owned(),
        sdk: "py:v0.5.0".to_owned(),
        framework: None,
        app_version: None,
        checksum: "other".to_owned(),
        synced_at: at(99),
        archived_at: Some(at(100)),
        ..app("app")
    };
    subject.commit([Change::PutApp(replaced.clone())]).await;
    assert_eq!(
        subject.store.app_list().await.expect("the apps are read"),
        [replaced]
    );
}

pub async fn functions_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let mut archived = function("app", "archived");
    archived.archived_at = Some(at(50));
    let live = function("app", "live");
    subject
        .commit([
            Change::PutFunction(live.clone()),
            Change::PutFunction(archived.clone()),
        ])
        .await;
    let functions = subject
        .store
        .function_list()
        .await
        .expect("the functions are read");
    assert_eq!(functions, [archived, live], "by slug");
    assert_eq!(
        functions[1].config.max_attempts(),
        8,
        "the configuration was parsed"
    );
}

pub async fn function_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let first = function("app", "function");
    let mut second = function("app", "renamed");
    second.id = first.id;
    second.version = first.version + 1;
    second.archived_at = Some(at(70));
    subject
        .commit([
            Change::PutFunction(first),
            Change::PutFunction(second.clone()),
        ])
        .await;
    assert_eq!(
        subject
            .store
            .function_list()
            .await
            .expect("the functions are read"),
        [second]
    );
}

pub async fn shard_loads_its_own_registry(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let other = subject
        .store
        .shard_acquire(ShardId(7))
        .await
        .expect("the shard is acquired");
    subject
        .commit([
            Change::PutApp(app("here")),
            Change::PutFunction(function("here", "f")),
        ])
        .await;
    let there = [
        Change::PutApp(app("there")),
        Change::PutFunction(function("there", "g")),
    ];
    subject
        .store
        .commit(&other, there.into())
        .await
        .expect("the commit is accepted");

    let load = async |lease| {
        subject
            .store
            .shard_load(lease)
            .await
            .expect("the shard is read")
    };
    let state = |name: &str, function_name: &str| ShardState {
        apps: vec![app(name)],
        functions: vec![function(name, function_name)],
        ..ShardState::default()
    };
    assert_eq!(load(&subject.lease).await, state("here", "f"));
    assert_eq!(load(&other).await, state("there", "g"));
    let apps = subject.store.app_list().await.expect("the apps are read");
    assert_eq!(apps.len(), 2, "the API sees every shard");
    let functions = subject
        .store
        .function_list()
        .await
        .expect("the functions are read");
    assert_eq!(functions.len(), 2, "the API sees every shard");
}
