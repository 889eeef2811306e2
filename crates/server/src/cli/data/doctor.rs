//! `everstep doctor`: what stands in the way, and what to do about it.

mod environment;

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::apps;
use crate::cli::client::{ClientArgs, Feed, Query, Rows, Session};
use crate::cli::print::{Column, Kind};
use crate::cli::{Exit, VERSION};

const COLUMNS: &[Column] = &[
    Column::new("check", "/check", Kind::Text),
    Column::new("status", "/status", Kind::Status),
    Column::new("detail", "/detail", Kind::Text),
    Column::new("fix", "/fix", Kind::Text),
];
/// Clocks that differ by less are said to be the same.
const SKEW_MAX: Duration = Duration::from_secs(2);
/// Within this time the live feed has said its first words, unless something holds them back.
const FEED_PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// Look at what is at this URL, too, as if it were to be synced; repeat for more
    #[arg(short = 'u', long, value_name = "URL", value_delimiter = ',')]
    sdk_url: Vec<String>,
}

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    check: String,
    status: Status,
    detail: String,
    fix: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Ok,
    /// Something may not be what one thinks it is.
    Warning,
    /// Something does not work.
    Problem,
}

impl Finding {
    fn new(check: &str, status: Status, detail: impl Into<String>) -> Self {
        Self {
            check: check.to_owned(),
            status,
            detail: detail.into(),
            fix: None,
        }
    }

    fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    fn line(&self) -> String {
        let mark = match self.status {
            Status::Ok => '✓',
            Status::Warning => '!',
            Status::Problem => '✗',
        };
        let line = format!("{mark} {:<12} {}", self.check, self.detail);
        match &self.fix {
            Some(fix) => format!("{line}\n  {:<12} → {fix}", ""),
            None => line,
        }
    }

    fn json(&self) -> Value {
        let status = match self.status {
            Status::Ok => "OK",
            Status::Warning => "WARNING",
            Status::Problem => "PROBLEM",
        };
        json!({ "check": self.check, "status": status, "detail": self.detail, "fix": self.fix })
    }
}

impl DoctorArgs {
    pub(in crate::cli) async fn run(self) -> Result<(), Exit> {
        let urls = self.sdk_url;
        self.client
            .run(async |session| {
                let findings = look(session, &urls).await?;
                tell(session, &findings)
            })
            .await
    }
}

fn tell(session: &Session, findings: &[Finding]) -> Result<(), Exit> {
    if session.printer.is_table() {
        let lines: Vec<_> = findings.iter().map(Finding::line).collect();
        session.printer.said(&Value::Null, &lines.join("\n"))?;
    } else {
        let rows = findings.iter().map(Finding::json).collect();
        session.printer.rows(&Rows::all(rows), COLUMNS)?;
    }
    let problems = findings.iter().filter(|it| it.status == Status::Problem);
    match problems.count() {
        0 => Ok(()),
        1 => Err(Exit::failed("there is a problem")),
        count => Err(Exit::failed(format!("there are {count} problems"))),
    }
}

async fn look(session: &Session, urls: &[String]) -> Result<Vec<Finding>, Exit> {
    let mut findings = environment::look(session.api.base(), |name| std::env::var(name).ok());
    let dev = match session.api.get(&["dev"], Query::default()).await {
        Ok(dev) if dev["version"].is_string() => dev,
        Ok(_) => {
            findings.push(another_server(
                session,
                "what answers is no Everstep server",
            ));
            return Ok(findings);
        }
        Err(exit) => {
            findings.push(no_server(session, &exit));
            return Ok(findings);
        }
    };
    findings.push(server(session, &dev));
    findings.push(store(session, &dev).await);
    findings.push(clock(session).await?);
    findings.push(feed(session).await);
    findings.extend(registered(session).await?);
    for url in urls {
        findings.push(probed(session, url).await?);
    }
    Ok(findings)
}

fn no_server(session: &Session, exit: &Exit) -> Finding {
    let detail = exit.message().unwrap_or_default();
    match exit.is_unreachable() {
        true => Finding::new("server", Status::Problem, detail)
            .fix("start one with `everstep dev`, or say with --url where it is"),
        false => another_server(session, detail),
    }
}

fn another_server(session: &Session, detail: &str) -> Finding {
    Finding::new("server", Status::Problem, detail).fix(format!(
        "something else answers at {}: say with --url where the server is, or start it at another \
         port with `everstep dev --port`",
        session.api.base()
    ))
}

fn server(session: &Session, dev: &Value) -> Finding {
    let version = dev["version"].as_str().unwrap_or("unknown");
    let detail = format!("{} is Everstep {version}", session.api.base());
    match version == VERSION {
        true => Finding::new("server", Status::Ok, detail),
        false => Finding::new(
            "server",
            Status::Warning,
            format!("{detail}, this is {VERSION}"),
        )
        .fix("use the same version of both"),
    }
}

