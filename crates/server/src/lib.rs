//! The HTTP edge and the `everstep` binary: command line, configuration, dev server.
//!
//! | module | owns |
//! |---|---|
//! | [`cli`] | commands, flags, environment variables, exit codes |
//! | [`dev`] | `everstep dev`: puts everything together, start to drain |
//! | [`listen`] | ports, connections |
//! | [`routes`] | the HTTP API, one file per resource |
//! | [`error`] | errors of the API |
//! | [`apps`] | finding apps, syncing them, watching them |
//! | [`registry`] | apps and functions by name |
//! | [`search`] | finding what happened: filters of lists, search |
//! | [`trace`] | what happened in a run, as a tree |
//! | [`tokens`] | the secret of the tokens that clients get |
//! | [`endings`] | clients that wait for the end of a run |
//! | [`otlp`] | spans as OpenTelemetry sends them |
//! | [`realtime`] | clients that follow what an app streams |
//! | [`live`] | clients that follow what changes |
//! | [`graphql`] | GraphQL, for harnesses and tools of the SDKs |
//! | [`ui`] | the dashboard: its files, and what leads there |
//! | [`console`] | what people see in the terminal |
//!
//! HTTP status codes exist only here. Types of `core` never go on the wire.
//!
//! # Security
//!
//! The development server has no login, so it listens on the loopback interface unless told
//! otherwise. It does not check the `Host` header against DNS rebinding: any origin may call it
//! anyway (sdk-protocol §8.6), so a page that wanted to could do without rebinding, and the check
//! would only keep apps in containers out.

pub mod apps;
pub mod cli;
pub mod console;
pub mod dev;
pub mod endings;
pub mod error;
pub mod graphql;
pub mod listen;
pub mod live;
mod logging;
pub mod otlp;
pub mod realtime;
pub mod registry;
pub mod routes;
pub mod search;
mod signals;
pub mod tokens;
pub mod trace;
pub mod ui;
