//! `everstep events`.

use std::io::{IsTerminal, Read};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{explain, for_each, json_of};
use crate::cli::Exit;
use crate::cli::client::{
    ClientArgs, Feed, Paging, Query, Session, each_id, full_id, id_of, moment,
};
use crate::cli::print::{Column, Kind};

const COLUMNS: &[Column] = &[
    Column::new("id", "/id", Kind::Text),
    Column::new("name", "/name", Kind::Text),
    Column::new("received", "/receivedAt", Kind::Time),
    Column::new("runs", "/runCount", Kind::Count),
    Column::new("sender-id", "/senderId", Kind::Text).extra(),
    Column::new("data", "/data", Kind::Text).extra(),
];
const DETAIL: &[Column] = &[
    Column::new("id", "/internal_id", Kind::Text),
    Column::new("name", "/name", Kind::Text),
    Column::new("sender-id", "/id", Kind::Text),
    Column::new("received", "/received_at", Kind::Time),
    Column::new("data", "/data", Kind::Text),
    Column::new("user", "/user", Kind::Text),
];
/// Key in the path of events that are sent: a server in development takes any.
const KEY: &str = "cli";
/// Events that `tail` shows at a time. When more have come, the oldest of them are left out.
const TAILED: u64 = 1000;
/// Bytes of standard input with events.
const STDIN_MAX: u64 = 32 * 1024 * 1024;

