//! The command line: commands, flags, environment variables, exit codes.
//!
//! Flags keep the names, short forms and defaults of the Inngest CLI, so that scripts move over by
//! changing the binary. Flag > environment variable > default.

mod ask;
mod dev;
mod env;
mod exit;
mod health;
mod retention;
mod version;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use self::ask::{EventsArgs, FunctionsArgs, RunsArgs};
pub use self::dev::{DevArgs, LogLevel, PORT_DEFAULT};
pub use self::exit::Exit;
pub use self::health::HealthArgs;
pub use self::version::{VERSION, VersionArgs};

/// A durable execution server that speaks the protocol of the Inngest SDKs.
#[derive(Debug, Parser)]
#[command(
    name = "everstep",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the development server: no keys, finds your apps, keeps its state in a file
    Dev(Box<DevArgs>),
    /// Ask a server whether it is up; exits with 0 if it is
    Health(HealthArgs),
    /// Ask a server about a run
    Runs(RunsArgs),
    /// Ask a server about an event
    Events(EventsArgs),
    /// Ask a server about a function, or steer it
    Functions(FunctionsArgs),
    /// Print the version
    Version(VersionArgs),
}

/// Reads the command line of this process.
pub fn parse() -> Result<Command, Exit> {
    let environment: Vec<_> = std::env::vars_os().collect();
    parse_from(std::env::args_os(), &environment)
}

fn parse_from(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &[(OsString, OsString)],
) -> Result<Command, Exit> {
    env::check(&Cli::command(), environment)?;
    let command = env::bind(Cli::command(), environment);
    let matches = command.try_get_matches_from(arguments)?;
    Ok(Cli::from_arg_matches(&matches)?.command)
}

impl Command {
    /// Does it.
    pub async fn run(self) -> Result<(), Exit> {
        match self {
            Self::Dev(args) => crate::dev::run(args.into_config()?).await,
            Self::Health(args) => args.run().await,
            Self::Runs(args) => args.run().await,
            Self::Events(args) => args.run().await,
            Self::Functions(args) => args.run().await,
            Self::Version(args) => args.run(),
        }
    }
}

#[cfg(test)]
mod tests;
