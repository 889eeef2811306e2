//! Rows of apps and their functions.

use std::sync::Arc;

use everstep_protocol::config::FunctionConfig;
use everstep_protocol::{AppId, FunctionId, Timestamp};

/// How the functions of an app are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AppMethod {
    /// At the URL that the app synced.
    Serve,
    /// Each at its own: they are HTTP endpoints of the app, which was heard of when one of them was
    /// used first, and never syncs.
    Api,
}

/// An app that has synced at least once, or has durable endpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct AppRecord {
    pub id: AppId,
    /// The client id of the SDK, or the origin of the endpoints; unique.
    pub name: String,
    pub method: AppMethod,
    /// The serve URL, normalised, or the origin of the endpoints.
    pub url: String,
    /// As the SDK names itself: `js:v4.24.0`.
    pub sdk: String,
    pub framework: Option<String>,
    pub app_version: Option<String>,
    /// Of the last sync; an equal one changes nothing (server-semantics SY-2). Empty if there was none.
    pub checksum: String,
    /// When a sync last changed something.
    pub synced_at: Timestamp,
    /// Set when a client has removed the app, with all of its functions. The next sync clears it.
    pub archived_at: Option<Timestamp>,
}

impl AppRecord {
    /// Its functions can be triggered.
    pub fn is_active(&self) -> bool {
        self.archived_at.is_none()
    }
}

/// A function of an app.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionRecord {
    pub id: FunctionId,
    pub app: AppId,
    /// `<app name>-<function id>`; also the `fnId` of calls.
    pub slug: Arc<str>,
    /// Starts at 1, counts up with each sync that changes the function.
    pub version: u32,
    pub config: Arc<FunctionConfig>,
    pub created_at: Timestamp,
    /// Set when a sync no longer names the function, or its app is removed: it is not triggered any
    /// more.
    pub archived_at: Option<Timestamp>,
}
