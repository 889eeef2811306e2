//! `cargo xtask ui`: builds the dashboard into `ui/dist`, from where the server takes it in.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::{node, process, tools, workspace};

const HELP: &str = "\
Builds the dashboard into ui/dist. The next `cargo build` puts it into the server.

Usage: cargo xtask ui";

/// Folders that are made from the other files.
const MADE_MODULES: &str = "node_modules";
const MADE_DIST: &str = "dist";

pub(crate) fn run(mut arguments: lexopt::Parser) -> anyhow::Result<()> {
    match arguments.next()? {
        None => build(),
        Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h')) => {
            println!("{HELP}");
            Ok(())
        }
        Some(other) => Err(other.unexpected().into()),
    }
}

fn build() -> anyhow::Result<()> {
    tools::for_demo()?;
    process::run(node::script(&installed()?, "build"))
}

/// Builds it unless what is there came from the files as they are: a dashboard that is built anew makes
/// the server be built anew.
pub(crate) fn build_if_changed() -> anyhow::Result<()> {
    let folder = workspace::root().join("ui");
    let built = modified(&folder.join("dist/index.html"));
    match built.is_ok_and(|built| newest(&folder).is_ok_and(|newest| newest <= built)) {
        true => Ok(()),
        false => build(),
    }
}

/// When a file below the folder was changed last.
fn newest(folder: &Path) -> std::io::Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let changed = match entry.file_name().to_str() {
            Some(MADE_MODULES | MADE_DIST) => continue,
            _ if entry.path().is_dir() => self::newest(&entry.path())?,
            _ => modified(&entry.path())?,
        };
        newest = newest.max(changed);
    }
    Ok(newest)
}

fn modified(path: &Path) -> std::io::Result<SystemTime> {
    path.metadata()?.modified()
}

/// Everything the gate checks of it.
pub(crate) fn check() -> anyhow::Result<()> {
    let folder = installed()?;
    for script in ["check", "test", "build"] {
        process::run(node::script(&folder, script))?;
    }
    Ok(())
}

fn installed() -> anyhow::Result<PathBuf> {
    let folder = workspace::root().join("ui");
    node::install(&folder)?;
    Ok(folder)
}
