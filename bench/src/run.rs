//! The order of the measurements, and what becomes of them.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use lexopt::ValueExt as _;
use serde_json::json;

use crate::child::{Server, Worker};
use crate::figures::{self, Budget, Figure, Unit};
use crate::idle::{self, Idle, MEGABYTE};
use crate::part::Part;
use crate::throughput::{self, Measured, Phase};
use crate::{crowd, history, intake, latency, machine, matching, tenants};

pub(crate) struct Options {
    server: PathBuf,
    data: PathBuf,
    out: Option<PathBuf>,
    effort: Effort,
    /// All, unless some were named.
    parts: Vec<Part>,
}

impl Options {
    pub(crate) fn parse(mut arguments: lexopt::Parser) -> anyhow::Result<Self> {
        let (mut server, mut data, mut out, mut effort) = (None, None, None, Effort::FULL);
        let mut parts = Vec::new();
        while let Some(argument) = arguments.next()? {
            match argument {
                lexopt::Arg::Long("server") => server = Some(PathBuf::from(arguments.value()?)),
                lexopt::Arg::Long("data") => data = Some(PathBuf::from(arguments.value()?)),
                lexopt::Arg::Long("out") => out = Some(PathBuf::from(arguments.value()?)),
                lexopt::Arg::Long("quick") => effort = Effort::QUICK,
                lexopt::Arg::Long("only") => {
                    parts.push(Part::parse(&arguments.value()?.string()?)?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        if parts.is_empty() {
            parts = Part::ALL.to_vec();
        }
        Ok(Self {
            server: server.context("--server is missing")?,
            data: data.context("--data is missing")?,
            out,
            effort,
            parts,
        })
    }

    fn wants(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }
}

/// How much is measured.
struct Effort {
    rounds: usize,
    raw: Phase,
    through_server: Phase,
    gap_runs: usize,
    first_calls: usize,
    intake: Duration,
    idle: Duration,
    cold_starts: usize,
    crowd: crowd::Effort,
    matching: matching::Effort,
    tenants: tenants::Effort,
    history: history::Effort,
}

impl Effort {
    const FULL: Self = Self {
        rounds: 7,
        raw: Phase {
            warm_up: Duration::from_millis(500),
            measured: Duration::from_secs(3),
        },
        through_server: Phase {
            warm_up: Duration::from_secs(1),
            measured: Duration::from_secs(5),
        },
        gap_runs: 20,
        first_calls: 200,
        intake: Duration::from_secs(2),
        idle: Duration::from_secs(10),
        cold_starts: 15,
        crowd: crowd::Effort {
            runs: 1_000_000,
            starts: 3,
            idle: Duration::from_secs(10),
            wakes: 50,
            alike: 100_000,
        },
        matching: matching::Effort {
            waits: 1_000_000,
            alike: 100_000,
            events: 1_000,
        },
        tenants: tenants::Effort {
            noise: tenants::NoiseEffort {
                runs: 100_000,
                samples: 10,
            },
            length: tenants::LengthEffort {
                lengths: &[1_000, 100_000, 1_000_000],
                warm_up: Duration::from_secs(1),
                measured: Duration::from_secs(5),
            },
        },
        history: history::Effort {
            runs: 1_000_000,
            rounds: 40,
            watched: Duration::from_secs(30),
        },
    };
    const QUICK: Self = Self {
        rounds: 3,
        raw: Phase {
            warm_up: Duration::from_millis(200),
            measured: Duration::from_secs(1),
        },
        through_server: Phase {
            warm_up: Duration::from_millis(500),
            measured: Duration::from_secs(2),
        },
        gap_runs: 5,
        first_calls: 50,
        intake: Duration::from_secs(1),
        idle: Duration::from_secs(3),
        cold_starts: 5,
        crowd: crowd::Effort {
            runs: 20_000,
            starts: 1,
            idle: Duration::from_secs(3),
            wakes: 20,
            alike: 5_000,
        },
        matching: matching::Effort {
            waits: 20_000,
            alike: 5_000,
            events: 200,
        },
        tenants: tenants::Effort {
            noise: tenants::NoiseEffort {
                runs: 20_000,
                samples: 1,
            },
            length: tenants::LengthEffort {
                lengths: &[1_000, 20_000],
                warm_up: Duration::from_millis(500),
                measured: Duration::from_secs(1),
            },
        },
        history: history::Effort {
            runs: 20_000,
            rounds: 5,
            watched: Duration::from_secs(3),
        },
    };
}

pub(crate) fn run(options: Options) -> anyhow::Result<()> {
    // One thread, so that the client takes at most one core, as the worker does.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let figures = runtime.block_on(measure(&options))?;
    let machine = machine::describe(&options.data)?;

    println!("\n{}", figures::table(&figures));
    println!("{machine:#}");
    if let Some(out) = &options.out {
        let result = json!({ "machine": machine, "figures": figures::json(&figures) });
        std::fs::write(out, format!("{result:#}\n"))
            .with_context(|| format!("can't write {}", out.display()))?;
        println!("written to {}", out.display());
    }
    Ok(())
}

async fn measure(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let effort = &options.effort;
    let mut figures = Vec::new();
    if options.wants(Part::ColdStart) {
        println!("cold starts …");
        let starts = idle::cold_starts(&options.server, &options.data, effort.cold_starts)?;
        figures.push(
            Figure::new(
                "cold start to first request served",
                Unit::Milliseconds,
                starts,
            )
            .budget(Budget::AtMost(150.0)),
        );
    }
    if options.parts.iter().any(|part| part.is_on_shared_server()) {
        figures.extend(on_shared_server(options).await?);
    }
    if options.wants(Part::Crowd) {
        let crowd = crowd::measure(&options.server, &options.data, &effort.crowd);
        figures.extend(crowd.await?);
    }
    if options.wants(Part::Matching) {
        figures.extend(matching::measure(&effort.matching)?);
    }
    if options.wants(Part::Tenants) {
        let tenants = tenants::measure(&options.server, &options.data, &effort.tenants);
        figures.extend(tenants.await?);
    }
    if options.wants(Part::History) {
        let history = history::measure(&options.server, &options.data, &effort.history);
        figures.extend(history.await?);
    }
    Ok(figures)
}

async fn on_shared_server(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let folder = tempfile::tempdir_in(&options.data)?;
    let server = Server::start(&options.server, folder.path())?;
    let mut worker = Worker::start()?;
    server.register(&worker).await?;
    match against(&mut worker, &server, options).await {
        Ok(figures) => Ok(figures),
        Err(error) => bail!(
            "{error:#}\nthe end of the server's log:\n{}",
            server.log_tail()
        ),
    }
}

async fn against(
    worker: &mut Worker,
    server: &Server,
    options: &Options,
) -> anyhow::Result<Vec<Figure>> {
    let effort = &options.effort;
    let mut figures = Vec::new();
    if options.wants(Part::Idle) {
        println!("idle …");
        figures.extend(idle_figures(&idle::measure(server, effort.idle).await?));
    }
    if options.wants(Part::Latency) {
        println!("latencies …");
        figures.extend(latency_figures(worker, server, effort).await?);
    }
    if options.wants(Part::Throughput) {
        let (raw, served) = rounds(worker, server, effort).await?;
        figures.extend(throughput_figures(&raw, &served));
    }
    if options.wants(Part::Intake) {
        println!("event intake …");
        figures.push(intake_figure(server, effort).await?);
    }
    let loaded = options.wants(Part::Throughput) || options.wants(Part::Intake);
    if options.wants(Part::Idle) && loaded {
        println!("idle after load …");
        let used = idle::measure(server, effort.idle).await?;
        figures.extend([
            Figure::new(
                "memory, idle after the load",
                Unit::Megabytes,
                vec![used.resident_bytes / MEGABYTE],
            ),
            Figure::new(
                "CPU, idle after the load",
                Unit::Percent,
                vec![used.cpu_percent],
            ),
        ]);
    }
    Ok(figures)
}

fn idle_figures(fresh: &Idle) -> [Figure; 2] {
    [
        Figure::new(
            "idle memory",
            Unit::Megabytes,
            vec![fresh.resident_bytes / MEGABYTE],
        )
        .budget(Budget::AtMost(40.0)),
        Figure::new(
            "idle CPU, of one core",
            Unit::Percent,
            vec![fresh.cpu_percent],
        )
        .budget(Budget::AtMost(0.5)),
    ]
}

async fn latency_figures(
    worker: &mut Worker,
    server: &Server,
    effort: &Effort,
) -> anyhow::Result<[Figure; 5]> {
    let first_call = latency::first_call(worker, server, effort.first_calls).await?;
    let raw_gap = latency::step_gap_raw(worker, effort.gap_runs).await?;
    let gap = latency::step_gap(worker, server, effort.gap_runs).await?;
    let figure = |name, milliseconds| Figure::new(name, Unit::Milliseconds, vec![milliseconds]);
    Ok([
        figure("gap between steps, idle, p50", gap.p50).budget(Budget::AtMost(1.5)),
        figure("gap between steps, idle, p99", gap.p99).budget(Budget::AtMost(5.0)),
        figure("  the same raw, p50", raw_gap.p50),
        figure("event to first call, idle, p50", first_call.p50).budget(Budget::AtMost(3.0)),
        figure("event to first call, idle, p99", first_call.p99),
    ])
}

async fn intake_figure(server: &Server, effort: &Effort) -> anyhow::Result<Figure> {
    let mut per_second = Vec::new();
    for _ in 0..effort.rounds {
        per_second.push(intake::events_per_second(server, effort.intake).await?);
    }
    Ok(Figure::new(
        "event intake, durable, batches of 100",
        Unit::PerSecond,
        per_second,
    )
    .budget(Budget::AtLeast(30_000.0)))
}

/// Raw and server phases in turn.
async fn rounds(
    worker: &mut Worker,
    server: &Server,
    effort: &Effort,
) -> anyhow::Result<(Vec<Measured>, Vec<Measured>)> {
    let (mut raw, mut served) = (Vec::new(), Vec::new());
    for round in 1..=effort.rounds {
        let raw_now = throughput::raw(worker, effort.raw)
            .await
            .context("raw phase")?;
        let served_now = throughput::through_server(worker, server, effort.through_server)
            .await
            .context("server phase")?;
        println!(
            "round {round} of {}: raw {:.0} steps/s, through the server {:.0} steps/s",
            effort.rounds, raw_now.steps_per_second, served_now.steps_per_second
        );
        raw.push(raw_now);
        served.push(served_now);
    }
    Ok((raw, served))
}

fn throughput_figures(raw: &[Measured], served: &[Measured]) -> Vec<Figure> {
    let per_second = |measured: &[Measured]| {
        measured
            .iter()
            .map(|phase| phase.steps_per_second)
            .collect()
    };
    let ratios = raw
        .iter()
        .zip(served)
        .map(|(raw, served)| served.steps_per_second / raw.steps_per_second * 100.0);
    let server_cpu = served
        .iter()
        .filter_map(|phase| phase.server_cpu_per_step)
        .map(|seconds| seconds * 1e6);
    let worker_cpu = served.iter().map(|phase| phase.worker_cpu_per_step * 1e6);
    vec![
        Figure::new("sequential steps, raw", Unit::PerSecond, per_second(raw)),
        Figure::new(
            "sequential steps, through the server",
            Unit::PerSecond,
            per_second(served),
        ),
        Figure::new("  of raw", Unit::Percent, ratios.collect()).budget(Budget::AtLeast(50.0)),
        Figure::new(
            "server CPU per step",
            Unit::Microseconds,
            server_cpu.collect(),
        )
        .budget(Budget::AtMost(100.0)),
        Figure::new("  the worker's", Unit::Microseconds, worker_cpu.collect()),
    ]
}
