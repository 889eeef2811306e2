//! That the lints of the workspace reach every crate.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::Value;

use crate::workspace;

pub(super) fn problems(metadata: &Value) -> anyhow::Result<Vec<String>> {
    let root_settings = read(&workspace::root().join("clippy.toml"))?;
    let mut problems = Vec::new();
    for folder in member_folders(metadata) {
        let shown = folder
            .strip_prefix(workspace::root())
            .unwrap_or(&folder)
            .display();
        if !takes_workspace_lints(&read(&folder.join("Cargo.toml"))?) {
            problems.push(format!(
                "{shown}/Cargo.toml lacks `[lints]` with `workspace = true`"
            ));
        }
        // The nearest clippy.toml replaces the root's instead of adding to it.
        if let Ok(settings) = std::fs::read_to_string(folder.join("clippy.toml")) {
            problems.extend(
                settings_lost(&root_settings, &settings)
                    .map(|lost| format!("{shown}/clippy.toml must repeat the root's `{lost}`")),
            );
        }
    }
    Ok(problems)
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}

fn member_folders(metadata: &Value) -> Vec<PathBuf> {
    let members = metadata["workspace_members"].as_array();
    let members: BTreeSet<&str> = members
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let packages = metadata["packages"].as_array();
    packages
        .into_iter()
        .flatten()
        .filter(|package| {
            package["id"]
                .as_str()
                .is_some_and(|id| members.contains(id))
        })
        .filter_map(|package| {
            Some(
                Path::new(package["manifest_path"].as_str()?)
                    .parent()?
                    .to_owned(),
            )
        })
        .collect()
}

fn takes_workspace_lints(manifest: &str) -> bool {
    let mut section = "";
    manifest.lines().map(str::trim).any(|line| {
        if line.starts_with('[') {
            section = line;
        }
        section == "[lints]" && line.replace(' ', "") == "workspace=true"
    })
}

fn settings_lost<'a>(root: &'a str, nested: &'a str) -> impl Iterator<Item = &'a str> {
    let is_setting = |line: &&str| !line.is_empty() && !line.starts_with('#');
    root.lines()
        .map(str::trim)
        .filter(is_setting)
        .filter(|line| !nested.lines().any(|other| other.trim() == *line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lints_must_be_taken_in_their_own_section() {
        assert!(takes_workspace_lints(
            "[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n"
        ));
        assert!(!takes_workspace_lints(
            "[package]\nworkspace = true\n[lints]\n[dependencies]\n"
        ));
        assert!(!takes_workspace_lints(
            "[package]\nversion.workspace = true\n"
        ));
    }

    #[test]
    fn a_nested_file_repeats_every_setting() {
        let root = "# why\nallow-unwrap-in-tests = true\nallow-print-in-tests = true\n";
        let lost: Vec<_> = settings_lost(root, "allow-print-in-tests = true\n").collect();
        assert_eq!(lost, ["allow-unwrap-in-tests = true"]);
    }
}
