//! Tables and details for people. Lines are never wrapped.

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table};
use serde_json::Value;

use super::column::{Column, Look};

/// One line for each row.
pub(super) fn list(
    rows: &[Value],
    columns: &[Column],
    has_header: bool,
    is_colored: bool,
    look: &Look,
) -> String {
    let mut table = blank(is_colored);
    if has_header {
        table.set_header(columns.iter().map(|column| {
            aligned(
                Cell::new(column.name.to_uppercase().replace('-', " ")),
                column,
            )
        }));
    }
    for row in rows {
        table.add_row(columns.iter().map(|column| {
            let cell = colored(column.text(row, look), column);
            aligned(cell, column)
        }));
    }
    lines(&table)
}

/// One line for each column that has something to say.
pub(super) fn detail(row: &Value, columns: &[Column], is_colored: bool, look: &Look) -> String {
    let mut table = blank(is_colored);
    for column in columns {
        let text = column.text(row, look);
        if !text.is_empty() {
            let name = Cell::new(column.name.replace('-', " "));
            table.add_row([name, colored(text, column)]);
        }
    }
    lines(&table)
}

fn blank(is_colored: bool) -> Table {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    match is_colored {
        true => table.enforce_styling(),
        false => table.force_no_tty(),
    };
    table
}

/// No spaces at the ends of lines: they are a nuisance to whoever compares or copies.
fn lines(table: &Table) -> String {
    table
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(&line).trim_end()))
        .collect()
}

fn aligned(cell: Cell, column: &Column) -> Cell {
    match column.is_number() {
        true => cell.set_alignment(CellAlignment::Right),
        false => cell,
    }
}

fn colored(text: String, column: &Column) -> Cell {
    if !column.status() {
        return Cell::new(text);
    }
    let color = match text.as_str() {
        "completed" | "done" | "active" | "resolved" => Some(Color::Green),
        "failed" | "open" => Some(Color::Red),
        "running" | "waiting" => Some(Color::Blue),
        "cancelled" | "paused" | "aborted" | "skipped" => Some(Color::Yellow),
        _ => None,
    };
    match color {
        Some(color) => Cell::new(text).fg(color),
        None => Cell::new(text),
    }
}
