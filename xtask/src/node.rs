//! npm projects of this repository: installed from their lock file, only when it has changed.

use std::path::Path;

use anyhow::Context;

use crate::process::{self, Run};

/// Left in `node_modules` by an installation: the lock file that it was made from.
const STAMP: &str = "node_modules/.installed-from.json";

/// `npm ci` in `folder`, unless what is installed came from the same lock file.
pub(crate) fn install(folder: &Path) -> anyhow::Result<()> {
    let lock = folder.join("package-lock.json");
    let wanted = std::fs::read(&lock).with_context(|| format!("can't read {}", lock.display()))?;
    let stamp = folder.join(STAMP);
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    process::run(npm(folder).arguments(["ci", "--no-audit", "--no-fund"]))?;
    std::fs::write(&stamp, wanted).with_context(|| format!("can't write {}", stamp.display()))
}

/// `npm run SCRIPT`.
pub(crate) fn script(folder: &Path, script: &str) -> Run {
    npm(folder).arguments(["run", "--silent", script])
}

fn npm(folder: &Path) -> Run {
    Run::new("npm")
        .folder(folder)
        .env("npm_config_update_notifier", "false")
        .env("NEXT_TELEMETRY_DISABLED", "1")
}
