//! How commands about data reach a server: which one, as whom, and what goes wrong on the way.

mod api;
mod feed;
mod ids;
mod profile;
mod query;
mod sse;

use std::time::Duration;

use clap::Args;
use url::Url;

pub(super) use self::api::{Api, Rows};
pub(super) use self::feed::{Feed, News};
pub(super) use self::ids::{each_id, full_id, id_of};
pub(super) use self::profile::{NAME_DEFAULT, Profile, Profiles};
pub(super) use self::query::{Paging, Query, moment, span};
use super::Exit;
use super::dev::PORT_DEFAULT;
use super::print::{PrintArgs, Printer};

/// Where to ask, as whom, and how to print.
#[derive(Clone, Debug, Args)]
pub(super) struct ClientArgs {
    /// The server [default: that of the profile, else http://127.0.0.1:8288]
    #[arg(long, global = true, help_heading = "Server")]
    url: Option<Url>,
    /// Key to authenticate with: an API key or a signing key
    #[arg(
        long,
        global = true,
        hide_env_values = true,
        help_heading = "Server",
        value_name = "KEY"
    )]
    api_key: Option<String>,
    /// Who does this, for the audit log [default: the user of this machine]
    #[arg(long, global = true, help_heading = "Server", value_name = "NAME")]
    actor: Option<String>,
    /// Profile to take the server and the key from
    #[arg(long, global = true, help_heading = "Server", value_name = "NAME")]
    profile: Option<String>,
    /// Give up on a request after this long
    #[arg(long, global = true, help_heading = "Server", default_value = "30s", value_parser = span)]
    timeout: Duration,
    #[command(flatten)]
    print: PrintArgs,
}

/// A server that can be asked, and a way to print what it says.
pub(super) struct Session {
    pub(super) api: Api,
    pub(super) printer: Printer,
}

impl ClientArgs {
    /// Runs a command; its error is printed in the format that was asked for.
    pub(super) async fn run(
        &self,
        command: impl AsyncFnOnce(&Session) -> Result<(), Exit>,
    ) -> Result<(), Exit> {
        let result = match self.session() {
            Ok(session) => command(&session).await,
            Err(exit) => Err(exit),
        };
        result.map_err(|exit| match self.print.is_json() {
            true => exit.into_json(),
            false => exit,
        })
    }

    fn session(&self) -> Result<Session, Exit> {
        let profile = match (&self.url, &self.profile) {
            // What names a server needs no profile, and what is broken there is no concern of it.
            (Some(_), None) => Profile::default(),
            (_, name) => Profiles::load()?.chosen(name.as_deref())?,
        };
        let local = || format!("http://127.0.0.1:{PORT_DEFAULT}").parse();
        let url = match self.url.clone().or(profile.url) {
            Some(url) => url,
            None => local().map_err(|error| Exit::bad_config(format!("{error}")))?,
        };
        let key = self.api_key.clone().or(profile.api_key);
        Ok(Session {
            api: Api::new(url, key, self.actor.as_deref(), self.timeout)?,
            printer: self.print.printer()?,
        })
    }
}
