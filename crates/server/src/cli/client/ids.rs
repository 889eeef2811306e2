//! Ids as people write them: whole, by their beginning, or a list of them on standard input.

use std::io::{BufRead, IsTerminal, Read};
use std::str::FromStr;
use std::time::Duration;

use everstep_protocol::{RunId, Timestamp};
use serde_json::Value;

use super::{Api, Paging, Query};
use crate::cli::Exit;

/// Characters of a whole id.
const ID_LENGTH: usize = 26;
/// Fewer characters say too little of the time.
const PREFIX_MIN: usize = 8;
/// How far the time in an id may be from the time that lists go by.
const SLACK: Duration = Duration::from_secs(2);
/// Rows that are looked at for those with the prefix.
const CANDIDATES_MAX: u64 = 1000;
/// Bytes of standard input with ids: some hundred thousand of them.
const STDIN_MAX: u64 = 8 * 1024 * 1024;

/// The id that starts like this. An id starts with its time, so the list at `path` is asked for what
/// came about then; an id that is whole is taken as it is.
pub(in crate::cli) async fn full_id(
    api: &Api,
    path: &[&str],
    noun: &str,
    text: &str,
) -> Result<String, Exit> {
    let Some((from, until)) = window(text) else {
        return Ok(text.to_owned());
    };
    let query = Query::default()
        .set("from", from.to_string())
        .set("until", until.to_string());
    let found = api
        .list(path, query, &Paging::first(CANDIDATES_MAX))
        .await?;
    let prefix = text.to_ascii_uppercase();
    let mut ids = found
        .rows
        .iter()
        .filter_map(|row| row["id"].as_str())
        .filter(|id| id.starts_with(&prefix));
    match (ids.next(), ids.next()) {
        (Some(id), None) => Ok(id.to_owned()),
        (Some(_), Some(_)) => Err(Exit::failed(format!(
            "more than one {noun} starts with {text}: give more of the id"
        ))),
        (None, _) => Err(Exit::not_found(format!("no {noun} starts with {text}"))),
    }
}

/// The times that ids with this beginning may have; `None` if it is not the beginning of one.
fn window(text: &str) -> Option<(Timestamp, Timestamp)> {
    if !(PREFIX_MIN..ID_LENGTH).contains(&text.len()) || !text.is_ascii() {
        return None;
    }
    let padded = |with: char| {
        let rest = std::iter::repeat_n(with, ID_LENGTH - text.len());
        let id: String = text.chars().chain(rest).collect();
        RunId::from_str(&id).ok().map(RunId::timestamp)
    };
    let (first, last) = (padded('0')?, padded('Z')?);
    let slack = i64::try_from(SLACK.as_millis()).ok()?;
    Some((
        Timestamp::from_millis(first.as_millis().saturating_sub(slack).max(0)),
        Timestamp::from_millis(last.as_millis().saturating_add(slack)),
    ))
}

/// The ids of a command line; `-` stands for those on standard input, one a line.
pub(in crate::cli) fn each_id(words: &[String]) -> Result<Vec<String>, Exit> {
    let mut ids = Vec::new();
    for word in words {
        match word.as_str() {
            "-" => ids.extend(from_stdin()?),
            _ => ids.push(word.clone()),
        }
    }
    if ids.is_empty() {
        return Err(Exit::usage("no ids on standard input"));
    }
    Ok(ids)
}

fn from_stdin() -> Result<Vec<String>, Exit> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(Exit::usage(
            "`-` reads ids from standard input: pipe them in, one a line",
        ));
    }
    let lines = stdin.lock().take(STDIN_MAX).lines();
    let mut ids = Vec::new();
    for line in lines {
        let line = line.map_err(|error| Exit::failed(format!("standard input: {error}")))?;
        let id = line.trim();
        if !id.is_empty() {
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}

/// The id of a row, for messages.
pub(in crate::cli) fn id_of(row: &Value) -> &str {
    row["id"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_stands_for_the_times_that_it_leaves_open() {
        let whole = "01KB52S9G0AAAAAAAAAAAAAAAA";
        let at = RunId::from_str(whole).unwrap().timestamp().as_millis();
        let (from, until) = window(&whole[..10]).unwrap();
        assert_eq!(from.as_millis(), at - 2000);
        assert_eq!(until.as_millis(), at + 2000);
        // Each character less is a factor of 32.
        let (from, until) = window(&whole[..8]).unwrap();
        assert_eq!(until.as_millis() - from.as_millis(), 1023 + 4000);
        assert!(from.as_millis() <= at - 2000 && until.as_millis() >= at + 2000);
        for not_a_beginning in [whole, "01KB52S", "not-an-id-of-ours", "01KB52S9ü"] {
            assert_eq!(window(not_a_beginning), None, "{not_a_beginning}");
        }
    }
}
