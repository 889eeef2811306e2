//! What it means that a limit does not admit a call.

use everstep_core::flow::limit::Demand;
use everstep_core::inspect::LimitReport;
use everstep_core::record::PauseRecord;
use everstep_protocol::reply::TurnedAway;

use super::reason::Reason;
use crate::routes::v2::limit_view;

/// The reason why calls under the limit wait.
pub(super) fn reason_of(report: &LimitReport, pause: Option<&PauseRecord>) -> Reason {
    let reason = match &report.limit.demand {
        Demand::Unpaused(_) => paused(pause),
        Demand::App(_) => app(report),
        Demand::Concurrency { .. } | Demand::RunConcurrency { .. } => concurrency(report),
        Demand::Throttle { limit, period, .. } => {
            let text = format!(
                "is throttled to {limit} starts in {period:?}{}",
                key(report)
            );
            Reason::new("throttled", text)
        }
    };
    let reason = match report.until {
        Some(at) => Reason {
            text: format!("{} until {at}", reason.text),
            ..reason.until(at)
        },
        None => reason,
    };
    Reason {
        limit: Some(limit_view(report)),
        ..reason
    }
}

fn paused(pause: Option<&PauseRecord>) -> Reason {
    let why = pause.and_then(|pause| pause.reason.as_ref());
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    let reason = Reason::new(
        "paused",
        format!("waits because the function is paused{why}"),
    );
    match pause {
        Some(pause) => reason.since(pause.paused_at),
        None => reason,
    }
}

fn app(report: &LimitReport) -> Reason {
    let Some(outage) = report.outage else {
        let most = report.most.unwrap_or_default();
        let text =
            format!("waits because {most} calls of the app are in flight, the most it may have");
        return Reason::new("app_busy", text);
    };
    let what = match outage.cause {
        TurnedAway::Unreachable => "can't be reached",
        TurnedAway::Overloaded => "asks for a pause",
    };
    let text = format!("waits because the app {what}; it gets no calls");
    let reason = Reason::new("app_unreachable", text);
    reason.since(outage.since).until(outage.probe_at)
}

fn concurrency(report: &LimitReport) -> Reason {
    let holders: Vec<String> = report
        .holders
        .iter()
        .map(|holder| holder.run.to_string())
        .collect();
    let held = match holders.is_empty() {
        true => String::new(),
        false => format!(", held by {}", holders.join(", ")),
    };
    let most = report.most.unwrap_or_default();
    let in_use = report.in_use;
    let text = format!(
        "waits because concurrency{} is {in_use} of {most}{held}",
        key(report)
    );
    Reason::new("concurrency", text)
}

fn key(report: &LimitReport) -> String {
    let key = report.limit.key.as_ref();
    key.map(|(expression, value)| format!(" of {expression} = {value}"))
        .unwrap_or_default()
}
