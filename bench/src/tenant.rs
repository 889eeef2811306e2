//! The function that tenants share: each may have all of its calls, and none is to wait for the runs of
//! another one.

use std::time::Duration;

use everstep_protocol::event::EventInput;
use everstep_protocol::{AppId, FunctionId, Json};
use serde_json::{Value, json};

use crate::shape::APP;

/// Calls of the function at once, of one tenant or of all.
pub(crate) const CALLS_MAX: u32 = 10;
/// Whose calls are counted together.
const KEY: &str = "event.data.tenant";

/// A function whose runs are one call each, which takes the app some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tenant {
    pub(crate) work_ms: u64,
}

impl Tenant {
    /// As an app that does something: slots are what is short.
    pub(crate) const BUSY: Self = Self { work_ms: 5 };
    /// The server is what is short.
    pub(crate) const QUICK: Self = Self { work_ms: 0 };

    pub(crate) const ALL: [Self; 2] = [Self::BUSY, Self::QUICK];

    /// The composite id, which carries the time.
    pub(crate) fn slug(self) -> String {
        format!("{APP}-tenant-{}", self.work_ms)
    }

    /// What [`slug`](Self::slug) makes.
    pub(crate) fn of_slug(slug: &str) -> Option<Self> {
        let work_ms = slug.strip_prefix(APP)?.strip_prefix("-tenant-")?;
        let work_ms = work_ms.parse().ok()?;
        Some(Self { work_ms })
    }

    pub(crate) fn function(self) -> FunctionId {
        FunctionId::derive(AppId::derive(APP), &self.slug())
    }

    pub(crate) fn event_name(self) -> String {
        format!("{APP}/tenant-{}", self.work_ms)
    }

    /// An event that starts a run of a tenant. The first call of one with a number is recorded.
    pub(crate) fn event(self, tenant: u32, sample: Option<u32>) -> EventInput {
        EventInput::new(&self.event_name(), Json::from_value(&data(tenant, sample)))
    }

    /// The same as JSON in a request.
    pub(crate) fn event_body(self, tenant: u32, sample: Option<u32>) -> String {
        json!({ "name": self.event_name(), "data": data(tenant, sample) }).to_string()
    }

    pub(crate) fn work(self) -> Duration {
        Duration::from_millis(self.work_ms)
    }
}

/// As the function registers it.
pub(crate) fn concurrency() -> Value {
    json!([{ "limit": CALLS_MAX, "key": KEY }, { "limit": CALLS_MAX }])
}

/// The values of the keys that a run of the tenant is queued with.
pub(crate) fn keys(tenant: u32) -> String {
    json!({ KEY: name(tenant) }).to_string()
}

fn data(tenant: u32, sample: Option<u32>) -> Value {
    match sample {
        Some(sample) => json!({ "tenant": name(tenant), "sample": sample }),
        None => json!({ "tenant": name(tenant) }),
    }
}

fn name(tenant: u32) -> String {
    format!("tenant-{tenant}")
}
