//! `GET /v2/metrics/runs`: what happened to runs, over time.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_protocol::time::{format_duration, parse_duration};
use everstep_protocol::{FunctionId, Timestamp};
use everstep_store::rollup::{HOUR, MINUTE, MINUTES_KEPT, ROLLUPS_KEPT, start_of};
use everstep_store::{Rollup, RollupFilter, Spread};
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::envelope;
use super::error::V2Error;
use super::named::{any_function, app_of, function_of};
use super::query::Query;
use crate::registry::Registry;
use crate::routes::openapi::{Kind, Member, Operation, Routes};

/// How far back the answer reaches unless told otherwise.
const RANGE_DEFAULT: Duration = Duration::from_secs(24 * 60 * 60);

/// Buckets of one answer.
const BUCKETS_MAX: i64 = 1_500;

/// Buckets of all functions of one answer that has them by function.
const BUCKETS_BY_FUNCTION_MAX: i64 = 10_000;

/// So many buckets are aimed at unless told otherwise: enough for a chart.
const BUCKETS_DEFAULT: i64 = 120;

/// What charts are divided into, in minutes.
const WIDTHS: [u32; 8] = [1, 5, 15, 60, 180, 720, 1440, WIDEST];
const WIDEST: u32 = 10_080;

/// What is asked for.
struct Asked {
    function: Option<String>,
    app: Option<String>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    bucket: Option<String>,
    by_function: bool,
}

/// What happened to runs in a range of time.
#[derive(Serialize, ToSchema)]
struct RunMetrics {
    from: String,
    until: String,
    /// The width of a bucket.
    bucket: String,
    total: Counts,
    /// Those in which something happened.
    buckets: Vec<Bucket>,
    /// The functions to whose runs something happened, by slug, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    functions: Option<Vec<FunctionMetrics>>,
}

/// What happened to the runs of one function.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FunctionMetrics {
    #[schema(value_type = String)]
    function_id: FunctionId,
    function_slug: String,
    total: Counts,
    /// Those in which something happened.
    buckets: Vec<Bucket>,
}

