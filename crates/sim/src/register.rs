//! How the fake app registers its functions (sdk-protocol §2.2).

use everstep_protocol::Json;
use everstep_protocol::sync::{AppSync, RegisterRequest};

use crate::program::{Program, RETRIES, STOP, STOP_CONDITION, Trigger};

/// The sync of the app.
pub fn app_sync(programs: &[Program]) -> AppSync {
    let functions: Vec<Json> = programs.iter().map(function).collect();
    let body = Json::object([
        ("url", Json::string("http://app.test/api")),
        ("appName", Json::string("sim")),
        ("deployType", Json::string("ping")),
        ("sdk", Json::string("js:v4.24.0")),
        ("v", Json::string("0.1")),
        ("framework", Json::string("sim")),
        ("functions", Json::array(&functions)),
    ]);
    RegisterRequest::parse(body.as_str().as_bytes())
        .and_then(RegisterRequest::into_app_sync)
        .expect("the fake app is valid")
}

fn function(program: &Program) -> Json {
    let slug = program.slug();
    let url = format!("http://app.test/api?fnId={slug}&stepId=step");
    let runtime = Json::object([("type", Json::string("http")), ("url", Json::string(&url))]);
    let retries = Json::object([("attempts", Json::integer(i64::from(RETRIES)))]);
    let step = Json::object([
        ("id", Json::string("step")),
        ("name", Json::string("step")),
        ("runtime", runtime),
        ("retries", retries),
    ]);
    let mut members = vec![
        ("id", Json::string(&slug)),
        ("name", Json::string(&program.name)),
        ("triggers", Json::array([&trigger(program)])),
        ("steps", Json::object([("step", step)])),
    ];
    if program.stoppable {
        let stop = Json::object([
            ("event", Json::string(STOP)),
            ("if", Json::string(STOP_CONDITION)),
        ]);
        members.push(("cancel", Json::array([&stop])));
    }
    if program.idempotent {
        members.push(("idempotency", Json::string("event.data.topic")));
    }
    members.extend(program.flow.to_json());
    let quotas: Vec<Json> = program.calls_max.iter().map(|it| it.to_json()).collect();
    members.push(("concurrency", concurrency(&quotas, program)));
    let timeouts = [
        ("start", program.start_timeout),
        ("finish", program.finish_timeout),
    ];
    let timeouts = timeouts
        .into_iter()
        .filter_map(|(name, seconds)| Some((name, Json::string(&format!("{}s", seconds?)))));
    members.push(("timeouts", Json::object(timeouts)));
    Json::object(members)
}

/// Limits on runs have a form of their own (sdk-protocol §2.2).
fn concurrency(calls: &[Json], program: &Program) -> Json {
    let calls = Json::array(calls);
    match program.runs_max {
        None => calls,
        Some(runs) => Json::object([("fn", Json::array([&runs.to_json()])), ("step", calls)]),
    }
}

fn trigger(program: &Program) -> Json {
    match program.trigger {
        Trigger::Event => Json::object([("event", Json::string(&program.event()))]),
        Trigger::Schedule {
            minutes,
            jitter_seconds,
        } => {
            let cron = Json::string(&format!("*/{minutes} * * * *"));
            let mut members = vec![("cron", cron)];
            if jitter_seconds > 0 {
                members.push(("jitter", Json::string(&format!("{jitter_seconds}s"))));
            }
            Json::object(members)
        }
    }
}
