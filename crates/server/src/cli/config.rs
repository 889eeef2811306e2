//! `everstep config profile`: servers and keys under names.

use std::io::{BufRead, IsTerminal};

use clap::{Args, Subcommand};
use serde_json::json;
use url::Url;

use super::Exit;
use super::client::{NAME_DEFAULT, Profiles, Rows};
use super::print::{Column, Kind, PrintArgs};

const COLUMNS: &[Column] = &[
    Column::new("name", "/name", Kind::Text),
    Column::new("current", "/isCurrent", Kind::Text),
    Column::new("url", "/url", Kind::Text),
    Column::new("key", "/hasKey", Kind::Text),
];

#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, Subcommand)]
enum Noun {
    /// Servers and keys under names
    Profile(ProfileArgs),
}

#[derive(Debug, Args)]
struct ProfileArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List profiles; keys are not shown
    #[command(visible_alias = "ls")]
    List {
        #[command(flatten)]
        print: PrintArgs,
    },
    /// Let a profile count unless another is named
    Use { name: String },
    /// Make or change a profile
    Set {
        name: String,
        /// The server
        #[arg(long)]
        url: Option<Url>,
        /// Read the key from standard input, so that it is in no history
        #[arg(long)]
        key_stdin: bool,
    },
    /// Forget a profile
    Remove { name: String },
}

impl ConfigArgs {
    pub(super) fn run(self) -> Result<(), Exit> {
        let Noun::Profile(profile) = self.noun;
        let mut profiles = Profiles::load()?;
        match profile.verb {
            Verb::List { print } => return list(&profiles, &print),
            Verb::Use { name } => {
                known(&profiles, &name)?;
                profiles.current = Some(name);
            }
            Verb::Set {
                name,
                url,
                key_stdin,
            } => {
                let profile = profiles.by_name.entry(name).or_default();
                profile.url = url.or_else(|| profile.url.take());
                if key_stdin {
                    profile.api_key = Some(key()?);
                }
            }
            Verb::Remove { name } => {
                known(&profiles, &name)?;
                profiles.by_name.remove(&name);
                profiles.current = profiles.current.filter(|current| *current != name);
            }
        }
        profiles.store()
    }
}

fn list(profiles: &Profiles, print: &PrintArgs) -> Result<(), Exit> {
    let current = profiles.current.as_deref().unwrap_or(NAME_DEFAULT);
    let rows = profiles.by_name.iter().map(|(name, profile)| {
        json!({
            "name": name,
            "isCurrent": name == current,
            "url": profile.url,
            "hasKey": profile.api_key.is_some(),
        })
    });
    print.printer()?.rows(&Rows::all(rows.collect()), COLUMNS)
}

fn known(profiles: &Profiles, name: &str) -> Result<(), Exit> {
    match profiles.by_name.contains_key(name) {
        true => Ok(()),
        false => Err(Exit::not_found(format!("there is no profile {name:?}"))),
    }
}

fn key() -> Result<String, Exit> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(Exit::usage(
            "pipe the key in: --key-stdin reads its first line",
        ));
    }
    let mut line = String::new();
    let read = stdin.lock().read_line(&mut line);
    read.map_err(|error| Exit::failed(format!("standard input: {error}")))?;
    match line.trim() {
        "" => Err(Exit::usage("there is no key on standard input")),
        key => Ok(key.to_owned()),
    }
}
