//! `everstep dev`: puts the parts together, and takes them down again.
//!
//! On a signal the server stops making calls, and goes on serving until the calls in flight are
//! answered: their apps may still have checkpoints to report, and what is reported is kept. Then it
//! closes. A second signal ends it at once.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use everstep_core::ShardConfig;
use everstep_core::retry::RetryPolicy;
use everstep_engine::caller::CallerConfig;
use everstep_engine::egress::EgressPolicy;
use everstep_engine::gateway::{GatewayConfig, HttpGateway};
use everstep_engine::http::HttpClient;
use everstep_engine::rt::{Clock, SystemClock, SystemRandom};
use everstep_engine::{Engine, EngineConfig, HttpCaller, Parts, RetentionConfig};
use everstep_protocol::headers::ServerKind;
use everstep_store::memory::MemoryStore;
use everstep_store::sqlite::SqliteStore;
use everstep_store::{OpenError, Store};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

use crate::apps::{Advice, Apps, Ports, Watching};
use crate::cli::{Exit, LogLevel, PORT_DEFAULT, VERSION};
use crate::console::{Console, Detail, Fact, Format, Names, Start};
use crate::endings::Endings;
use crate::graphql::Schema;
use crate::listen::{Host, IfTaken, ListenError, Listeners};
use crate::live::Hub;
use crate::realtime::Realtime;
use crate::routes::{Api, LiveRows, StartOptions, router};
use crate::search::StoreSearcher;
use crate::signals::Signals;
use crate::{tokens, ui};

const KIND: ServerKind = ServerKind::Dev;
const DATABASE: &str = "everstep.db";
/// How long an app may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long calls in flight may take when the server stops.
const GRACE: Duration = Duration::from_secs(10);

/// What the development server is to be.
#[derive(Clone, Debug)]
pub struct DevConfig {
    /// Apps that the user named.
    pub urls: Vec<Url>,
    pub host: Host,
    pub port: u16,
    pub if_taken: IfTaken,
    /// Where to look for apps, if at all.
    pub discovery: Option<Ports>,
    pub poll: bool,
    pub poll_interval: Duration,
    pub retry: RetryPolicy,
    pub calls_in_flight_max: usize,
    pub calls_per_app_max: u32,
    pub data: Data,
    pub retention: RetentionConfig,
    /// Serve the dashboard.
    pub ui: bool,
    pub format: Format,
    pub detail: Detail,
    pub level: LogLevel,
    /// Things about the configuration that the user should know.
    pub notices: Vec<String>,
}

/// Where state is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    Memory,
    Folder(PathBuf),
}

/// Runs the development server until a signal ends it.
pub async fn run(config: DevConfig) -> Result<(), Exit> {
    crate::logging::start(config.format, config.level);
    let mut signals =
        Signals::listen().map_err(|error| Exit::failed(format!("no signals: {error}")))?;
    let server = tokio::select! {
        server = DevServer::start(config, io::stderr()) => server?,
        signal = signals.next() => return Err(signal.exit()),
    };
    tokio::select! {
        _ = signals.next() => {}
        () = server.engine.stopped() => {
            return Err(Exit::unavailable("the engine has stopped; the log says why"));
        }
    }
    tokio::select! {
        () = server.stop(GRACE) => Ok(()),
        signal = signals.next() => Err(signal.exit()),
    }
}

/// A development server that runs.
pub struct DevServer {
    pub port: u16,
    pub engine: Engine,
    pub endings: Endings,
    console: Console,
    close: watch::Sender<bool>,
    serving: JoinSet<()>,
    background: JoinSet<()>,
    telling: JoinHandle<()>,
}

