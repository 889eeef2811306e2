//! The simulator: real `core` and `engine` code over the memory store, with a paused clock, a fake
//! app and seeded faults. One seed is one history; the same seed gives the same history.
//!
//! | module | owns |
//! |---|---|
//! | [`world`] | one history: load, crashes, healing, the verdict |
//! | [`faults`] | which faults a seed has, and the store that shows them |
//! | [`clients`] | who sends events and signals, and cancels runs |
//! | [`operator`] | who pauses functions, sets limits, and lets go what is held |
//! | [`controls`] | what an operator asked for, and what was in effect when |
//! | [`app`] | the fake app as the server reaches it: over a bad network |
//! | [`outage`] | times in which no call gets to the app |
//! | [`execution`](mod@execution) | one call in the app: executes a program as an SDK would |
//! | [`ops`] | what the app reports |
//! | [`register`] | how the app registers |
//! | [`origin`] | the web that steps make requests to |
//! | [`program`] | what the functions of the app do |
//! | [`quota`] | limits on concurrency, and what is in use of them |
//! | [`flow`] | flow control beside that: rates, singletons, priority, what holds events back |
//! | [`serving`] | the server as clients and the app reach it |
//! | [`watch`] | what the server decided when, as its store can tell |
//! | [`audit`] | what must hold at each call |
//! | [`ledger`] | what clients asked for and were told |
//! | [`judge`] | what must hold at the end |
//! | [`chance`] | seeded random numbers, and the clock |
//!
//! A history has two phases. First everything goes wrong that the seed has in store, and nothing
//! that was promised may be broken. Then the world heals, and every run must end.

pub mod app;
pub mod audit;
pub mod chance;
pub mod clients;
pub mod controls;
pub mod execution;
pub mod faults;
pub mod flow;
pub mod judge;
pub mod ledger;
pub mod operator;
pub mod ops;
pub mod origin;
pub mod outage;
pub mod program;
pub mod quota;
pub mod register;
pub mod serving;
pub mod watch;
pub mod world;