async fn store(session: &Session, dev: &Value) -> Finding {
    let path = ["v2", "system", "storage"];
    let answer = match session.api.get(&path, Query::default()).await {
        Ok(answer) => answer,
        Err(exit) => {
            let detail = exit.message().unwrap_or_default();
            return Finding::new("store", Status::Problem, detail).fix("see the server's log");
        }
    };
    let used = answer["data"]["usedBytes"].as_u64().unwrap_or_default();
    let options = &dev["startOpts"];
    let place = match options["persist"].as_bool() {
        Some(true) => options["sqlite_dir"].as_str().unwrap_or("a file"),
        _ => "memory: it is gone when the server stops",
    };
    let detail = format!("{used} bytes in {place}");
    Finding::new("store", Status::Ok, detail)
}

async fn clock(session: &Session) -> Result<Finding, Exit> {
    let asked = jiff::Timestamp::now();
    let answer = session.api.get(&["v2", "health"], Query::default()).await?;
    let answered = jiff::Timestamp::now();
    let Some(theirs) = answer["metadata"]["fetchedAt"]
        .as_str()
        .and_then(|text| text.parse().ok())
    else {
        return Ok(Finding::new(
            "clock",
            Status::Warning,
            "the server does not say the time",
        ));
    };
    let skew = skew(asked, answered, theirs);
    Ok(match skew > SKEW_MAX {
        false => Finding::new("clock", Status::Ok, "the same here and there"),
        true => Finding::new(
            "clock",
            Status::Warning,
            format!("it differs from the server's by {} s", skew.as_secs()),
        )
        .fix("let both machines take their time from the network"),
    })
}

/// How far a clock is from the time in which it was read.
fn skew(asked: jiff::Timestamp, answered: jiff::Timestamp, theirs: jiff::Timestamp) -> Duration {
    let before = asked.duration_since(theirs);
    let after = theirs.duration_since(answered);
    Duration::try_from(before.max(after)).unwrap_or(Duration::ZERO)
}

async fn feed(session: &Session) -> Finding {
    let opened = tokio::time::timeout(FEED_PATIENCE, Feed::open(session, "flow")).await;
    match opened {
        Ok(Ok(feed)) if feed.is_live() => Finding::new("live feed", Status::Ok, "it comes through"),
        Ok(Ok(_)) => Finding::new("live feed", Status::Warning, "the server has none"),
        Ok(Err(exit)) => Finding::new(
            "live feed",
            Status::Warning,
            exit.message().unwrap_or_default(),
        ),
        Err(_) => Finding::new("live feed", Status::Warning, "nothing comes through")
            .fix("let the proxy before the server pass on what it gets of /v2/live at once"),
    }
}

async fn registered(session: &Session) -> Result<Vec<Finding>, Exit> {
    let apps = apps::all(session).await?.rows;
    if apps.is_empty() {
        let base = session.api.base().as_str().trim_end_matches('/');
        let fix = format!("start your app with INNGEST_DEV={base}, or use `everstep apps add URL`");
        return Ok(vec![
            Finding::new("apps", Status::Warning, "there is none").fix(fix),
        ]);
    }
    Ok(apps.iter().map(app).collect())
}

fn app(app: &Value) -> Finding {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let sync = &app["latestSync"];
    let check = format!("app {}", text(&app["id"]));
    if sync["error"].is_null() {
        let functions = app["functionCount"].as_u64().unwrap_or_default();
        let detail = format!("{functions} functions at {}", text(&sync["url"]));
        return Finding::new(&check, Status::Ok, detail);
    }
    problem(&check, &sync["error"])
}

async fn probed(session: &Session, url: &str) -> Result<Finding, Exit> {
    let body = json!({ "url": url });
    let answer = session.api.post(&["v2", "apps", "probe"], &body).await?;
    let stages = answer["data"]["stages"].as_array();
    let failed = stages
        .into_iter()
        .flatten()
        .find(|it| it["status"] != "passed");
    Ok(match failed {
        None => Finding::new("probe", Status::Ok, format!("{url} can be synced")),
        Some(stage) => {
            let mut finding = problem("probe", &stage["error"]);
            finding.detail = format!("{url}: {}", finding.detail);
            finding
        }
    })
}

/// An error of the API about an app.
fn problem(check: &str, error: &Value) -> Finding {
    let message = error["message"].as_str().unwrap_or_default();
    let finding = Finding::new(check, Status::Problem, message);
    match error["hint"].as_str() {
        Some(hint) => finding.fix(hint),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_say_any_time_between_question_and_answer() {
        let at = |text: &str| format!("2026-11-29T12:00:{text}Z").parse().unwrap();
        for (theirs, off) in [("10", 0), ("12.5", 0), ("20", 0), ("07", 3), ("24", 4)] {
            let skew = skew(at("10"), at("20"), at(theirs));
            assert_eq!(skew, Duration::from_secs(off), "{theirs}");
        }
    }
}