impl DevServer {
    /// Starts the server: when this returns, it serves. What it tells goes to `sink`.
    pub async fn start(
        config: DevConfig,
        sink: impl io::Write + Send + 'static,
    ) -> Result<Self, Exit> {
        let began = Instant::now();
        // First of all, so that a taken port leaves no trace.
        let listeners = Listeners::bind(&config.host, config.port, config.if_taken)
            .await
            .map_err(no_port)?;
        let port = listeners.port;
        let origin = origin(&config.host, port);
        let store = open(&config.data).await?;
        let tokens = tokens::load(&config.data).map_err(no_secret)?;
        let (clock, client) = (Arc::new(SystemClock), HttpClient::new(CONNECT_TIMEOUT));
        let engine = start_engine(&config, store, clock.clone(), client.clone()).await?;
        let names = Arc::new(Names::default());
        let console = Console::start(
            sink,
            config.format,
            config.detail,
            Arc::clone(&names),
            run_links(&config, &origin),
        );
        let advice = advice(&origin, port);
        let app_variable = advice.app_variable.clone();
        let apps = Apps::new(
            engine.clone(),
            clock.clone(),
            console.clone(),
            names,
            client,
            KIND,
            advice,
        );
        apps.restore()
            .await
            .map_err(|error| Exit::unavailable(format!("can't read the state: {error}")))?;

        let mut background = JoinSet::new();
        let telling = tokio::spawn(console.clone().follow(engine.updates()));
        let endings = Endings::default();
        background.spawn(endings.clone().follow(engine.updates()));
        let live = Hub::new(LiveRows::new(engine.clone()));
        background.spawn(live.clone().run());
        let options = Arc::new(options(&config));
        let api = Api {
            engine: engine.clone(),
            shard: shard_config(&config),
            started_at: clock.now(),
            clock,
            kind: KIND,
            apps: apps.clone(),
            options,
            tokens,
            endings: endings.clone(),
            realtime: Realtime::default(),
            live,
            graphql: Schema::new(),
            ui: config.ui,
        };
        let (close, closed) = watch::channel(false);
        let mut serving = JoinSet::new();
        serving.spawn(listeners.serve(router(api), closed));

        console.tell(Fact::Start(Box::new(Start {
            version: VERSION,
            ready_in: began.elapsed(),
            dashboard: has_dashboard(&config).then(|| format!("{origin}/ui")),
            origin,
            port_wanted: (config.port != 0 && config.port != port).then_some(config.port),
            data: describe_data(&config.data),
            app_variable,
            search: describe_search(&config),
        })));
        for notice in &config.notices {
            console.tell(Fact::Notice(notice.clone()));
        }
        watch_apps(&config, &apps, port, &mut background);
        Ok(Self {
            port,
            engine,
            endings,
            console,
            close,
            serving,
            background,
            telling,
        })
    }

    /// Drains and closes the server. Calls in flight may take as long as `grace`.
    pub async fn stop(mut self, grace: Duration) {
        self.console.tell(Fact::Notice(format!(
            "stopping: calls in flight may finish within {} s (Ctrl-C stops at once)",
            grace.as_secs()
        )));
        self.background.abort_all();
        self.engine.shutdown(grace).await;
        self.close.send_replace(true);
        while self.serving.join_next().await.is_some() {}
        self.console.flush().await;
        self.telling.abort();
    }
}

fn has_dashboard(config: &DevConfig) -> bool {
    config.ui && ui::IS_BUILT
}

/// Where to look at a run; its id comes behind it.
fn run_links(config: &DevConfig, origin: &str) -> String {
    match has_dashboard(config) {
        true => format!("{origin}/ui/r/"),
        false => format!("{origin}/v1/runs/"),
    }
}

async fn start_engine(
    config: &DevConfig,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    client: HttpClient,
) -> Result<Engine, Exit> {
    let caller = HttpCaller::new(client, Arc::clone(&clock), CallerConfig::new(KIND));
    let searcher = StoreSearcher {
        store: Arc::clone(&store),
        clock: Arc::clone(&clock),
    };
    let parts = Parts {
        store,
        caller: Arc::new(caller),
        // What apps may reach on this machine, their steps may.
        gateway: Arc::new(HttpGateway::new(
            EgressPolicy::all(),
            GatewayConfig::new(CONNECT_TIMEOUT),
        )),
        searcher: Arc::new(searcher),
        clock,
        random: Arc::new(SystemRandom),
    };
    let engine_config = EngineConfig {
        shard: shard_config(config),
        retention: Some(config.retention),
        ..EngineConfig::default()
    };
    Engine::start(parts, engine_config).await.map_err(|error| {
        Exit::unavailable(format!(
            "can't read the state: {:#}",
            anyhow::Error::from(error)
        ))
    })
}

