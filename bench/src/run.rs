//! The order of the measurements, and what becomes of them.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use http::Uri;
use serde_json::json;

use crate::child::{Server, Worker};
use crate::client::Connection;
use crate::figures::{self, Budget, Figure, Unit};
use crate::throughput::{self, Measured, Phase};
use crate::{idle, intake, latency, machine, shape};

pub(crate) struct Options {
    server: PathBuf,
    data: PathBuf,
    out: Option<PathBuf>,
    effort: Effort,
}

impl Options {
    pub(crate) fn parse(mut arguments: lexopt::Parser) -> anyhow::Result<Self> {
        let (mut server, mut data, mut out, mut effort) = (None, None, None, Effort::FULL);
        while let Some(argument) = arguments.next()? {
            match argument {
                lexopt::Arg::Long("server") => server = Some(PathBuf::from(arguments.value()?)),
                lexopt::Arg::Long("data") => data = Some(PathBuf::from(arguments.value()?)),
                lexopt::Arg::Long("out") => out = Some(PathBuf::from(arguments.value()?)),
                lexopt::Arg::Long("quick") => effort = Effort::QUICK,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(Self {
            server: server.context("--server is missing")?,
            data: data.context("--data is missing")?,
            out,
            effort,
        })
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
    println!("cold starts …");
    let cold_starts = idle::cold_starts(&options.server, &options.data, effort.cold_starts)?;
    let mut figures = vec![
        Figure::new(
            "cold start to first request served",
            Unit::Milliseconds,
            cold_starts,
        )
        .budget(Budget::AtMost(150.0)),
    ];

    let folder = tempfile::tempdir_in(&options.data)?;
    let server = Server::start(&options.server, folder.path())?;
    let mut worker = Worker::start()?;
    Connection::open(server.port)
        .await?
        .post(
            &Uri::from_static("/fn/register"),
            shape::registration(worker.port),
        )
        .await?;

    let measured = against(&mut worker, &server, effort).await;
    match measured {
        Ok(measured) => figures.extend(measured),
        Err(error) => bail!(
            "{error:#}\nthe end of the server's log:\n{}",
            server.log_tail()
        ),
    }
    Ok(figures)
}

async fn against(
    worker: &mut Worker,
    server: &Server,
    effort: &Effort,
) -> anyhow::Result<Vec<Figure>> {
    println!("idle …");
    let fresh = idle::measure(server, effort.idle).await?;
    println!("latencies …");
    let first_call = latency::first_call(worker, server, effort.first_calls).await?;
    let raw_gap = latency::step_gap_raw(worker, effort.gap_runs).await?;
    let gap = latency::step_gap(worker, server, effort.gap_runs).await?;
    let (raw, served) = rounds(worker, server, effort).await?;
    println!("event intake …");
    let mut intake = Vec::new();
    for _ in 0..effort.rounds {
        intake.push(intake::events_per_second(server, effort.intake).await?);
    }
    println!("idle after load …");
    let used = idle::measure(server, effort.idle).await?;

    let mut figures = throughput_figures(&raw, &served);
    figures.extend([
        Figure::new(
            "gap between steps, idle, p50",
            Unit::Milliseconds,
            vec![gap.p50],
        )
        .budget(Budget::AtMost(1.5)),
        Figure::new(
            "gap between steps, idle, p99",
            Unit::Milliseconds,
            vec![gap.p99],
        )
        .budget(Budget::AtMost(5.0)),
        Figure::new("  the same raw, p50", Unit::Milliseconds, vec![raw_gap.p50]),
        Figure::new(
            "event to first call, idle, p50",
            Unit::Milliseconds,
            vec![first_call.p50],
        )
        .budget(Budget::AtMost(3.0)),
        Figure::new(
            "event to first call, idle, p99",
            Unit::Milliseconds,
            vec![first_call.p99],
        ),
        Figure::new(
            "event intake, durable, batches of 100",
            Unit::PerSecond,
            intake,
        )
        .budget(Budget::AtLeast(30_000.0)),
        Figure::new(
            "idle memory",
            Unit::Megabytes,
            vec![fresh.resident_megabytes],
        )
        .budget(Budget::AtMost(40.0)),
        Figure::new(
            "  after the load",
            Unit::Megabytes,
            vec![used.resident_megabytes],
        ),
        Figure::new(
            "idle CPU, of one core",
            Unit::Percent,
            vec![fresh.cpu_percent],
        )
        .budget(Budget::AtMost(0.5)),
        Figure::new("  after the load", Unit::Percent, vec![used.cpu_percent]),
    ]);
    Ok(figures)
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
