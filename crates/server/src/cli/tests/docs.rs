//! `docs/cli.md` says what there is. What follows from the definition is written by this test when
//! `UPDATE_DOCS` is set.

use std::path::Path;

use clap::{Arg, CommandFactory};

use super::*;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md");

#[test]
fn the_page_has_every_command_and_every_flag_that_many_have() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let mut expected = page.clone();
    for (name, rows) in [("commands", commands()), ("flags", flags())] {
        let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let from = expected.find(&start).expect("the block begins") + start.len();
        let until = expected.find(&end).expect("the block ends");
        expected.replace_range(from..until, &rows);
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(Path::new(PAGE), &expected).unwrap();
        return;
    }
    assert!(
        page == expected,
        "docs/cli.md is old: UPDATE_DOCS=1 cargo test -p everstep-server --lib docs brings it up to date"
    );
}

#[test]
fn the_page_has_every_exit_code() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let codes: Vec<u8> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok())
        .collect();
    let exits = [
        Exit::failed(""),
        Exit::usage(""),
        Exit::not_found(""),
        Exit::not_allowed(""),
        Exit::unreachable(""),
        Exit::conflict(""),
        Exit::partial(""),
        Exit::timed_out(""),
        Exit::run_failed(""),
        Exit::run_cancelled(""),
        Exit::unavailable(""),
        Exit::cannot_create(""),
        Exit::bad_config(""),
        Exit::signalled(2),
        Exit::signalled(15),
    ];
    let expected: Vec<u8> = [0]
        .into_iter()
        .chain(exits.iter().map(Exit::code))
        .collect();
    assert_eq!(codes, expected);
}

/// With the names of values, which are made when it is used.
fn definition() -> clap::Command {
    let mut command = Cli::command();
    command.build();
    command
}

/// A row for each command that has no commands of its own.
fn commands() -> String {
    let mut rows = "| command | what it does |\n|---|---|\n".to_owned();
    list(&definition(), "everstep", &mut rows);
    rows
}

fn list(command: &clap::Command, path: &str, rows: &mut String) {
    let has_commands = command.has_subcommands();
    if !has_commands || (path != "everstep" && !command.is_subcommand_required_set()) {
        let arguments: String = command
            .get_positionals()
            .map(|argument| format!(" {argument}"))
            .collect();
        let about = command
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default();
        rows.push_str(&format!("| `{path}{arguments}` | {about} |\n"));
    }
    for below in command.get_subcommands() {
        list(below, &format!("{path} {}", below.get_name()), rows);
    }
}

/// A row for each flag of all commands that talk to a server.
fn flags() -> String {
    let command = definition();
    let status = command
        .find_subcommand("status")
        .expect("it talks to a server");
    let rows = status.get_arguments().filter_map(|flag| {
        let long = flag.get_long().filter(|long| *long != "help")?;
        let short = flag
            .get_short()
            .map(|short| format!("`-{short}`, "))
            .unwrap_or_default();
        let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
        Some(format!("| {short}`--{long}{}` | {help} |\n", values(flag)))
    });
    let head = "| flag | what it does |\n|---|---|\n".to_owned();
    head + &rows.collect::<String>()
}

/// What a flag takes: its values if they are few, else their name.
fn values(flag: &Arg) -> String {
    if !flag.get_action().takes_values() {
        return String::new();
    }
    let possible = flag.get_possible_values();
    let names: Vec<_> = possible.iter().map(|value| value.get_name()).collect();
    match (names.is_empty(), flag.get_value_names()) {
        (false, _) => format!(" {}", names.join("\\|")),
        (true, Some([name, ..])) => format!(" {name}"),
        (true, _) => String::new(),
    }
}