fn shard_config(config: &DevConfig) -> ShardConfig {
    ShardConfig {
        calls_in_flight_max: config.calls_in_flight_max,
        calls_per_app_max: config.calls_per_app_max,
        retry: config.retry,
        ..ShardConfig::default()
    }
}

fn watch_apps(config: &DevConfig, apps: &Apps, port: u16, background: &mut JoinSet<()>) {
    for url in &config.urls {
        apps.add(url.clone());
    }
    let watching = Watching {
        poll: config.poll,
        interval: config.poll_interval,
    };
    background.spawn(apps.clone().watch(watching));
    if let Some(ports) = config.discovery.clone() {
        let scan = apps.clone().scan(ports.without(port), config.poll_interval);
        background.spawn(scan);
    }
}

async fn open(data: &Data) -> Result<Arc<dyn Store>, Exit> {
    let folder = match data {
        Data::Memory => return Ok(Arc::new(MemoryStore::default())),
        Data::Folder(folder) => folder.clone(),
    };
    let opened = tokio::task::spawn_blocking(move || {
        prepare(&folder)
            .map_err(|error| Exit::cannot_create(format!("{}: {error}", folder.display())))?;
        SqliteStore::open(&folder.join(DATABASE)).map_err(not_opened)
    });
    match opened.await {
        Ok(store) => Ok(Arc::new(store?)),
        Err(error) => Err(Exit::failed(format!("opening the state failed: {error}"))),
    }
}

/// Makes the folder, and keeps it out of version control.
fn prepare(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(".gitignore"), "*\n")
}

fn not_opened(error: OpenError) -> Exit {
    match error {
        OpenError::InUse { .. } => Exit::unavailable(format!(
            "{error}: is everstep running in this folder already? Stop it, or use --ephemeral or another --sqlite-dir"
        )),
        OpenError::Newer { .. } => Exit::unavailable(error.to_string()),
        OpenError::Failed { .. } => {
            Exit::cannot_create(format!("{:#}", anyhow::Error::from(error)))
        }
    }
}

fn no_secret(error: io::Error) -> Exit {
    Exit::cannot_create(format!("the secret for tokens: {error}"))
}

fn no_port(error: ListenError) -> Exit {
    Exit::unavailable(error.to_string())
}

/// Where clients on this machine find the server.
fn origin(host: &Host, port: u16) -> String {
    match host {
        Host::Named(name) if !matches!(name.as_str(), "0.0.0.0" | "::" | "[::]") => {
            let bare = name.trim_start_matches('[').trim_end_matches(']');
            if bare.contains(':') {
                format!("http://[{bare}]:{port}")
            } else {
                format!("http://{bare}:{port}")
            }
        }
        Host::Loopback | Host::Named(_) => format!("http://localhost:{port}"),
    }
}

fn advice(origin: &str, port: u16) -> Advice {
    let is_default = port == PORT_DEFAULT && origin.starts_with("http://localhost:");
    let value = if is_default { "1" } else { origin };
    Advice {
        app_variable: format!("INNGEST_DEV={value}"),
        in_container: Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists(),
    }
}

fn describe_data(data: &Data) -> String {
    match data {
        Data::Memory => "in memory: gone when the server stops".to_owned(),
        Data::Folder(folder) => folder.join(DATABASE).display().to_string(),
    }
}

fn describe_search(config: &DevConfig) -> String {
    if !config.urls.is_empty() {
        let urls: Vec<_> = config.urls.iter().map(Url::as_str).collect();
        return urls.join(", ");
    }
    match config.discovery {
        Some(_) => "looking for them on the usual ports; -u names one".to_owned(),
        None => "those that register themselves".to_owned(),
    }
}

fn options(config: &DevConfig) -> StartOptions {
    StartOptions {
        dir: String::new(),
        urls: config.urls.iter().map(Url::to_string).collect(),
        autodiscover: config.discovery.is_some(),
        poll: config.poll,
        poll_interval: config.poll_interval.as_secs(),
        retry_interval: match config.retry {
            RetryPolicy::Backoff => 0,
            RetryPolicy::Fixed(delay) => delay.as_secs(),
        },
        queue_workers: config.calls_in_flight_max,
        require_keys: false,
        persist: config.data != Data::Memory,
        sqlite_dir: match &config.data {
            Data::Memory => String::new(),
            Data::Folder(folder) => folder.display().to_string(),
        },
    }
}
