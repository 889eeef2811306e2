//! The `everstep` binary, as `demo`, `ci` and `bench` use it.

use std::path::PathBuf;

use crate::{process, workspace};

/// Build what these commands run, in one go: one build of the dependencies serves all of them. The
/// dashboard must have been built before.
pub(crate) fn build_release(binaries: &[&str]) -> anyhow::Result<()> {
    let selected = binaries.iter().flat_map(|binary| ["--bin", binary]);
    let build = workspace::cargo(["build", "--release"]).arguments(selected);
    process::run(build.env("UI_REQUIRED", "1"))
}

/// Where [`build_release`] leaves a binary.
pub(crate) fn release_path(binary: &str) -> anyhow::Result<PathBuf> {
    Ok(workspace::target_dir()?.join("release").join(binary))
}
