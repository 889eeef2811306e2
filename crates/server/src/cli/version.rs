//! `everstep version`.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::Exit;

/// The version of this binary.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Debug, Args)]
pub struct VersionArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl VersionArgs {
    pub(super) fn run(&self) -> Result<(), Exit> {
        let text = if self.json {
            json!({ "version": VERSION }).to_string()
        } else {
            VERSION.to_owned()
        };
        writeln!(std::io::stdout(), "{text}").map_err(|error| Exit::failed(error.to_string()))
    }
}
