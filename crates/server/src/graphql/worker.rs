//! Connections of workers. Apps do not connect to this server, so there are none; who asks is told so
//! rather than refused.

use async_graphql::{Enum, InputObject, Object, SimpleObject};

use super::app::App;
use super::connection::PageInfo;
use super::scalar::{Time, UlidText, UuidText};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "ConnectV1ConnectionStatus")]
enum ConnectionStatus {
    Connected,
    Ready,
    Draining,
    Disconnecting,
    Disconnected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "ConnectV1WorkerConnectionsOrderByField")]
#[expect(clippy::enum_variant_names, reason = "they are those of the schema")]
enum WorkerTime {
    ConnectedAt,
    LastHeartbeatAt,
    DisconnectedAt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "ConnectV1WorkerConnectionsOrderByDirection")]
enum Direction {
    Asc,
    Desc,
}

#[derive(InputObject)]
#[graphql(name = "ConnectV1WorkerConnectionsOrderBy")]
pub(super) struct WorkerOrder {
    field: WorkerTime,
    direction: Direction,
}

#[derive(InputObject)]
#[graphql(name = "ConnectV1WorkerConnectionsFilter")]
pub(super) struct WorkerFilter {
    from: Option<Time>,
    until: Option<Time>,
    #[graphql(default_with = "WorkerTime::ConnectedAt")]
    time_field: WorkerTime,
    status: Option<Vec<ConnectionStatus>>,
    #[graphql(name = "appIDs")]
    app_ids: Option<Vec<UuidText>>,
}

/// There is none.
#[derive(Clone, Copy, Debug)]
pub(super) enum WorkerConnection {}

impl WorkerConnection {
    /// What there is not has whatever one asks for.
    fn none<T>(self) -> T {
        match self {}
    }
}

#[Object(name = "ConnectV1WorkerConnection")]
impl WorkerConnection {
    async fn id(&self) -> UlidText {
        self.none()
    }

    async fn gateway_id(&self) -> UlidText {
        self.none()
    }

    async fn instance_id(&self) -> String {
        self.none()
    }

    async fn worker_ip(&self) -> String {
        self.none()
    }

    async fn max_worker_concurrency(&self) -> u64 {
        self.none()
    }

    async fn app_name(&self) -> Option<String> {
        self.none()
    }

    #[graphql(name = "appID")]
    async fn app_id(&self) -> Option<UuidText> {
        self.none()
    }

    async fn app(&self) -> Option<App> {
        self.none()
    }

    async fn connected_at(&self) -> Time {
        self.none()
    }

    async fn last_heartbeat_at(&self) -> Option<Time> {
        self.none()
    }

    async fn disconnected_at(&self) -> Option<Time> {
        self.none()
    }

    async fn disconnect_reason(&self) -> Option<String> {
        self.none()
    }

    async fn status(&self) -> ConnectionStatus {
        self.none()
    }

    async fn group_hash(&self) -> String {
        self.none()
    }

    async fn sdk_lang(&self) -> String {
        self.none()
    }

    async fn sdk_version(&self) -> String {
        self.none()
    }

    async fn sdk_platform(&self) -> String {
        self.none()
    }

    async fn sync_id(&self) -> Option<UuidText> {
        self.none()
    }

    async fn build_id(&self) -> Option<String> {
        self.none()
    }

    async fn app_version(&self) -> Option<String> {
        self.none()
    }

    async fn function_count(&self) -> u64 {
        self.none()
    }

    async fn cpu_cores(&self) -> u64 {
        self.none()
    }

    async fn mem_bytes(&self) -> u64 {
        self.none()
    }

    async fn os(&self) -> String {
        self.none()
    }
}

/// There is none.
#[derive(Clone, Copy, Debug)]
enum WorkerEdge {}

impl WorkerEdge {
    fn none<T>(self) -> T {
        match self {}
    }
}

#[Object(name = "ConnectV1WorkerConnectionEdge")]
impl WorkerEdge {
    async fn node(&self) -> WorkerConnection {
        self.none()
    }

    async fn cursor(&self) -> String {
        self.none()
    }
}

/// Always empty: apps don't connect to this server yet.
#[derive(Default, SimpleObject)]
#[graphql(name = "ConnectV1WorkerConnectionsConnection")]
pub(super) struct WorkersConnection {
    edges: Vec<WorkerEdge>,
    page_info: PageInfo,
    total_count: u64,
}
