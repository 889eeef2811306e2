//! What is read of a long history, and within what time.

use std::time::Instant;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use url::form_urlencoded::Serializer;

use super::past::{self, Past};
use crate::child::Server;
use crate::client::Connection;
use crate::figures::{Budget, Figure, Unit, percentile};

/// What the design allows 95 of 100 reads, in milliseconds.
const LIST_MAX: f64 = 100.0;
const SEARCH_MAX: f64 = 300.0;
const TRACE_MAX: f64 = 200.0;

/// The largest page.
const LIMIT: &str = "100";

struct Read {
    name: String,
    target: Uri,
    within_ms: f64,
}

impl Read {
    fn new(
        name: impl Into<String>,
        path: &str,
        query: &[(&str, &str)],
        within_ms: f64,
    ) -> anyhow::Result<Self> {
        let query = Serializer::new(String::new()).extend_pairs(query).finish();
        Ok(Self {
            name: name.into(),
            target: Uri::try_from(format!("{path}?{query}"))?,
            within_ms,
        })
    }

    fn list(name: &str, query: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut parameters = vec![("limit", LIMIT)];
        parameters.extend_from_slice(query);
        Self::new(
            format!("list of runs, {name}"),
            "/v2/runs",
            &parameters,
            LIST_MAX,
        )
    }

    fn search(search: &str) -> anyhow::Result<Self> {
        Self::new(
            format!("search for {search}"),
            "/v2/runs",
            &[("search", search)],
            SEARCH_MAX,
        )
    }
}

/// Each read several times; in between the others, so that none finds only its own pages in memory.
pub(super) async fn measure(
    server: &Server,
    past: &Past,
    rounds: usize,
) -> anyhow::Result<Vec<Figure>> {
    let reads = reads(past)?;
    let mut taken_ms = vec![Vec::new(); reads.len()];
    let mut connection = Connection::open(server.port).await?;
    for _ in 0..rounds {
        for (read, taken_ms) in reads.iter().zip(&mut taken_ms) {
            let begun = Instant::now();
            let answer = connection.send(Method::GET, &read.target, HeaderMap::new(), Bytes::new());
            let (status, body) = answer.await.with_context(|| read.name.clone())?;
            taken_ms.push(begun.elapsed().as_secs_f64() * 1e3);
            ensure!(
                status.is_success(),
                "{} was answered with {status}: {}",
                read.target,
                String::from_utf8_lossy(&body)
            );
        }
    }
    let figures = reads.into_iter().zip(taken_ms);
    Ok(figures
        .flat_map(|(read, taken_ms)| figures_of(read, taken_ms))
        .collect())
}

fn figures_of(read: Read, mut taken_ms: Vec<f64>) -> [Figure; 2] {
    taken_ms.sort_by(f64::total_cmp);
    let figure = |name: String, percent| {
        let taken = percentile(&taken_ms, percent);
        Figure::new(name, Unit::Milliseconds, vec![taken])
    };
    [
        figure(format!("{}, p95", read.name), 95.0).budget(Budget::AtMost(read.within_ms)),
        figure("  p50".to_owned(), 50.0),
    ]
}

fn reads(past: &Past) -> anyhow::Result<Vec<Read>> {
    let (app, event) = (&*past::app_name(1), &*past::event_name(1));
    let function = &*past::function_slug(1);
    let (from, until) = past.middle();
    let (from, until) = (&*from.to_string(), &*until.to_string());
    let path = &*format!("/v2/runs/{}/trace", past.large_run());
    Ok(vec![
        Read::list("newest", &[])?,
        Read::list("failed", &[("status", "FAILED")])?,
        Read::list("of a function", &[("functionId", function)])?,
        Read::list(
            "failed, of a function",
            &[("functionId", function), ("status", "FAILED")],
        )?,
        Read::list("of an app", &[("appId", app)])?,
        Read::list("of an event name", &[("eventName", event)])?,
        Read::list("of an event name that none has", &[("eventName", "none")])?,
        Read::list("of a window long ago", &[("from", from), ("until", until)])?,
        Read::list("latest ended", &[("timeField", "endedAt")])?,
        Read::new(
            "list of events",
            "/v2/events",
            &[("limit", LIMIT)],
            LIST_MAX,
        )?,
        Read::search(&format!(
            "fn.slug == \"{function}\" && run.status == \"FAILED\""
        ))?,
        Read::search(r#"event.data.customer == "c-7""#)?,
        Read::search(r#"event.data.customer == "nobody""#)?,
        Read::search("output.number == 7")?,
        Read::new("trace of 10,000 steps", path, &[], TRACE_MAX)?,
        Read::new(
            "trace of 10,000 steps with their outputs",
            path,
            &[("includeOutput", "true")],
            TRACE_MAX,
        )?,
    ])
}
