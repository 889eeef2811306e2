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

/// Nouns whose verbs talk to a server.
const ASKING: [&str; 3] = ["runs", "events", "functions"];

/// Lets the flags of `dev` and the URL of commands that talk to a server be set by variables. Values are read when they
/// are bound.
pub(super) fn bind(command: Command, environment: &[(OsString, OsString)]) -> Command {
    let url = SERVER_URL
        .into_iter()
        .find(|name| is_set(environment, name))
        .unwrap_or(SERVER_URL[0]);
    let command =
        command.mut_subcommand("health", |health| health.mut_arg("url", |arg| arg.env(url)));
    let command = ASKING.into_iter().fold(command, |command, noun| {
        command.mut_subcommand(noun, |noun| {
            noun.mut_subcommands(|verb| verb.mut_arg("url", |arg| arg.env(url)))
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
        .chain([SERVER_URL[0].to_owned()])
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
