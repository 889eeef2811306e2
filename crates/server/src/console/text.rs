//! Facts as lines for people.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

use everstep_core::effect::Update;
use everstep_core::record::RunStatus;
use everstep_protocol::{Timestamp, UserError};
use jiff::tz::TimeZone;

use super::paint::Paint;
use super::{Fact, Names, Start};
use crate::apps::Problem;

/// Characters of an error message that are shown; the rest is in the API.
const MESSAGE_MAX: usize = 200;

pub(super) fn render(
    at: Timestamp,
    fact: &Fact,
    names: &Names,
    run_links: &str,
    paint: Paint,
    out: &mut String,
) {
    let mut line = |kind: &str, text: &str| {
        let time = paint.dim(&clock(at));
        // Writing to a string can't fail.
        let _ = writeln!(out, "{time} {} {text}", paint.dim(&format!("{kind:<6}")));
    };
    match fact {
        Fact::Start(start) => block(start, paint, out),
        Fact::AppSynced {
            name,
            url,
            sdk,
            framework,
            functions,
            is_new,
        } => {
            let what = if *is_new { "found" } else { "changed" };
            let about = [
                framework.as_deref().unwrap_or_default(),
                sdk,
                &count(*functions, "function"),
            ];
            let about: Vec<_> = about
                .into_iter()
                .filter(|part| !part.is_empty())
                .map(safe)
                .collect();
            let (sign, name) = (paint.green("✓"), paint.bold(&safe(name)));
            line(
                "app",
                &format!("{sign} {name} {what}  {}  {}", safe(url), about.join(" · ")),
            );
        }
        Fact::AppBack { name, url } => {
            let sign = paint.green("✓");
            line(
                "app",
                &format!(
                    "{sign} {} answers again  {}",
                    named(name.as_deref(), "the app", paint),
                    safe(url)
                ),
            );
        }
        Fact::AppProblem { name, url, problem } => {
            let Problem {
                code,
                message,
                hint,
            } = problem;
            let name = named(name.as_deref(), "", paint);
            let gap = if name.is_empty() { "" } else { "  " };
            line(
                "app",
                &format!(
                    "{} {name}{gap}{}  {}: {}",
                    paint.red("✗"),
                    safe(url),
                    code.as_str(),
                    safe(message)
                ),
            );
            if let Some(hint) = hint {
                line("", &format!("  {} {hint}", paint.yellow("→")));
            }
        }
        Fact::Unsupported { app, features } => {
            let list = features
                .iter()
                .map(|feature| safe(feature))
                .collect::<Vec<_>>()
                .join("; ");
            let (sign, app) = (paint.yellow("!"), paint.bold(&safe(app)));
            line(
                "app",
                &format!("{sign} {app} uses what this version does not do yet: {list}"),
            );
        }
        Fact::Update(update) => update_line(at, update, names, run_links, paint, line),
        Fact::Notice(text) => line("note", text),
        Fact::LeftOut { count } => line("note", &format!("… {count} lines left out")),
    }
}

