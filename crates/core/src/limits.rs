//! Bounds of core. Those of the protocol are in [`everstep_protocol::limits`].

use std::time::Duration;

/// Calls in flight, over all apps, unless configured otherwise.
pub const CALLS_IN_FLIGHT_DEFAULT: usize = 100;

/// Jobs that are due later than this stay in the store until their time is near.
pub const HORIZON: Duration = Duration::from_secs(10 * 60);

/// Ticks of a schedule that have passed and still fire; older ones are given up.
pub const CRON_CATCH_UP_TICKS_MAX: usize = 1_000;

/// How far the next tick of a schedule is looked for. The rarest day, 29 February, can be eight
/// years away; twice that leaves room for a clock change that takes one out.
pub const CRON_SEARCH_MAX: Duration = Duration::from_secs(16 * 366 * 24 * 60 * 60);
