use std::sync::Mutex;

use everstep_core::record::RunStatus;
use everstep_protocol::{AppId, EventId, FunctionId, RunId, UserError};

use super::*;
use crate::apps::{Problem, ProblemCode};

const AT: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn run() -> RunId {
    RunId::from_parts(AT, 7)
}

fn function() -> FunctionId {
    FunctionId::derive(AppId::derive("shop"), "shop-pay")
}

fn names() -> Names {
    let names = Names::default();
    names.put_app(AppId::derive("shop"), "shop");
    names.put_function(function(), "shop-pay".into());
    names
}

/// A fact as text without colour, the time of day cut off each line.
fn text_of(fact: &Fact) -> String {
    let mut out = String::new();
    text::render(
        AT,
        fact,
        &names(),
        "http://localhost:8288/ui/r/",
        Paint { color: false },
        &mut out,
    );
    match fact {
        Fact::Start(_) => out,
        _ => out
            .lines()
            .map(|line| line.get(9..).unwrap_or(line))
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

fn json_of(fact: &Fact) -> serde_json::Value {
    let mut out = String::new();
    json::render(AT, fact, &names(), &mut out);
    assert_eq!(out.matches('\n').count(), 1, "one line: {out}");
    serde_json::from_str(&out).unwrap()
}

fn ended(status: RunStatus, error: Option<UserError>) -> Fact {
    Fact::Update(Update::RunEnded {
        run: run(),
        function: function(),
        status,
        started_at: Some(AT),
        ended_at: AT + Duration::from_millis(1234),
        steps: 3,
        error,
    })
}

fn attempt_failed(message: &str) -> Fact {
    Fact::Update(Update::AttemptFailed {
        run: run(),
        function: function(),
        step: Some("charge".to_owned()),
        attempt: 1,
        max_attempts: 4,
        retry_at: AT + Duration::from_secs(11),
        error: UserError::new("TypeError", message),
    })
}

#[test]
fn updates_are_lines() {
    let event = |runs| {
        Fact::Update(Update::EventReceived {
            event: EventId::from_parts(AT, 7),
            name: "app/user.created".to_owned(),
            runs,
        })
    };
    let id = run().to_string();
    let cases = [
        (event(2), format!("event  app/user.created  {id}  → 2 runs")),
        (event(1), format!("event  app/user.created  {id}  → 1 run")),
        (event(0), format!("event  app/user.created  {id}  → no run")),
        (
            ended(RunStatus::Completed, None),
            format!("run    ✓ shop-pay  1.2 s  3 steps  http://localhost:8288/ui/r/{id}"),
        ),
        (
            ended(RunStatus::Failed, Some(UserError::new("Error", "no money"))),
            format!("run    ✗ shop-pay  Error: no money  1.2 s  3 steps  http://localhost:8288/ui/r/{id}"),
        ),
        (
            attempt_failed("x is not a function"),
            "run    ✗ shop-pay  step \"charge\" attempt 1/4: TypeError: x is not a function (retry in 11.0 s)".to_owned(),
        ),
    ];
    for (fact, expected) in cases {
        assert_eq!(text_of(&fact), expected);
    }
}

#[test]
fn apps_are_lines() {
    let found = Fact::AppSynced {
        name: "shop".to_owned(),
        url: "http://localhost:3000/api/inngest".to_owned(),
        sdk: "js:v4.24.0".to_owned(),
        framework: Some("nextjs".to_owned()),
        functions: 7,
        is_new: true,
    };
    assert_eq!(
        text_of(&found),
        "app    ✓ shop found  http://localhost:3000/api/inngest  nextjs · js:v4.24.0 · 7 functions"
    );
    let problem = Fact::AppProblem {
        name: None,
        url: "http://localhost:3000/api/inngest".to_owned(),
        problem: Problem {
            code: ProblemCode::Unauthorized,
            message: "the app is in cloud mode".to_owned(),
            hint: Some("start the app with INNGEST_DEV=1".to_owned()),
        },
    };
    assert_eq!(
        text_of(&problem),
        "app    ✗ http://localhost:3000/api/inngest  unauthorized: the app is in cloud mode\n         → start the app with INNGEST_DEV=1"
    );
    let unsupported = Fact::Unsupported {
        app: "shop".to_owned(),
        features: vec!["throttle, ignored (shop-pay)".to_owned()],
    };
    assert_eq!(
        text_of(&unsupported),
        "app    ! shop uses what this version does not do yet: throttle, ignored (shop-pay)"
    );
}

#[test]
fn the_start_is_a_block() {
    let start = Start {
        version: "0.1.0",
        ready_in: Duration::from_millis(84),
        origin: "http://localhost:8289".to_owned(),
        dashboard: None,
        port_wanted: Some(8288),
        data: ".everstep/everstep.db".to_owned(),
        app_variable: "INNGEST_DEV=http://localhost:8289".to_owned(),
        search: "looking for them".to_owned(),
    };
    let expected = "
  everstep 0.1.0  dev  ready in 84 ms

  Server     http://localhost:8289
  Events     http://localhost:8289/e/<any key>
  Data       .everstep/everstep.db
  Apps       looking for them
             port 8288 was in use

  Your app needs INNGEST_DEV=http://localhost:8289

";
    assert_eq!(text_of(&Fact::Start(Box::new(start.clone()))), expected);
    let start = Start {
        dashboard: Some("http://localhost:8289/ui".to_owned()),
        ..start
    };
    let start = Fact::Start(Box::new(start));
    let row =
        "  Dashboard  http://localhost:8289/ui\n  Events     http://localhost:8289/e/<any key>\n";
    assert!(text_of(&start).contains(row), "{}", text_of(&start));
    let json = json_of(&start);
    assert_eq!(
        (json["message"].as_str(), json["url"].as_str()),
        (Some("server ready"), Some("http://localhost:8289"))
    );
}

#[test]
fn texts_of_users_do_not_steer_the_terminal() {
    let line = text_of(&attempt_failed("\x1b[2J\x1b]0;owned\x07 bad\r"));
    assert!(!line.chars().any(char::is_control), "{line:?}");
    let line = text_of(&attempt_failed(&format!(
        "{}\nsecond line",
        "x".repeat(1000)
    )));
    assert!(
        line.chars().count() < 300 && !line.contains("second"),
        "{line:?}"
    );
}

#[test]
fn json_has_the_same_facts() {
    let json = json_of(&attempt_failed("\x1b[2J"));
    assert_eq!(
        json,
        serde_json::json!({
            "timestamp": "2023-11-14T22:13:20.000Z",
            "level": "WARN",
            "target": "everstep",
            "message": "attempt failed",
            "run": run().to_string(),
            "function": "shop-pay",
            "step": "charge",
            "attempt": 1,
            "max_attempts": 4,
            "retry_at": "2023-11-14T22:13:31.000Z",
            "error": "TypeError: \u{1b}[2J",
        })
    );
    let json = json_of(&ended(RunStatus::Completed, None));
    assert_eq!(
        (json["status"].as_str(), json["duration_ms"].as_u64()),
        (Some("Completed"), Some(1234))
    );
}

#[test]
fn colours_are_asked_for() {
    let mut out = String::new();
    text::render(
        AT,
        &ended(RunStatus::Completed, None),
        &names(),
        "",
        Paint { color: true },
        &mut out,
    );
    assert!(out.contains("\x1b[32m✓\x1b[0m"), "{out:?}");
}

/// A terminal that the test can read.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn shown(detail: Detail) -> String {
    let screen = Screen::default();
    let console = Console::start(
        screen.clone(),
        Format::Text { color: false },
        detail,
        Arc::new(names()),
        String::new(),
    );
    console.tell(Fact::Notice("hello".to_owned()));
    console.tell(Fact::Update(Update::RunStarted {
        run: run(),
        function: function(),
    }));
    console.tell(attempt_failed("bad"));
    console.flush().await;
    let bytes = screen.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn detail_chooses_the_facts() {
    let problems = shown(Detail::Problems).await;
    assert!(
        problems.contains("attempt 1/4") && !problems.contains("hello") && !problems.contains('▸'),
        "{problems}"
    );
    let normal = shown(Detail::Normal).await;
    assert!(
        normal.contains("hello") && !normal.contains('▸'),
        "{normal}"
    );
    assert!(shown(Detail::Everything).await.contains("▸ shop-pay"));
}

#[test]
fn an_app_that_is_away_is_called_by_its_name() {
    let app = AppId::derive("shop");
    let away = Fact::Update(Update::AppUnavailable {
        app,
        error: Some(UserError::new("Error", "connection refused")),
    });
    let says = "✗ shop gets no calls: ";
    assert!(text_of(&away).contains(says), "{}", text_of(&away));
    assert_eq!(json_of(&away)["app"], "shop");
    let back = Fact::Update(Update::AppAvailable { app });
    assert!(text_of(&back).contains("✓ shop answers again"));
    // One that nobody has named is not silent.
    let app = AppId::derive("unheard of");
    let away = Fact::Update(Update::AppUnavailable { app, error: None });
    assert!(text_of(&away).contains(&app.to_string()));
}

/// A terminal that has stopped until it is let go.
struct Stuck(std::sync::mpsc::Receiver<()>, Screen);

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = self.0.recv();
        self.1.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_terminal_that_has_stopped_holds_nobody_up() {
    let (go, gate) = std::sync::mpsc::channel();
    let screen = Screen::default();
    let sink = Stuck(gate, screen.clone());
    let console = Console::start(
        sink,
        Format::Text { color: false },
        Detail::Normal,
        Arc::new(names()),
        String::new(),
    );
    for n in 0..3 * WAITING_MAX {
        console.tell(Fact::Notice(n.to_string()));
    }
    drop(go);
    console.flush().await;
    let text = String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains("lines left out"),
        "{} lines",
        text.lines().count()
    );
}

#[tokio::test]
async fn missed_updates_are_counted() {
    let (updates, behind) = broadcast::channel(2);
    for _ in 0..5 {
        updates
            .send(Update::AppSynced {
                app: AppId::derive("shop"),
                modified: false,
            })
            .unwrap();
    }
    drop(updates);
    let screen = Screen::default();
    let console = Console::start(
        screen.clone(),
        Format::Text { color: false },
        Detail::Normal,
        Arc::new(names()),
        String::new(),
    );
    console.clone().follow(behind).await;
    console.flush().await;
    let text = String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("… 3 lines left out"), "{text:?}");
}