#[derive(Debug, Args)]
pub struct EventsArgs {
    #[command(flatten)]
    client: ClientArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Send an event, or many: by name and data, from a file, or from standard input
    Send(SendArgs),
    /// List events, newest first
    #[command(visible_alias = "ls")]
    List {
        #[command(flatten)]
        filter: EventFilter,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show an event
    Get {
        /// Its id, or the beginning of it
        id: String,
    },
    /// List the runs that an event started
    Runs {
        /// Its id, or the beginning of it
        id: String,
        #[command(flatten)]
        paging: Paging,
    },
    /// Print events as they come
    Tail {
        #[command(flatten)]
        filter: EventFilter,
    },
    /// Send events again, as new ones: every function that matches runs
    Resend {
        /// Ids; `-` reads them from standard input
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Say which functions it started, and why not the others
    Explain {
        /// Its id, or the beginning of it
        id: String,
    },
}

/// Which events.
#[derive(Clone, Debug, Args)]
struct EventFilter {
    /// Name of the events
    #[arg(long)]
    name: Option<String>,
    /// Condition in CEL, such as 'event.data.amount > 100'
    #[arg(short, long, value_name = "CEL")]
    query: Option<String>,
    /// Received at or after this: a span before now such as 2h, or a time
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<String>,
    /// Received before this
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    until: Option<String>,
}

#[derive(Debug, Args)]
struct SendArgs {
    /// Name of the event
    name: Option<String>,
    /// Its data: JSON, or @file
    #[arg(long, value_name = "JSON", requires = "name")]
    data: Option<String>,
    /// Its user: JSON, or @file
    #[arg(long, value_name = "JSON", requires = "name")]
    user: Option<String>,
    /// Id that makes it be taken once
    #[arg(long, requires = "name")]
    id: Option<String>,
    /// File with an event or a list of them; `-` is standard input
    #[arg(long, conflicts_with = "name")]
    file: Option<String>,
    /// Event key
    #[arg(long, env = "INNGEST_EVENT_KEY", hide_env_values = true, default_value = KEY)]
    key: String,
}

impl EventFilter {
    fn query(&self) -> Query {
        Query::default()
            .maybe("name", self.name.clone())
            .maybe("search", self.query.clone())
            .maybe("from", self.since.clone())
            .maybe("until", self.until.clone())
    }
}

impl EventsArgs {
    pub(in crate::cli) async fn run(self) -> Result<(), Exit> {
        let verb = self.verb;
        self.client
            .run(async |session| verb.run(session).await)
            .await
    }
}

impl Verb {
    async fn run(self, session: &Session) -> Result<(), Exit> {
        match self {
            Self::Send(args) => {
                let events = args.events()?;
                send(session, &args.key, &events).await
            }
            Self::List { filter, paging } => {
                let rows = session.api.list(&["v2", "events"], filter.query(), &paging);
                session.printer.rows(&rows.await?, COLUMNS)
            }
            Self::Get { id } => {
                let event = view(session, &event_id(session, &id).await?).await?;
                session.printer.one(&event, DETAIL)
            }
            Self::Runs { id, paging } => {
                let id = event_id(session, &id).await?;
                let path = ["v2", "events", &id, "runs"];
                let rows = session.api.list(&path, Query::default(), &paging).await?;
                session.printer.rows(&rows, super::runs::COLUMNS)
            }
            Self::Tail { filter } => tail(session, &filter).await,
            Self::Resend { ids } => resend(session, &each_id(&ids)?).await,
            Self::Explain { id } => {
                explain(session, "events", &event_id(session, &id).await?).await
            }
        }
    }
}

impl SendArgs {
    /// What the Event API takes: an event or a list of them.
    fn events(&self) -> Result<Value, Exit> {
        let Some(name) = &self.name else {
            return self.read();
        };
        let mut event = json!({ "name": name, "data": {} });
        if let Some(data) = &self.data {
            event["data"] = json_of(data)?;
        }
        if let Some(user) = &self.user {
            event["user"] = json_of(user)?;
        }
        if let Some(id) = &self.id {
            event["id"] = id.as_str().into();
        }
        Ok(event)
    }

    fn read(&self) -> Result<Value, Exit> {
        let stdin = std::io::stdin();
        match self.file.as_deref() {
            Some(file) if file != "-" => json_of(&format!("@{file}")),
            None if stdin.is_terminal() => Err(Exit::usage(
                "name an event, or give --file, or pipe events in",
            )),
            _ => {
                let mut text = String::new();
                let read = stdin.lock().take(STDIN_MAX).read_to_string(&mut text);
                read.map_err(|error| Exit::failed(format!("standard input: {error}")))?;
                serde_json::from_str(&text)
                    .map_err(|error| Exit::usage(format!("standard input is not JSON: {error}")))
            }
        }
    }
}

async fn send(session: &Session, key: &str, events: &Value) -> Result<(), Exit> {
    let answer = session.api.post(&["e", key], events).await?;
    let ids: Vec<_> = answer["ids"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    session
        .printer
        .said(&json!({ "id": ids.first(), "ids": ids }), &ids.join("\n"))
}

async fn resend(session: &Session, ids: &[String]) -> Result<(), Exit> {
    for_each(ids, async |id| {
        let id = event_id(session, id).await?;
        let event = view(session, &id).await?;
        // Without its id, which would make it the same event, and without its time.
        let members = ["name", "data", "user", "v"];
        let again: serde_json::Map<_, _> = members
            .into_iter()
            .filter(|name| !event[*name].is_null())
            .map(|name| (name.to_owned(), event[name].clone()))
            .collect();
        send(session, KEY, &again.into()).await
    })
    .await
}

/// Prints events as they come. The feed says when; which ones match, and all that is known of them,
/// is asked for.
async fn tail(session: &Session, filter: &EventFilter) -> Result<(), Exit> {
    // What was there before is not news.
    let mut last = newest(session, filter, 1).await?.pop();
    let mut feed = Feed::open(session, "events").await?;
    loop {
        let mut filter = filter.clone();
        if let Some(at) = last.as_ref().and_then(|last| last["receivedAt"].as_str()) {
            filter.since = Some(at.to_owned());
        }
        let look = async || newest(session, &filter, TAILED).await;
        let mut events = feed.ask(look).await?;
        // Ids increase in the order of events; of the time of the last one there may be more.
        events.retain(|event| Some(id_of(event)) > last.as_ref().map(id_of));
        for event in events.iter().rev() {
            session.printer.line(event, COLUMNS)?;
        }
        last = events.into_iter().next().or(last);
        feed.next().await?;
    }
}

async fn newest(session: &Session, filter: &EventFilter, limit: u64) -> Result<Vec<Value>, Exit> {
    let paging = Paging::first(limit);
    let events = session.api.list(&["v2", "events"], filter.query(), &paging);
    Ok(events.await?.rows)
}

/// The whole id of an event.
pub(super) async fn event_id(session: &Session, text: &str) -> Result<String, Exit> {
    full_id(&session.api, &["v2", "events"], "event", text).await
}

async fn view(session: &Session, id: &str) -> Result<Value, Exit> {
    let mut answer = session
        .api
        .get(&["v1", "events", id], Query::default())
        .await?;
    Ok(answer["data"].take())
}
