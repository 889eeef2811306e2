//! Environment variables: each flag has two, `EVERSTEP_<FLAG>` and `INNGEST_<FLAG>`.
//!
//! The first one wins if both are set. Unknown `INNGEST_…` variables are left alone, because SDKs
//! share the prefix; an unknown `EVERSTEP_…` variable is a mistake.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

use super::Exit;

const OWN: &str = "EVERSTEP_";
const COMPATIBLE: &str = "INNGEST_";
/// Where the server is, for commands that talk to one; the first that is set counts. SDKs know the
/// last two.
const SERVER_URL: [&str; 3] = ["EVERSTEP_URL", "INNGEST_API_BASE_URL", "INNGEST_BASE_URL"];
/// At least this similar (Jaro-Winkler) for "did you mean".
const SIMILAR: f64 = 0.8;

/// The key to authenticate with, for the same; SDKs and the Inngest CLI know the last one.
const API_KEY: [&str; 2] = ["EVERSTEP_API_KEY", "INNGEST_API_KEY"];
const PROFILE: &str = "EVERSTEP_PROFILE";

/// Lets the flags of `dev`, and where and as whom other commands ask, be set by variables. Values are
/// read when they are bound.
pub(super) fn bind(command: Command, environment: &[(OsString, OsString)]) -> Command {
    let first = |names: &[&'static str]| {
        let set = names.iter().find(|name| is_set(environment, name));
        *set.unwrap_or(&names[0])
    };
    let (url, api_key) = (first(&SERVER_URL), first(&API_KEY));
    let command = command.mut_subcommands(|noun| {
        noun.mut_args(|arg| match arg.get_id().as_str() {
            "url" => arg.env(url),
            "api_key" => arg.env(api_key),
            "profile" => arg.env(PROFILE),
            _ => arg,
        })
    });
    command.mut_subcommand("dev", |dev| {
        dev.mut_args(|arg| match suffix(&arg) {
            Some(suffix) => {
                let own = format!("{OWN}{suffix}");
                let is_own = is_set(environment, &own);
                arg.env(if is_own {
                    own
                } else {
                    format!("{COMPATIBLE}{suffix}")
                })
            }
            None => arg,
        })
    })
}

/// Refuses variables with our prefix that mean nothing.
pub(super) fn check(command: &Command, environment: &[(OsString, OsString)]) -> Result<(), Exit> {
    let known = own_names(command);
    let unknown = environment
        .iter()
        .filter_map(|(name, _)| name.to_str())
        .find(|name| name.starts_with(OWN) && !known.iter().any(|known| known == name));
    let Some(unknown) = unknown else {
        return Ok(());
    };
    let similarity = |name: &String| strsim::jaro_winkler(name, unknown);
    let closest = known
        .iter()
        .max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
    let hint = match closest.filter(|name| similarity(name) > SIMILAR) {
        Some(name) => format!(" (did you mean {name}?)"),
        None => String::new(),
    };
    Err(Exit::bad_config(format!(
        "environment variable {unknown} is not known{hint}"
    )))
}

fn own_names(command: &Command) -> Vec<String> {
    let flags = command
        .find_subcommand("dev")
        .into_iter()
        .flat_map(Command::get_arguments);
    flags
        .filter_map(suffix)
        .map(|suffix| format!("{OWN}{suffix}"))
        .chain([SERVER_URL[0], API_KEY[0], PROFILE].map(str::to_owned))
        .collect()
}

fn suffix(arg: &Arg) -> Option<String> {
    let flag = arg.get_long().filter(|flag| *flag != "help")?;
    Some(flag.replace('-', "_").to_ascii_uppercase())
}

fn is_set(environment: &[(OsString, OsString)], name: &str) -> bool {
    environment
        .iter()
        .any(|(set, _)| set.as_os_str() == OsStr::new(name))
}
