//! The live feed: what changes is told to those who look at it, so that nobody has to ask again and
//! again.
//!
//! | module | owns |
//! |---|---|
//! | `topic` | what can be followed |
//! | `cursor` | how much of the feed a client has |
//! | `mark` | what commits touch |
//! | `journal` | what was touched lately |
//! | `hub` | following the commits, telling those who follow topics |
//! | `mailbox` | what one client has still to be sent |
//! | `message` | what is said |
//! | `feed` | one WebSocket |
//!
//! A client that follows a topic is answered with a snapshot, and then told of deltas: rows as they
//! are now, of which a later one takes the place of an earlier one. With the cursor of the last
//! message it had, it goes on where it was. What can't be told is a gap; then the client reads what
//! it shows anew, and goes on with the cursor of the gap. What rows look like is not known here: a
//! `Source` reads them.

mod cursor;
pub(crate) mod feed;
mod hub;
mod journal;
mod mailbox;
mod mark;
mod message;
mod topic;

pub(crate) use self::cursor::{Cursor, CursorError};
pub use self::hub::Hub;
pub(crate) use self::hub::{CONNECTIONS_MAX, Connection, Source};
pub(crate) use self::journal::{ROWS_PER_MESSAGE_MAX, Touched};
pub(crate) use self::mark::StepMark;
pub(crate) use self::message::{Message, Refusal};
pub(crate) use self::topic::Topic;
