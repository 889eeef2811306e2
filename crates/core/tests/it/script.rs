//! The language of the scripts.
//!
//! | line | input |
//! |---|---|
//! | `event NAME [in DURATION] [id=ID] [DATA]` | an event is received; its `ts` may lie in the future |
//! | `bulk N NAME [pad=BYTES] [id=ID] [DATA]` | so many events are received in one request, padded with a text |
//! | `ops JOB [v=N] [no-retry=B] [retry-in=D] JSON` | a call is answered with ops |
//! | `output JOB JSON` | a call is answered with the function's result |
//! | `error JOB [no-retry=B] [retry-in=D] MESSAGE` | a call is answered with an error |
//! | `checkpoint JOB [gen=N] JSON` | an app reports steps |
//! | `start METHOD PATH [retries=N] JSON` | an app starts a run that it executes itself |
//! | `start-again RUN METHOD PATH JSON` | the same with an id that is taken |
//! | `steps RUN JSON` | the app reports how it goes on |
//! | `response JOB STATUS BODY` | a request of a step is answered |
//! | `no-response JOB [no-retry] CAUSE` | it is not |
//! | `signal NAME DATA` | a client sends a signal |
//! | `note RUN[/STEP] UPDATES` | a client notes metadata of a run or a step |
//! | `cancel RUN` | a client cancels a run |
//! | `invoke FUNCTION [DATA]` | a client starts a function |
//! | `wait DURATION` | time passes, with a wake-up at each time that the shard asks for |
//! | `stall DURATION` | time passes without one |
//! | `add FUNCTION` | the app syncs with a further function |
//! | `remove FUNCTION` | the app syncs without the function |
//! | `archive` | someone removes the app |
//! | `sync` | the app syncs as it did before |
//! | `change FUNCTION@VARIANT` | the app syncs with another variant of the function |
//! | `pause FUNCTION skip\|queue finish\|hold` | someone pauses a function |
//! | `resume FUNCTION` | and lets it go on |
//! | `override FUNCTION LIMIT[:KEY] VALUE [for DURATION]` | someone sets a limit beside the code |
//! | `restore FUNCTION LIMIT[:KEY]` | and lets that of the code be in force again |
//! | `declare NAME EXPRESSION` | someone declares an attribute |
//! | `forget NAME` | and deletes it |
//! | `fire` | the debounce that was changed last fires now |
//! | `flush` | the batch that was opened last fires now |
//! | `release RUN` | what the run got last is taken from it |
//! | `control RUN cancel` | someone cancels a run |
//! | `control RUN skip-sleep\|time-out STEP` | a step does not wait any longer |
//! | `control RUN answer STEP PAYLOAD` | someone answers what a step waits for |
//! | `control RUN retry [STEP]` | what failed is tried again now |
//! | `rerun RUN [from STEP [INPUT]]` | someone runs a run once more |
//! | `rerun RUN failure` | with the steps that succeeded |
//! | `replay RUN` | the same whole, as part of the one bulk operation |
//! | `away JOB [retry-in=D] unreachable\|overloaded` | a call does not get through to the app |
//! | `slots N` | from the next restart on, N calls may be in flight, and N - 1 jobs that make no call |
//! | `slow` | runs that are loaded from now on were read, but do not arrive |
//! | `arrive` | they arrive as they were when they were read |
//! | `restart` | the shard is loaded anew from its rows |
//! | `crash INPUT` | what the input leads to is committed, then the process dies; then a restart |
//! | `show EVENT` | no input: prints the last event of this name |
//! | `# TEXT` | a comment |
//!
//! Runs are called R1, R2, … in the order in which they appear; a job is `R1-2`, and `R1-2/3` is
//! its third generation.

use everstep_protocol::time::parse_duration;

use crate::world::World;

pub(crate) fn play(script: &str) -> String {
    let mut world = World::new();
    let mut out = String::new();
    for line in script.lines().filter(|line| !line.starts_with('>')) {
        out.push_str(line);
        out.push('\n');
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        for effect in perform(&mut world, line) {
            out.push_str("> ");
            out.push_str(&effect);
            out.push('\n');
        }
    }
    out
}

fn perform(world: &mut World, line: &str) -> Vec<String> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "event" => world.event(rest),
        "bulk" => world.bulk(rest),
        "response" | "no-response" => world.request_ended(word, rest),
        "signal" => world.signal(rest),
        "note" => world.note(rest),
        "cancel" => world.cancel(rest),
        "invoke" => world.invoke(rest),
        "ops" | "output" | "error" => world.reply(word, rest),
        "start" => world.start_endpoint(rest),
        "start-again" => world.start_again(rest),
        "steps" => world.endpoint_steps(rest),
        "checkpoint" => world.checkpoint(rest),
        "wait" => world.wait(parse_duration(rest).unwrap()),
        "stall" => {
            world.stall(parse_duration(rest).unwrap());
            Vec::new()
        }
        "add" => world.add(rest),
        "remove" => world.remove(rest),
        "archive" => world.archive(),
        "sync" => world.sync(),
        "change" => world.change(rest),
        "pause" => world.pause(rest),
        "resume" => world.resume(rest),
        "override" => world.put_override(rest),
        "restore" => world.restore(rest),
        "declare" => world.declare(rest),
        "forget" => world.forget(rest),
        "fire" => world.fire(),
        "flush" => world.flush(),
        "release" => world.release(rest),
        "control" => world.control_run(rest),
        "rerun" => world.rerun(rest),
        "replay" => world.replay(rest),
        "away" => world.away(rest),
        "slots" => {
            world.set_slots(rest.parse().unwrap());
            Vec::new()
        }
        "slow" => {
            world.slow_down();
            Vec::new()
        }
        "arrive" => world.arrive(),
        "restart" => world.restart(),
        "crash" => {
            world.crash_next();
            let mut out = perform(world, rest);
            out.push("(dies)".to_owned());
            out.extend(world.restart());
            out
        }
        "show" => vec![world.show_event(rest)],
        _ => panic!("unknown line: {line}"),
    }
}

pub(crate) fn first_difference(expected: &str, actual: &str) -> String {
    let mut expected_lines = expected.lines();
    for (number, line) in actual.lines().enumerate() {
        let wanted = expected_lines.next().unwrap_or("(end)");
        if line != wanted {
            return format!(
                "  line {}\n  expected {wanted}\n  actual   {line}",
                number + 1
            );
        }
    }
    format!(
        "  expected more: {}",
        expected_lines
            .next()
            .unwrap_or("(only the end of the file differs)")
    )
}
