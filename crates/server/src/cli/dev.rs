//! Flags of `everstep dev`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, ValueEnum};
use everstep_core::limits::{CALLS_IN_FLIGHT_DEFAULT, CALLS_PER_APP_DEFAULT};
use everstep_core::retry::RetryPolicy;
use url::Url;

use super::Exit;
use super::retention::RetentionArgs;
use crate::apps::{Ports, serve_url};
use crate::console::{Detail, Format};
use crate::dev::{Data, DevConfig};
use crate::listen::{Host, IfTaken};

/// The port that SDKs expect.
pub const PORT_DEFAULT: u16 = 8288;
const FOLDER_DEFAULT: &str = ".everstep";

/// A flag without a value, whose variable may say `1`, `true`, `yes` or `on`.
macro_rules! switch {
    () => {
        BoolishValueParser::new()
    };
}

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one per switch of the command line"
)]
pub struct DevArgs {
    /// Serve URL of an app, such as http://localhost:3000/api/inngest; repeat for more
    #[arg(short = 'u', long, value_name = "URL", value_delimiter = ',')]
    sdk_url: Vec<String>,
    /// Port; if it is in use, the next free one is taken
    #[arg(short, long, default_value_t = PORT_DEFAULT)]
    port: u16,
    /// Fail if the port is in use
    #[arg(long, action = ArgAction::SetTrue, value_parser = switch!())]
    strict_port: bool,
    /// Address or name to listen on [default: 127.0.0.1 and ::1]
    #[arg(long)]
    host: Option<String>,
    /// Do not look for apps on the usual ports; implied by -u
    #[arg(long, action = ArgAction::SetTrue, value_parser = switch!())]
    no_discovery: bool,
    /// Do not ask apps for changes of their functions
    #[arg(long, action = ArgAction::SetTrue, value_parser = switch!())]
    no_poll: bool,
    /// Seconds between such questions
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    poll_interval: u64,
    /// Seconds between the attempts of a failing step; 0 is a growing delay
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=86400))]
    retry_interval: u64,
    /// Calls to apps at the same time
    #[arg(long, value_name = "COUNT", default_value_t = CALLS_IN_FLIGHT_DEFAULT, value_parser = workers)]
    queue_workers: usize,
    /// Calls to one app at the same time
    #[arg(long, value_name = "COUNT", default_value_t = CALLS_PER_APP_DEFAULT, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    app_workers: u32,
    /// Accepted for compatibility; nothing ticks here
    #[arg(long, value_name = "MS", hide = true)]
    tick: Option<u64>,
    /// Accepted for compatibility; state is kept by default
    #[arg(long, action = ArgAction::SetTrue, value_parser = switch!(), hide = true, conflicts_with = "ephemeral")]
    persist: bool,
    /// Keep the state in memory: it is gone when the server stops
    #[arg(long, action = ArgAction::SetTrue, value_parser = switch!())]
    ephemeral: bool,
    /// Folder for the state
    #[arg(long, value_name = "FOLDER", default_value = FOLDER_DEFAULT)]
    sqlite_dir: PathBuf,
    /// Serve no dashboard
    #[arg(long, action = ArgAction::SetTrue, value_parser = switch!())]
    no_ui: bool,
    #[command(flatten)]
    retention: RetentionArgs,
    /// Log as JSON, one object a line
    #[arg(long, action = ArgAction::SetTrue, value_parser = switch!())]
    json: bool,
    /// How to log [default: text]
    #[arg(
        long,
        value_name = "FORMAT",
        ignore_case = true,
        conflicts_with = "json"
    )]
    log_format: Option<LogFormat>,
    /// Show more: starts of runs, debug messages
    #[arg(short, long, action = ArgAction::SetTrue, value_parser = switch!())]
    verbose: bool,
    /// Least severe messages to show [default: info]
    #[arg(short, long, value_name = "LEVEL", ignore_case = true)]
    log_level: Option<LogLevel>,
    /// Show problems only
    #[arg(long, action = ArgAction::SetTrue, value_parser = switch!(), conflicts_with = "verbose")]
    quiet: bool,
}

/// How log messages look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

/// Severity of log messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl LogLevel {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl DevArgs {
    /// The configuration that the flags and this process' surroundings amount to.
    pub(super) fn into_config(self) -> Result<DevConfig, Exit> {
        let notices = self.notices();
        let urls = self
            .sdk_url
            .iter()
            .map(|text| app_url(text))
            .collect::<Result<Vec<_>, _>>()?;
        let detail = match (self.quiet, self.verbose) {
            (true, _) => Detail::Problems,
            (false, true) => Detail::Everything,
            (false, false) => Detail::Normal,
        };
        let format = if self.json || self.log_format == Some(LogFormat::Json) {
            Format::Json
        } else {
            Format::Text {
                color: is_colored(),
            }
        };
        Ok(DevConfig {
            discovery: (!self.no_discovery && urls.is_empty()).then(Ports::usual),
            urls,
            host: self.host.map_or(Host::Loopback, Host::Named),
            port: self.port,
            if_taken: if self.strict_port {
                IfTaken::Fail
            } else {
                IfTaken::TryNext
            },
            poll: !self.no_poll,
            poll_interval: Duration::from_secs(self.poll_interval),
            retry: match self.retry_interval {
                0 => RetryPolicy::Backoff,
                seconds => RetryPolicy::Fixed(Duration::from_secs(seconds)),
            },
            calls_in_flight_max: self.queue_workers,
            calls_per_app_max: self.app_workers,
            data: if self.ephemeral {
                Data::Memory
            } else {
                Data::Folder(self.sqlite_dir)
            },
            retention: self.retention.into_config(),
            ui: !self.no_ui,
            level: level(self.log_level, detail)?,
            format,
            detail,
            notices,
        })
    }

    fn notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        if self.tick.is_some() {
            notices.push("--tick has no effect: work starts the moment it is due".to_owned());
        }
        if self.persist {
            notices.push(
                "--persist has no effect: state is kept by default (--ephemeral turns it off)"
                    .to_owned(),
            );
        }
        if std::env::var_os("INNGEST_SIGNING_KEY").is_some() {
            notices.push(
                "INNGEST_SIGNING_KEY is ignored: the development server signs nothing".to_owned(),
            );
        }
        notices
    }
}

/// Reads the URL of an app.
fn app_url(text: &str) -> Result<Url, Exit> {
    serve_url(text).map_err(|problem| Exit::bad_config(format!("-u {problem}")))
}

fn workers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=100_000) => Ok(count),
        _ => Err("a number from 1 to 100000".to_owned()),
    }
}

fn level(flag: Option<LogLevel>, detail: Detail) -> Result<LogLevel, Exit> {
    if let Some(level) = flag {
        return Ok(level);
    }
    match std::env::var("LOG_LEVEL") {
        Ok(text) if !text.is_empty() => LogLevel::from_str(&text, true)
            .map_err(|_| Exit::bad_config(format!("LOG_LEVEL {text:?} is not a level"))),
        _ => Ok(match detail {
            Detail::Problems => LogLevel::Warn,
            Detail::Normal => LogLevel::Info,
            Detail::Everything => LogLevel::Debug,
        }),
    }
}

fn is_colored() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !is_set("NO_COLOR")
}