#[derive(Serialize, ToSchema)]
struct Bucket {
    start: String,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Counts {
    scheduled: u64,
    started: u64,
    completed: u64,
    failed: u64,
    cancelled: u64,
    skipped: u64,
    #[schema(required)]
    queue_delay_ms: Option<SpreadView>,
    #[schema(required)]
    duration_ms: Option<SpreadView>,
}

/// In milliseconds.
#[derive(Serialize, ToSchema)]
#[schema(as = Spread)]
struct SpreadView {
    mean: u64,
    p50: u64,
    p95: u64,
    p99: u64,
    max: u64,
}

pub(super) fn routes() -> Routes {
    let members = [
        Member::new("functionId", Kind::Text, "Of this function"),
        Member::new("appId", Kind::Text, "Of this app"),
        Member::new(
            "from",
            Kind::Instant,
            "From this time on; 24h ago without it",
        ),
        Member::new("until", Kind::Instant, "Until this time"),
        Member::new("bucket", Kind::Text, "The width of a bucket, such as 5m"),
        Member::new(
            "groupBy",
            Kind::Word(&["function"]),
            "Also tell of each function",
        ),
    ];
    Routes::new("Metrics").get(
        "/metrics/runs",
        runs,
        Operation::v2("getRunMetrics", "What happened to runs, over time")
            .query(&members)
            .replies::<RunMetrics>(),
    )
}

pub(super) async fn runs(State(api): State<Api>, mut query: Query) -> Result<Response, V2Error> {
    let now = api.clock.now();
    let asked = Asked {
        function: query.text("functionId"),
        app: query.text("appId"),
        from: query.instant("from", now),
        until: query.instant("until", now),
        bucket: query.text("bucket"),
        by_function: query.word("groupBy", &[("function", ())]).is_some(),
    };
    query.done()?;
    let store = &**api.engine.store();
    let registry = Registry::load(store).await?;
    let functions = functions(&registry, &asked)?;
    let among = functions
        .as_ref()
        .map_or(registry.functions.len(), Vec::len);
    let filter = filter(&asked, functions, among, now)?;
    let sums = store.rollup_sums(&filter).await?;
    let (total, buckets) = summed_up(&sums);
    let functions = match asked.by_function {
        true => Some(by_function(
            &registry,
            store.rollup_sums_by_function(&filter).await?,
        )),
        false => None,
    };
    let data = RunMetrics {
        from: filter.from.to_string(),
        until: filter.until.to_string(),
        bucket: format_duration(filter.bucket),
        total,
        buckets,
        functions,
    };
    Ok(envelope(data, now))
}

fn summed_up(sums: &[(Timestamp, Rollup)]) -> (Counts, Vec<Bucket>) {
    let mut total = Rollup::default();
    let mut buckets = Vec::with_capacity(sums.len());
    for (start, rollup) in sums {
        buckets.push(Bucket {
            start: start.to_string(),
            counts: Counts::new(rollup),
        });
        total += rollup;
    }
    (Counts::new(&total), buckets)
}

/// Of each function that is known. The sums are by function.
fn by_function(
    registry: &Registry,
    sums: Vec<(FunctionId, Timestamp, Rollup)>,
) -> Vec<FunctionMetrics> {
    let of_each = sums.chunk_by(|(one, ..), (other, ..)| one == other);
    let mut functions: Vec<FunctionMetrics> = of_each
        .filter_map(|sums| {
            let function = registry.function_by_id(sums[0].0)?;
            let of_one: Vec<_> = sums.iter().map(|(_, at, sum)| (*at, sum.clone())).collect();
            let (total, buckets) = summed_up(&of_one);
            Some(FunctionMetrics {
                function_id: function.id,
                function_slug: function.slug.to_string(),
                total,
                buckets,
            })
        })
        .collect();
    functions.sort_by(|one, other| one.function_slug.cmp(&other.function_slug));
    functions
}

/// Those asked for; `None` for all.
fn functions(registry: &Registry, asked: &Asked) -> Result<Option<Vec<FunctionId>>, V2Error> {
    let Some(app) = &asked.app else {
        let function = asked.function.as_deref();
        let function = function.map(|name| any_function(registry, name));
        return Ok(function.transpose()?.map(|function| vec![function.id]));
    };
    if let Some(name) = &asked.function {
        return Ok(Some(vec![function_of(registry, app, name)?.id]));
    }
    let app = app_of(registry, app)?.id;
    let of_app = registry.functions.iter().filter(|it| it.app == app);
    Ok(Some(of_app.map(|function| function.id).collect()))
}

/// `among` is how many functions are meant.
fn filter(
    asked: &Asked,
    functions: Option<Vec<FunctionId>>,
    among: usize,
    now: Timestamp,
) -> Result<RollupFilter, V2Error> {
    let until = asked.until.unwrap_or(now);
    let from = asked.from.unwrap_or(until - RANGE_DEFAULT);
    if from >= until {
        let message = format!("from must be before until, and {from} is not before {until}");
        return Err(V2Error::invalid_request(message));
    }
    // Nothing older is kept, so nothing is lost, and the range has an end.
    let from = from.max(now - ROLLUPS_KEPT);
    let until = until.min(now + MINUTE).max(from);
    let finest = if from < now - MINUTES_KEPT {
        HOUR
    } else {
        MINUTE
    };
    let buckets = |width: Duration| {
        let width = i64::try_from(width.as_millis()).unwrap_or(i64::MAX);
        (until.as_millis() - from.as_millis()) / width
    };
    let among = i64::try_from(among).unwrap_or(i64::MAX);
    let has_room = |width: Duration| {
        !asked.by_function || buckets(width).saturating_mul(among) <= BUCKETS_BY_FUNCTION_MAX
    };
    let bucket = match asked.bucket.as_deref() {
        None => {
            let mut widths = WIDTHS.map(|minutes| MINUTE * minutes).into_iter();
            let fits = |width: &Duration| {
                *width >= finest && buckets(*width) <= BUCKETS_DEFAULT && has_room(*width)
            };
            widths.find(fits).unwrap_or(MINUTE * WIDEST)
        }
        Some(text) => {
            let bucket = parse_duration(text)
                .map_err(|error| V2Error::invalid_request(format!("bucket: {error}")))?;
            let is_multiple =
                !bucket.is_zero() && bucket.as_nanos().is_multiple_of(finest.as_nanos());
            if !is_multiple {
                return Err(V2Error::invalid_request(format!(
                    "bucket must be a multiple of {}: minutes are told apart for {}",
                    format_duration(finest),
                    format_duration(MINUTES_KEPT),
                )));
            }
            bucket
        }
    };
    if buckets(bucket) > BUCKETS_MAX {
        return Err(V2Error::invalid_request(format!(
            "bucket: {} buckets of {} are more than {BUCKETS_MAX}; ask for wider ones",
            buckets(bucket),
            format_duration(bucket)
        )));
    }
    if !has_room(bucket) {
        return Err(V2Error::invalid_request(format!(
            "bucket: {} buckets of {} for each of {among} functions are more than \
             {BUCKETS_BY_FUNCTION_MAX}; ask for wider ones, or for an app",
            buckets(bucket),
            format_duration(bucket)
        )));
    }
    Ok(RollupFilter {
        functions,
        from: start_of(bucket, from),
        until,
        bucket,
    })
}

impl Counts {
    fn new(rollup: &Rollup) -> Self {
        Self {
            scheduled: rollup.scheduled,
            started: rollup.started,
            completed: rollup.completed,
            failed: rollup.failed,
            cancelled: rollup.cancelled,
            skipped: rollup.skipped,
            queue_delay_ms: SpreadView::new(&rollup.delay),
            duration_ms: SpreadView::new(&rollup.duration),
        }
    }
}

impl SpreadView {
    /// `None` if there was none.
    fn new(spread: &Spread) -> Option<Self> {
        let mean = spread.sum_ms.checked_div(spread.count())?;
        Some(Self {
            mean,
            p50: spread.quantile_ms(500)?,
            p95: spread.quantile_ms(950)?,
            p99: spread.quantile_ms(990)?,
            max: spread.max_ms,
        })
    }
}
