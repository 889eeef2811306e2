//! Core tables: scripts of inputs and what they lead to, as data.
//!
//! A script in `tests/scripts/` is a list of inputs; the lines that begin with `>` are the changes
//! and effects that follow. Run with `UPDATE_SCRIPTS=1` to write them anew, and read the diff.

#![allow(clippy::unwrap_used, reason = "what goes wrong in a test fails it")]

mod catch_up;
mod endpoint_limits;
mod flow;
mod interleaving;
mod script;
mod world;

use std::fs;
use std::path::Path;

#[test]
fn scripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let update = std::env::var_os("UPDATE_SCRIPTS").is_some();
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no scripts in {}", folder.display());
    let mut wrong = Vec::new();
    for path in paths {
        let expected = fs::read_to_string(&path).unwrap();
        let actual = script::play(&expected);
        if update {
            fs::write(&path, &actual).unwrap();
        } else if actual != expected {
            wrong.push(format!(
                "{}:\n{}",
                path.display(),
                script::first_difference(&expected, &actual)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
