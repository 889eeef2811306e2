//! The simulator: real `core` and `engine` code over the memory store, with a paused clock, a fake
//! app and seeded faults. One seed is one history; the same seed gives the same history.
//!
//! | module | owns |
//! |---|---|
//! | [`world`] | one history: load, crashes, healing, the verdict |
//! | [`faults`] | which faults a seed has, and the store that shows them |
//! | [`app`] | the fake app: executes programs as an SDK would, over a bad network |
//! | [`program`] | what the functions of the fake app do |
//! | [`audit`] | what must hold, checked at each call and at the end |
//! | [`chance`] | seeded random numbers, and the clock |
//!
//! A history has two phases. First everything goes wrong that the seed has in store, and nothing
//! that was promised may be broken. Then the world heals, and every run must end.

pub mod app;
pub mod audit;
pub mod chance;
pub mod faults;
pub mod program;
pub mod world;
