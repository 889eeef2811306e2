use serde_json::json;

use super::column::{Look, span};
use super::*;

const COLUMNS: &[Column] = &[
    Column::new("id", "/id", Kind::Text),
    Column::new("status", "/status", Kind::Status),
    Column::new("took", "/durationMs", Kind::Millis),
    Column::new("queued", "/queuedAt", Kind::Time),
    Column::new("app", "/app/id", Kind::Text).extra(),
];

fn printer(output: Output, columns: &[&str]) -> Printer {
    Printer {
        output,
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        has_header: true,
        is_colored: false,
        is_quiet: true,
        look: look(TimeStyle::Relative),
    }
}

fn look(time: TimeStyle) -> Look {
    Look {
        time,
        zone: jiff::tz::TimeZone::UTC,
        now: "2026-11-28T12:00:00Z".parse().unwrap(),
    }
}

fn rows() -> Vec<Value> {
    vec![
        json!({ "id": "01A", "status": "COMPLETED", "durationMs": "1234", "queuedAt": "2026-11-28T11:55:30Z", "app": { "id": "shop" } }),
        json!({ "id": "01B", "status": "RUNNING", "queuedAt": "2026-11-28T12:00:09.5Z", "note": "two\nlines, \"quoted\"" }),
    ]
}

fn table(columns: &[&str]) -> String {
    let printer = printer(Output::Table, columns);
    let chosen = printer.chosen(COLUMNS).unwrap();
    table::list(&rows(), &chosen, true, false, &printer.look)
}

#[test]
fn a_table_has_a_line_for_each_row_and_no_spaces_at_their_ends() {
    assert_eq!(
        table(&[]),
        "ID   STATUS     TOOK  QUEUED\n\
         01A  completed  1.2s  4m ago\n\
         01B  running          in 9s\n"
    );
}

#[test]
fn columns_are_chosen_by_name_or_by_pointer() {
    assert_eq!(
        table(&["app", "/note"]),
        "APP   /NOTE\n\
         shop\n      two lines, \"quoted\"\n"
    );
    let exit = printer(Output::Table, &["aap"])
        .chosen(COLUMNS)
        .unwrap_err();
    assert_eq!(exit.code(), 2);
    assert!(
        exit.message()
            .unwrap()
            .contains("choose from id, status, took, queued, app")
    );
}

#[test]
fn csv_has_what_the_api_says_and_is_quoted() {
    let printer = printer(Output::Csv, &["id", "took", "/note"]);
    let columns = printer.chosen(COLUMNS).unwrap();
    assert_eq!(
        printer.csv(&rows(), &columns).unwrap(),
        "id,took,/note\n01A,1234,\n01B,,\"two\nlines, \"\"quoted\"\"\"\n"
    );
}

#[test]
fn times_are_relative_absolute_or_numbers() {
    let time = "2026-11-28T09:59:59.25Z";
    for (style, text) in [
        (TimeStyle::Relative, "2h ago"),
        (TimeStyle::Iso, "2026-11-28T09:59:59.250+00:00"),
        (TimeStyle::Unix, "1795859999250"),
    ] {
        assert_eq!(look(style).time(time), text);
    }
    for (time, text) in [
        ("2026-11-28T11:59:59Z", "1s ago"),
        ("2026-11-28T11:59:59.001Z", "now"),
        ("2026-11-28T12:00:00.999Z", "now"),
        ("2026-11-28T12:00:01Z", "in 1s"),
    ] {
        assert_eq!(look(TimeStyle::Relative).time(time), text);
    }
    assert_eq!(look(TimeStyle::Iso).time("never"), "never");
}

#[test]
fn spans_have_two_units_at_most() {
    for (ms, text) in [
        (0, "0ms"),
        (999, "999ms"),
        (1_000, "1.0s"),
        (59_999, "59.9s"),
        (60_000, "1m 00s"),
        (3_599_000, "59m 59s"),
        (3_600_000, "1h 00m"),
        (90_000_000, "1d 1h"),
    ] {
        assert_eq!(span(ms), text);
    }
}
