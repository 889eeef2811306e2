//! Two runs side by side: which steps differ, and in what.

use serde_json::{Value, json};

use super::trace;
use crate::cli::Exit;
use crate::cli::client::{Rows, Session};
use crate::cli::print::{Column, Kind};

const COLUMNS: &[Column] = &[
    Column::new("step", "/name", Kind::Text),
    Column::new("left", "/left/status", Kind::Status),
    Column::new("right", "/right/status", Kind::Status),
    Column::new("left-took", "/left/durationMs", Kind::Millis),
    Column::new("right-took", "/right/durationMs", Kind::Millis),
    Column::new("differs", "/differs", Kind::Text),
    Column::new("left-output", "/left/output", Kind::Text).extra(),
    Column::new("right-output", "/right/output", Kind::Text).extra(),
];

pub(super) async fn show(session: &Session, left: &str, right: &str) -> Result<(), Exit> {
    let (left, right) = (
        trace::of(session, left).await?,
        trace::of(session, right).await?,
    );
    let rows = compare(&left["rootSpan"], &right["rootSpan"]);
    session.printer.rows(&Rows::all(rows), COLUMNS)
}

/// The runs themselves, then their steps in the order of the left one, then those of the right one
/// alone. Steps are the same if their ids are.
fn compare(left: &Value, right: &Value) -> Vec<Value> {
    let (lefts, rights) = (steps(left), steps(right));
    let mut rows = vec![row(Some(left), Some(right))];
    let mut used = vec![false; rights.len()];
    for step in &lefts {
        let other = rights
            .iter()
            .enumerate()
            .position(|(at, other)| !used[at] && key(other) == key(step));
        if let Some(at) = other {
            used[at] = true;
        }
        rows.push(row(Some(step), other.map(|at| rights[at])));
    }
    let rest = rights.iter().zip(&used).filter(|(_, used)| !**used);
    rows.extend(rest.map(|(step, _)| row(None, Some(step))));
    rows
}

fn steps(root: &Value) -> Vec<&Value> {
    root["children"].as_array().into_iter().flatten().collect()
}

fn key(step: &Value) -> (&str, &str) {
    let text = |name: &str| step[name].as_str().unwrap_or_default();
    (text("stepId"), text("name"))
}

fn row(left: Option<&Value>, right: Option<&Value>) -> Value {
    let name = left.or(right).map(|step| step["name"].clone());
    let differs: Vec<_> = match (left, right) {
        (Some(left), Some(right)) => ["status", "input", "output"]
            .into_iter()
            .filter(|name| left[name] != right[name])
            .collect(),
        (Some(_), None) => vec!["only left"],
        _ => vec!["only right"],
    };
    json!({ "name": name, "left": left.map(own), "right": right.map(own), "differs": differs })
}

/// A span without those below it.
fn own(span: &Value) -> Value {
    let mut span = span.clone();
    if let Some(members) = span.as_object_mut() {
        members.remove("children");
    }
    span
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(steps: &[(&str, &str, u32)]) -> Value {
        let steps = steps
            .iter()
            .map(|(id, status, output)| json!({ "stepId": id, "name": id, "status": status, "output": output }));
        json!({ "name": "run", "status": "COMPLETED", "children": steps.collect::<Vec<_>>() })
    }

    #[test]
    fn steps_are_aligned_by_id_and_say_what_differs() {
        let left = run(&[
            ("a", "COMPLETED", 1),
            ("b", "FAILED", 2),
            ("c", "COMPLETED", 3),
        ]);
        let right = run(&[
            ("b", "COMPLETED", 4),
            ("a", "COMPLETED", 1),
            ("d", "COMPLETED", 5),
        ]);
        let rows: Vec<_> = compare(&left, &right)
            .iter()
            .map(|row| format!("{} {}", row["name"], row["differs"]))
            .collect();
        assert_eq!(
            rows,
            [
                r#""run" []"#,
                r#""a" []"#,
                r#""b" ["status","output"]"#,
                r#""c" ["only left"]"#,
                r#""d" ["only right"]"#,
            ]
        );
    }
}
