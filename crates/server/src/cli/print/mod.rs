//! How data is printed. Data goes to stdout, everything else to stderr.
//!
//! | module | owns |
//! |---|---|
//! | `column` | which member of a row a column shows, and how |
//! | `table` | tables and details for people |

mod column;
mod table;

use std::io::{IsTerminal, Write};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

pub(super) use self::column::{Column, Kind, millis, span as span_text};
use super::Exit;
use super::client::Rows;

/// The format of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people
    Table,
    /// One document, with the names of the API
    Json,
    /// One JSON object a line
    Jsonl,
    /// Columns, for spreadsheets
    Csv,
    /// One YAML document
    Yaml,
    /// Ids only, one a line
    Id,
    /// Nothing
    None,
}

/// How times are shown to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TimeStyle {
    /// Such as "5m ago"
    Relative,
    /// Date and time
    Iso,
    /// Milliseconds since 1970
    Unix,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// How to print.
#[derive(Clone, Debug, Args)]
pub(super) struct PrintArgs {
    /// Format of the data
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value = "table",
        help_heading = "Output"
    )]
    output: Output,
    /// The same as -o json
    #[arg(long, global = true, help_heading = "Output")]
    json: bool,
    /// Columns to show: names, or JSON pointers such as /trigger/eventName
    #[arg(
        long,
        global = true,
        value_delimiter = ',',
        help_heading = "Output",
        value_name = "NAMES"
    )]
    columns: Vec<String>,
    /// Leave the names of the columns out
    #[arg(long, global = true, help_heading = "Output")]
    no_header: bool,
    /// How times are shown in tables
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "relative",
        help_heading = "Output"
    )]
    time: TimeStyle,
    /// Show times in UTC, not in the local time zone
    #[arg(long, global = true, help_heading = "Output")]
    utc: bool,
    /// Use colours
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        help_heading = "Output"
    )]
    color: ColorChoice,
    /// Say nothing on stderr but errors
    #[arg(long, global = true, help_heading = "Output")]
    quiet: bool,
}

impl PrintArgs {
    fn output(&self) -> Output {
        if self.json { Output::Json } else { self.output }
    }

    pub(super) fn is_json(&self) -> bool {
        matches!(self.output(), Output::Json | Output::Jsonl)
    }

    pub(super) fn printer(&self) -> Result<Printer, Exit> {
        let zone = match self.utc {
            true => jiff::tz::TimeZone::UTC,
            false => jiff::tz::TimeZone::system(),
        };
        Ok(Printer {
            output: self.output(),
            columns: self.columns.clone(),
            has_header: !self.no_header,
            is_colored: self.is_colored(),
            is_quiet: self.quiet,
            look: column::Look {
                time: self.time,
                zone,
                now: jiff::Timestamp::now(),
            },
        })
    }

    /// <https://no-color.org> and <https://bixense.com/clicolors>.
    fn is_colored(&self) -> bool {
        let value = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if value("NO_COLOR").is_some() => false,
            ColorChoice::Auto if value("CLICOLOR_FORCE").is_some_and(|it| it != "0") => true,
            ColorChoice::Auto => std::io::stdout().is_terminal(),
        }
    }
}

/// Prints what a command has found.
pub(super) struct Printer {
    output: Output,
    columns: Vec<String>,
    has_header: bool,
    is_colored: bool,
    is_quiet: bool,
    look: column::Look,
}

impl Printer {
    /// A list; `columns` are those that it has, of which the ones that are not `extra` are shown.
    pub(super) fn rows(&self, rows: &Rows, columns: &'static [Column]) -> Result<(), Exit> {
        self.rows_only(&rows.rows, rows.next.as_deref(), columns)?;
        if let Some(time) = &rows.scanned_to {
            self.note(&format!("searched back to {time}"));
        }
        if let Some(next) = &rows.next {
            self.note(&format!("there is more: --cursor {next}"));
        }
        Ok(())
    }

