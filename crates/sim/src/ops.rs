//! The ops that the fake app reports, and the values that it expects back.

use everstep_protocol::op::ParallelMode;
use everstep_protocol::{Json, RunId};

use crate::clients::{TOPICS, signal_name};
use crate::flow::rank;
use crate::origin;
use crate::program::{NEWS, Program, Step, Work};

/// An op as it is on the wire.
fn op(code: &str, step: &str, members: Vec<(&'static str, Json)>) -> Json {
    let own = [("op", Json::string(code)), ("id", Json::string(step))];
    Json::object(own.into_iter().chain(members))
}

/// The result of a step: the same for every execution, different for every step.
pub fn value(run: RunId, step: &str) -> Json {
    Json::string(&format!("{run}/{step}"))
}

/// What a run returns.
pub fn output(run: RunId) -> Json {
    Json::string(&format!("{run} is done"))
}

/// The key of the run that a step invokes.
pub fn invocation_key(run: RunId, step: &str) -> String {
    format!("{run}/{step}")
}

pub fn run_complete(output: Json) -> Json {
    op("RunComplete", "complete", vec![("data", output)])
}

pub fn step_run(run: RunId, step: &str) -> Json {
    op("StepRun", step, vec![("data", value(run, step))])
}

pub fn step_error(step: &str) -> Json {
    let error = Json::object([
        ("name", Json::string("Error")),
        ("message", Json::string("not yet")),
    ]);
    op("StepError", step, vec![("error", error)])
}

pub fn planned(step: &str, mode: ParallelMode) -> Json {
    with_mode(op("StepPlanned", step, Vec::new()), mode)
}

/// The op of a step that the server is to do something for.
pub fn of_work(run: RunId, step: &Step, programs: &[Program]) -> Json {
    let id = step.id.as_str();
    let text = |seconds: u64| Json::string(&format!("{seconds}s"));
    let with_opts =
        |code, opts: Vec<(&'static str, Json)>| op(code, id, vec![("opts", Json::object(opts))]);
    match &step.work {
        Work::Run { .. } => planned(id, ParallelMode::Join),
        Work::Sleep { seconds: 0 } => op("Sleep", id, vec![("name", Json::string(""))]),
        Work::Sleep { seconds } => op("Sleep", id, vec![("name", text(*seconds))]),
        Work::WaitForEvent { condition, seconds } => {
            let mut opts = vec![("event", Json::string(NEWS)), ("timeout", text(*seconds))];
            opts.extend(condition.text().map(|text| ("if", Json::string(&text))));
            with_opts("WaitForEvent", opts)
        }
        Work::WaitForSignal { seconds } => {
            let name = Json::string(&signal_name(run, id));
            let opts = vec![("signal", name), ("timeout", text(*seconds))];
            with_opts("WaitForSignal", opts)
        }
        Work::Invoke { program, seconds } => {
            let key = invocation_key(run, id);
            let bits = run.to_bytes()[15];
            let topic = usize::from(bits) % TOPICS;
            let data = Json::object([
                ("key", Json::string(&key)),
                ("topic", Json::string(&format!("t{topic}"))),
                ("rank", Json::integer(rank(u64::from(bits)))),
            ]);
            let mut opts = vec![
                ("function_id", Json::string(&programs[*program].slug())),
                ("payload", Json::object([("data", data)])),
            ];
            opts.extend(seconds.map(|seconds| ("timeout", text(seconds))));
            with_opts("InvokeFunction", opts)
        }
        Work::Fetch { refused } => {
            let url = origin::url(run, id, *refused);
            let opts = vec![("url", Json::string(&url)), ("method", Json::string("GET"))];
            with_opts("Gateway", opts)
        }
    }
}

/// The op of a member of such a group.
pub fn with_mode(op: Json, mode: ParallelMode) -> Json {
    if mode == ParallelMode::Join {
        return op;
    }
    let race = ("parallelMode".to_owned(), Json::string("race"));
    let opts = op.member("opts").unwrap_or_else(|| Json::object([]));
    let opts: Vec<_> = opts.members().chain([race]).collect();
    let opts = Json::object(opts.iter().map(|(name, value)| (&**name, value.clone())));
    let members: Vec<_> = op.members().collect();
    let members = members.iter().map(|(name, value)| (&**name, value.clone()));
    Json::object(members.chain([("opts", opts)]))
}
