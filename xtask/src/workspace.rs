//! Where things are: the repository, cargo, the target folder.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::Context;
use serde_json::Value;

use crate::process::{self, Run};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        // `cargo run` sets it; the compiled-in value serves whoever starts the binary by hand.
        let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        manifest_dir
            .parent()
            .map_or_else(|| manifest_dir.clone(), Path::to_owned)
    })
}

/// A cargo command that runs at the root, with the cargo that started us.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Run {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Run::new(program).arguments(arguments)
}

/// `cargo metadata`, resolved for the host's platform. Fails if `Cargo.lock` is out of date.
pub(crate) fn metadata() -> anyhow::Result<Value> {
    let version = process::capture(Run::new("rustc").arguments(["-vV"]))?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("`rustc -vV` names no host")?;
    let text = process::capture(cargo([
        "metadata",
        "--locked",
        "--format-version=1",
        "--filter-platform",
        host,
    ]))?;
    serde_json::from_str(&text).context("`cargo metadata` is not JSON")
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir() -> anyhow::Result<PathBuf> {
    let text = process::capture(cargo(["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&text).context("`cargo metadata` is not JSON")?;
    let path = metadata["target_directory"].as_str();
    Ok(path
        .context("`cargo metadata` names no target directory")?
        .into())
}
