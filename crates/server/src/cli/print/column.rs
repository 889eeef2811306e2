//! Columns: which member of a row, and how people read it.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::TimeStyle;

/// One column of a list, one line of a detail.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Column {
    pub(super) name: Cow<'static, str>,
    /// JSON pointer into the row.
    pub(super) path: Cow<'static, str>,
    kind: Kind,
    /// Shown only when asked for.
    pub(super) is_extra: bool,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Kind {
    Text,
    Status,
    /// RFC 3339.
    Time,
    /// Milliseconds, as a number or a text.
    Millis,
    Count,
}

/// How people want to read times.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Look {
    pub(super) time: TimeStyle,
    pub(super) zone: TimeZone,
    pub(super) now: jiff::Timestamp,
}

impl Column {
    pub(in crate::cli) const fn new(name: &'static str, path: &'static str, kind: Kind) -> Self {
        Self {
            name: Cow::Borrowed(name),
            path: Cow::Borrowed(path),
            kind,
            is_extra: false,
        }
    }

    pub(in crate::cli) const fn extra(mut self) -> Self {
        self.is_extra = true;
        self
    }

    /// What is at a JSON pointer, under its name.
    pub(super) fn at(pointer: &str) -> Self {
        Self {
            name: Cow::Owned(pointer.to_owned()),
            path: Cow::Owned(pointer.to_owned()),
            kind: Kind::Text,
            is_extra: false,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Count | Kind::Millis)
    }

    /// For programs: what the API says.
    pub(super) fn raw(&self, row: &Value) -> String {
        row.pointer(&self.path).map_or_else(String::new, plain)
    }

    /// For people.
    pub(super) fn text(&self, row: &Value, look: &Look) -> String {
        let Some(value) = row.pointer(&self.path).filter(|value| !value.is_null()) else {
            return String::new();
        };
        match self.kind {
            Kind::Text | Kind::Count => one_line(&plain(value)),
            Kind::Status => plain(value).to_lowercase(),
            Kind::Time => look.time(&plain(value)),
            Kind::Millis => millis(value).map_or_else(|| plain(value), span),
        }
    }

    pub(super) fn status(&self) -> bool {
        self.kind == Kind::Status
    }
}

impl Look {
    /// The same, later.
    pub(super) fn at(&self, now: jiff::Timestamp) -> Self {
        Self {
            now,
            ..self.clone()
        }
    }

    /// A time of the API as people read it; what is none stays as it is.
    pub(in crate::cli) fn time(&self, text: &str) -> String {
        let Ok(time) = text.parse::<jiff::Timestamp>() else {
            return text.to_owned();
        };
        match self.time {
            TimeStyle::Relative => relative(time, self.now),
            TimeStyle::Unix => time.as_millisecond().to_string(),
            TimeStyle::Iso => {
                let time = time.to_zoned_datetime(self.zone.clone());
                time.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
            }
        }
    }
}

fn relative(time: jiff::Timestamp, now: jiff::Timestamp) -> String {
    let ms = now.as_millisecond().saturating_sub(time.as_millisecond());
    match ms {
        -999..=999 => "now".to_owned(),
        1000.. => format!("{} ago", coarse(ms.unsigned_abs())),
        _ => format!("in {}", coarse(ms.unsigned_abs())),
    }
}

/// One unit is enough to know how long ago something was.
fn coarse(ms: u64) -> String {
    match ms / 1000 {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3600 => format!("{}m", seconds / 60),
        seconds @ 3600..86_400 => format!("{}h", seconds / 3600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// A span of time as people write it: `340ms`, `1.2s`, `4m 05s`, `3h 20m`, `2d 4h`.
pub(in crate::cli) fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0 => format!("{ms}ms"),
        1..60 => format!("{}.{}s", seconds, ms % 1000 / 100),
        60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}d {}h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// Numbers of 64 bits are texts in the v2 API.
pub(in crate::cli) fn millis(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// A text without its quotes; a list of texts, separated; anything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let items: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            items.join(" ")
        }
        other => other.to_string(),
    }
}

/// A row of a table is a line.
fn one_line(text: &str) -> String {
    match text.contains(['\n', '\r', '\t']) {
        true => text.split_whitespace().collect::<Vec<_>>().join(" "),
        false => text.to_owned(),
    }
}