fn update_line(
    at: Timestamp,
    update: &Update,
    names: &Names,
    run_links: &str,
    paint: Paint,
    mut line: impl FnMut(&str, &str),
) {
    match update {
        Update::EventReceived { event, name, runs } => {
            let runs = match runs {
                0 => paint.dim("→ no run"),
                runs => format!(
                    "→ {}",
                    count(usize::try_from(*runs).unwrap_or(usize::MAX), "run")
                ),
            };
            line(
                "event",
                &format!(
                    "{}  {}  {runs}",
                    paint.bold(&safe(name)),
                    paint.dim(&event.to_string())
                ),
            );
        }
        Update::RunStarted { run, function } => {
            line(
                "run",
                &format!(
                    "▸ {}  {}",
                    paint.bold(&safe(&names.function(*function))),
                    paint.dim(&run.to_string())
                ),
            );
        }
        Update::RunEnded {
            run,
            function,
            status,
            started_at,
            ended_at,
            steps,
            error,
        } => {
            let sign = match status {
                RunStatus::Completed => paint.green("✓"),
                RunStatus::Failed => paint.red("✗"),
                RunStatus::Cancelled | RunStatus::Skipped => paint.yellow("-"),
                RunStatus::Queued | RunStatus::Running => "?".to_owned(),
            };
            let took = ended_at.since(started_at.unwrap_or(*ended_at));
            let steps = count(usize::try_from(*steps).unwrap_or(usize::MAX), "step");
            let link = paint.dim(&format!("{run_links}{run}"));
            let name = paint.bold(&safe(&names.function(*function)));
            let error = error
                .as_ref()
                .map_or_else(String::new, |error| format!("  {}", describe(error)));
            line(
                "run",
                &format!("{sign} {name}{error}  {}  {steps}  {link}", span(took)),
            );
        }
        Update::AttemptFailed {
            function,
            step,
            attempt,
            max_attempts,
            retry_at,
            error,
            ..
        } => {
            let step = step
                .as_ref()
                .map_or_else(String::new, |step| format!("step \"{}\" ", safe(step)));
            let retry = format!("(retry in {})", span(retry_at.since(at)));
            let name = paint.bold(&safe(&names.function(*function)));
            let sign = paint.yellow("✗");
            let error = describe(error);
            line(
                "run",
                &format!(
                    "{sign} {name}  {step}attempt {attempt}/{max_attempts}: {error} {}",
                    paint.dim(&retry)
                ),
            );
        }
        Update::AppSynced { app, modified } => {
            let what = if *modified { "changed" } else { "unchanged" };
            let name = paint.bold(&safe(&names.app(*app)));
            line("app", &format!("{name} synced, {what}"));
        }
        Update::AppUnavailable { app, error } => {
            let name = names.app(*app);
            line("app", &unavailable(&name, error.as_ref(), paint));
        }
        Update::AppAvailable { app } => {
            let (sign, name) = (paint.green("✓"), paint.bold(&safe(&names.app(*app))));
            line("app", &format!("{sign} {name} answers again"));
        }
    }
}

fn unavailable(name: &str, error: Option<&UserError>, paint: Paint) -> String {
    format!(
        "{} {} gets no calls: {} {}",
        paint.yellow("✗"),
        paint.bold(&safe(name)),
        error.map_or_else(String::new, describe),
        paint.dim("(its runs wait, and lose no attempts)")
    )
}

fn block(start: &Start, paint: Paint, out: &mut String) {
    let Start {
        version,
        ready_in,
        origin,
        dashboard,
        port_wanted,
        data,
        app_variable,
        search,
    } = start;
    let ready = paint.dim(&format!("ready in {} ms", ready_in.as_millis()));
    let _ = writeln!(
        out,
        "\n  {} {version}  dev  {ready}\n",
        paint.bold("everstep")
    );
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(out, "  {}{value}", paint.dim(&format!("{name:<11}")));
    };
    match dashboard {
        Some(url) => row("Dashboard", url),
        None => row("Server", origin),
    }
    row("Events", &format!("{origin}/e/<any key>"));
    row("Data", data);
    row("Apps", search);
    if let Some(port) = port_wanted {
        row("", &paint.yellow(&format!("port {port} was in use")));
    }
    let _ = writeln!(out, "\n  Your app needs {}\n", paint.bold(app_variable));
}

fn named(name: Option<&str>, otherwise: &str, paint: Paint) -> String {
    name.map_or_else(|| otherwise.to_owned(), |name| paint.bold(&safe(name)))
}

fn describe(error: &UserError) -> String {
    let line = error.message.lines().next().unwrap_or_default();
    let mut message: String = line.chars().take(MESSAGE_MAX).collect();
    if message.len() < line.len() {
        message.push('…');
    }
    format!("{}: {}", safe(&error.name), safe(&message))
}

/// Texts of users must not steer the terminal.
fn safe(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) {
        Cow::Owned(
            text.chars()
                .map(|c| if c.is_control() { '\u{fffd}' } else { c })
                .collect(),
        )
    } else {
        Cow::Borrowed(text)
    }
}

fn count(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// A duration with the two digits that matter.
fn span(duration: Duration) -> String {
    let ms = duration.as_millis();
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{:.1} s", duration.as_secs_f64()),
        60_000..3_600_000 => format!("{}m {}s", ms / 60_000, ms / 1_000 % 60),
        _ => format!("{}h {}m", ms / 3_600_000, ms / 60_000 % 60),
    }
}

/// The time of day where the terminal is.
fn clock(at: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(at.as_millis()) {
        Ok(at) => at
            .to_zoned_datetime(TimeZone::system())
            .strftime("%H:%M:%S")
            .to_string(),
        Err(_) => "??:??:??".to_owned(),
    }
}
