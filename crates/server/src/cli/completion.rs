//! `everstep completion`: scripts for shells.

use clap::{Args, Command};
use clap_complete::Shell;

use super::Exit;
use super::print::write;

#[derive(Debug, Args)]
pub struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl CompletionArgs {
    pub(super) fn run(&self, mut command: Command) -> Result<(), Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "everstep", &mut script);
        write(&String::from_utf8_lossy(&script))
    }
}
