//! The command line: commands, flags, environment variables, exit codes.
//!
//! Flags keep the names, short forms and defaults of the Inngest CLI, so that scripts move over by
//! changing the binary. Flag > environment variable > profile > default.
//!
//! | module | owns |
//! |---|---|
//! | `dev`, `health`, `version` | commands about this binary and its server |
//! | `data` | commands about runs, events, functions and so on: a file for each noun |
//! | `client` | how those reach a server |
//! | `print` | how they print |
//! | `config`, `completion` | profiles, scripts for shells |
//! | `env`, `exit` | environment variables, exit codes |

mod client;
mod completion;
mod config;
mod data;
mod dev;
mod env;
mod exit;
mod health;
mod print;
mod retention;
mod version;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use self::completion::CompletionArgs;
pub use self::config::ConfigArgs;
pub use self::data::{
    ApiArgs, AppsArgs, AttributesArgs, AuditArgs, DoctorArgs, ErrorsArgs, EventsArgs, FlowArgs,
    FunctionsArgs, OpenArgs, OperationsArgs, RunsArgs, SchedulesArgs, StatusArgs, StepsArgs,
};
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
    /// Show a server on one screen
    Status(Box<StatusArgs>),
    /// Look for what stands in the way, and say what to do about it
    Doctor(Box<DoctorArgs>),
    /// Open the dashboard at the right place
    Open(Box<OpenArgs>),
    /// Runs: list, look into, cancel, run again
    #[command(visible_alias = "run")]
    Runs(Box<RunsArgs>),
    /// Events: send, list, look into
    Events(Box<EventsArgs>),
    /// Functions: list, invoke, pause
    #[command(visible_alias = "fn")]
    Functions(Box<FunctionsArgs>),
    /// Apps: list, add, sync, probe, remove
    Apps(Box<AppsArgs>),
    /// Schedules: when which function runs by the clock
    Schedules(Box<SchedulesArgs>),
    /// Steps that wait: finish, answer, try again
    Steps(Box<StepsArgs>),
    /// Limits: what they hold back, and changing them for a while
    Flow(Box<FlowArgs>),
    /// Failures that are alike
    Errors(Box<ErrorsArgs>),
    /// Bulk operations
    Ops(Box<OperationsArgs>),
    /// Values of runs by which they are found
    Attributes(Box<AttributesArgs>),
    /// What people did
    Audit(Box<AuditArgs>),
    /// Send a request of your own
    Api(Box<ApiArgs>),
    /// Profiles: servers and keys under names
    Config(ConfigArgs),
    /// Print a script that completes commands in a shell
    Completion(CompletionArgs),
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
            Self::Status(args) => args.run().await,
            Self::Doctor(args) => args.run().await,
            Self::Open(args) => args.run().await,
            Self::Runs(args) => args.run().await,
            Self::Events(args) => args.run().await,
            Self::Functions(args) => args.run().await,
            Self::Apps(args) => args.run().await,
            Self::Schedules(args) => args.run().await,
            Self::Steps(args) => args.run().await,
            Self::Flow(args) => args.run().await,
            Self::Errors(args) => args.run().await,
            Self::Ops(args) => args.run().await,
            Self::Attributes(args) => args.run().await,
            Self::Audit(args) => args.run().await,
            Self::Api(args) => args.run().await,
            Self::Config(args) => args.run(),
            Self::Completion(args) => args.run(Cli::command()),
            Self::Version(args) => args.run(),
        }
    }
}

#[cfg(test)]
mod tests;