    fn rows_only(
        &self,
        rows: &[Value],
        next: Option<&str>,
        columns: &'static [Column],
    ) -> Result<(), Exit> {
        let text = match self.output {
            Output::Table => table::list(
                rows,
                &self.chosen(columns)?,
                self.has_header,
                self.is_colored,
                &self.look,
            ),
            Output::Json => format!("{}\n", json!({ "data": rows, "page": { "next": next } })),
            Output::Jsonl => rows.iter().map(|row| format!("{row}\n")).collect(),
            Output::Csv => self.csv(rows, &self.chosen(columns)?)?,
            Output::Yaml => yaml(&json!({ "data": rows, "page": { "next": next } }))?,
            Output::Id => rows
                .iter()
                .filter_map(|row| columns.first().and_then(|id| row.pointer(&id.path)))
                .filter_map(Value::as_str)
                .map(|id| format!("{id}\n"))
                .collect(),
            Output::None => String::new(),
        };
        write(&text)
    }

    /// One thing.
    pub(super) fn one(&self, row: &Value, columns: &'static [Column]) -> Result<(), Exit> {
        match self.output {
            Output::Table => write(&table::detail(
                row,
                &self.chosen(columns)?,
                self.is_colored,
                &self.look,
            )),
            Output::Json | Output::Jsonl => write(&format!("{row}\n")),
            Output::Yaml => write(&yaml(row)?),
            Output::Csv | Output::Id | Output::None => {
                self.rows_only(std::slice::from_ref(row), None, columns)
            }
        }
    }

    /// One row of a list that grows as it is watched: a line without a header.
    pub(super) fn line(&self, row: &Value, columns: &'static [Column]) -> Result<(), Exit> {
        let rows = std::slice::from_ref(row);
        match self.output {
            Output::Table => {
                let chosen = self.chosen(columns)?;
                let look = self.look.at(jiff::Timestamp::now());
                write(&table::list(rows, &chosen, false, self.is_colored, &look))
            }
            Output::Json | Output::Jsonl => write(&format!("{row}\n")),
            Output::Csv | Output::Yaml | Output::Id | Output::None => {
                self.rows_only(rows, None, columns)
            }
        }
    }

    /// Something that has no columns: `text` for people, else the data.
    pub(super) fn said(&self, data: &Value, text: &str) -> Result<(), Exit> {
        match self.output {
            Output::Table | Output::Csv => write(&format!("{text}\n")),
            Output::Json | Output::Jsonl => write(&format!("{data}\n")),
            Output::Yaml => write(&yaml(data)?),
            Output::Id => match data["id"].as_str() {
                Some(id) => write(&format!("{id}\n")),
                None => Ok(()),
            },
            Output::None => Ok(()),
        }
    }

    /// A remark for people, beside the data.
    pub(super) fn note(&self, text: &str) {
        if !self.is_quiet {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    pub(super) fn is_table(&self) -> bool {
        self.output == Output::Table
    }

    fn csv(&self, rows: &[Value], columns: &[Column]) -> Result<String, Exit> {
        let failed = |error: csv::Error| Exit::failed(error.to_string());
        let mut csv = csv::Writer::from_writer(Vec::new());
        if self.has_header {
            csv.write_record(columns.iter().map(|column| column.name.as_ref()))
                .map_err(failed)?;
        }
        for row in rows {
            csv.write_record(columns.iter().map(|column| column.raw(row)))
                .map_err(failed)?;
        }
        let bytes = csv
            .into_inner()
            .map_err(|error| Exit::failed(error.to_string()))?;
        String::from_utf8(bytes).map_err(|error| Exit::failed(error.to_string()))
    }

    /// Those that were asked for, by name or by pointer; else those that are always shown.
    fn chosen(&self, known: &'static [Column]) -> Result<Vec<Column>, Exit> {
        if self.columns.is_empty() {
            return Ok(known.iter().filter(|it| !it.is_extra).cloned().collect());
        }
        let chosen = self.columns.iter().map(|wanted| {
            if let Some(column) = known.iter().find(|column| column.name == *wanted) {
                return Ok(column.clone());
            }
            if wanted.starts_with('/') {
                return Ok(Column::at(wanted));
            }
            let names: Vec<_> = known.iter().map(|column| column.name.as_ref()).collect();
            Err(Exit::usage(format!(
                "there is no column {wanted:?}: choose from {}, or give a JSON pointer such as /id",
                names.join(", ")
            )))
        });
        chosen.collect()
    }
}

fn yaml(data: &Value) -> Result<String, Exit> {
    serde_norway::to_string(data).map_err(|error| Exit::failed(error.to_string()))
}

/// A reader that has gone away is no error: `everstep runs list | head`.
pub(super) fn write(text: &str) -> Result<(), Exit> {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Exit::failed(format!("stdout: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
