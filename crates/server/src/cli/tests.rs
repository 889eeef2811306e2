mod docs;

use std::time::Duration;

use everstep_core::retry::RetryPolicy;

use super::*;
use crate::console::{Detail, Format};
use crate::dev::{Data, DevConfig};
use crate::listen::{Host, IfTaken};

fn parsed(line: &str, variables: &[&str]) -> Result<Command, Exit> {
    let arguments = std::iter::once("everstep")
        .chain(line.split_whitespace())
        .map(OsString::from);
    let environment: Vec<_> = variables
        .iter()
        .map(|name| (OsString::from(*name), OsString::from("x")))
        .collect();
    parse_from(arguments, &environment)
}

fn dev(line: &str) -> Result<DevConfig, Exit> {
    match parsed(&format!("dev {line}"), &[])? {
        Command::Dev(args) => args.into_config(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_definition_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn defaults_are_those_of_the_inngest_cli_but_for_data_and_calls() {
    let config = dev("").unwrap();
    assert_eq!((config.port, config.if_taken), (8288, IfTaken::TryNext));
    assert_eq!(config.host, Host::Loopback);
    assert!(config.discovery.is_some() && config.poll && config.urls.is_empty());
    assert_eq!(config.poll_interval, Duration::from_secs(5));
    assert_eq!(config.retry, RetryPolicy::Backoff);
    // An app alone may have a fifth of them.
    assert_eq!(config.calls_in_flight_max, 500);
    assert_eq!(config.calls_per_app_max, 100);
    assert_eq!(config.data, Data::Folder(".everstep".into()));
    assert_eq!(config.detail, Detail::Normal);
}

#[test]
fn flags_of_the_inngest_cli_are_taken() {
    let config = dev(
        "-u http://127.0.0.1:3000/api/inngest -u localhost:3001/x -p 9000 --host 0.0.0.0 --no-poll \
         --poll-interval 60 --retry-interval 7 --queue-workers 3 --app-workers 2 --tick 150 --persist --sqlite-dir /tmp/x --json -v \
         -l DEBUG --strict-port",
    )
    .unwrap();
    let urls: Vec<_> = config.urls.iter().map(|url| url.as_str()).collect();
    assert_eq!(
        urls,
        [
            "http://localhost:3000/api/inngest",
            "http://localhost:3001/x"
        ]
    );
    assert!(config.discovery.is_none(), "URLs turn discovery off");
    assert!(!config.poll);
    assert_eq!((config.port, config.if_taken), (9000, IfTaken::Fail));
    assert_eq!(config.host, Host::Named("0.0.0.0".to_owned()));
    assert_eq!(config.retry, RetryPolicy::Fixed(Duration::from_secs(7)));
    assert_eq!(config.calls_in_flight_max, 3);
    assert_eq!(config.calls_per_app_max, 2);
    assert_eq!(config.data, Data::Folder("/tmp/x".into()));
    assert_eq!(
        (config.format, config.level),
        (Format::Json, LogLevel::Debug)
    );
    let notices = config.notices.join("\n");
    assert!(
        notices.contains("--tick has no effect") && notices.contains("--persist has no effect"),
        "{notices}"
    );
}

#[test]
fn nonsense_is_a_usage_or_a_configuration_error() {
    for (line, code) in [
        ("--port 70000", 2),
        ("--poll-interval 0", 2),
        ("--queue-workers 0", 2),
        ("--app-workers 0", 2),
        ("--ephemeral --persist", 2),
        ("--quiet --verbose", 2),
        ("--no-such-flag", 2),
        ("--log-level loud", 2),
        ("-u ftp://localhost/x", 78),
        ("-u ws://localhost/x", 78),
        ("-u http://", 78),
        ("-u http://me:secret@localhost/x", 78),
    ] {
        assert_eq!(dev(line).unwrap_err().code(), code, "{line}");
    }
    assert_eq!(parsed("", &[]).unwrap_err().code(), 2);
    assert_eq!(
        parsed("start", &[]).unwrap_err().code(),
        2,
        "there is no such command yet"
    );
    assert_eq!(parsed("--version", &[]).unwrap_err().code(), 0);
}

#[test]
fn every_flag_of_dev_has_its_variables() {
    let command = env::bind(Cli::command(), &[("EVERSTEP_PORT".into(), "1".into())]);
    let dev = command.find_subcommand("dev").unwrap();
    for arg in dev.get_arguments().filter(|arg| arg.get_id() != "help") {
        let flag = arg.get_long().unwrap().to_uppercase().replace('-', "_");
        let prefix = if flag == "PORT" {
            "EVERSTEP"
        } else {
            "INNGEST"
        };
        assert_eq!(
            arg.get_env().unwrap().to_str().unwrap(),
            format!("{prefix}_{flag}")
        );
    }
}

#[test]
fn an_unknown_variable_of_ours_is_an_error_with_a_suggestion() {
    let exit = parsed(
        "dev",
        &["PATH", "INNGEST_DEV", "INNGEST_WHATEVER", "EVERSTEP_PROT"],
    )
    .unwrap_err();
    assert_eq!(exit.code(), 78);
    assert_eq!(
        exit.message(),
        Some("environment variable EVERSTEP_PROT is not known (did you mean EVERSTEP_PORT?)")
    );
    assert!(parsed("dev", &["EVERSTEP_URL", "INNGEST_DEV"]).is_ok());
}

#[test]
fn history_is_kept_for_a_month_unless_told_otherwise() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let month = Some(30 * DAY);
    let kept = dev("").unwrap().retention;
    assert_eq!((kept.runs, kept.events, kept.traces), (month, month, month));
    assert_eq!(kept.size, None);
    let kept = dev(
        "--retention-runs 90d --retention-events never --retention-traces 12h --retention-size 10GB",
    );
    let kept = kept.unwrap().retention;
    assert_eq!((kept.runs, kept.events), (Some(90 * DAY), None));
    assert_eq!(
        (kept.traces, kept.size),
        (Some(DAY / 2), Some(10_000_000_000))
    );
    let mebi = dev("--retention-size 512MiB").unwrap().retention.size;
    assert_eq!(mebi, Some(512 << 20));
}

#[test]
fn retention_that_makes_no_sense_is_refused() {
    for (flag, says) in [
        ("--retention-runs 59m", "at least one hour"),
        ("--retention-events soon", "a duration such as 30d"),
        ("--retention-traces 0", "at least one hour"),
        ("--retention-size 9MB", "at least 10MB"),
        ("--retention-size 10", "a size such as"),
        ("--retention-size 10XB", "a size such as"),
        ("--retention-size 99999999999999TB", "a size such as"),
    ] {
        let error = dev(flag).unwrap_err();
        let text = format!("{error:?}");
        assert!(text.contains(says), "{flag}: {text}");
    }
}

#[test]
fn the_format_of_the_log_has_two_names() {
    for line in ["--json", "--log-format json", "--log-format JSON"] {
        assert_eq!(dev(line).unwrap().format, Format::Json, "{line}");
    }
    for line in ["", "--log-format text"] {
        assert_ne!(dev(line).unwrap().format, Format::Json, "{line}");
    }
    dev("--json --log-format text").unwrap_err();
    dev("--log-format xml").unwrap_err();
}
