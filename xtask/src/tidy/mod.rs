//! `cargo xtask tidy`: what this project promises about its own text and no compiler checks.

mod layers;
mod lints;
mod sizes;
mod texts;

use anyhow::bail;

use crate::process::{self, Run};
use crate::workspace;

const HELP: &str = "\
Check what no compiler checks.

Usage: cargo xtask tidy

  layers   which crate may depend on which, and that `core` can reach nothing that does I/O
  lints    every crate takes the workspace's lints; a clippy.toml below the root repeats the root's
  texts    no file names a package registry's host or a path of somebody's machine
  sizes    the largest source files: shown, not judged";

pub(crate) fn run(mut arguments: lexopt::Parser) -> anyhow::Result<()> {
    match arguments.next()? {
        None => check(),
        Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h')) => {
            println!("{HELP}");
            Ok(())
        }
        Some(other) => Err(other.unexpected().into()),
    }
}

pub(crate) fn check() -> anyhow::Result<()> {
    let metadata = workspace::metadata()?;
    let files = files()?;
    let mut problems = layers::problems(&metadata)?;
    problems.extend(lints::problems(&metadata)?);
    problems.extend(texts::problems(&files));
    println!("{}", sizes::largest(&files));
    if problems.is_empty() {
        println!("{} files are tidy.", files.len());
        return Ok(());
    }
    bail!("{} problems:\n  {}", problems.len(), problems.join("\n  "))
}

/// A file of the repository that is text.
struct SourceFile {
    path: String,
    text: String,
}

/// Every file that is, or would be, committed.
fn files() -> anyhow::Result<Vec<SourceFile>> {
    let list = process::capture(Run::new("git").arguments([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ]))?;
    let paths = list.split('\0').filter(|path| !path.is_empty());
    // What can't be read as text is a picture or was deleted a moment ago.
    Ok(paths
        .filter_map(|path| {
            let text = std::fs::read_to_string(workspace::root().join(path)).ok()?;
            Some(SourceFile {
                path: path.to_owned(),
                text,
            })
        })
        .collect())
}
