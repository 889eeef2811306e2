//! What was measured, how it compares with its budget, and how both are shown.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Value, json};

/// Several measurements of the same thing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
    pub(crate) values: Vec<f64>,
}

impl Spread {
    /// Of at least one value.
    pub(crate) fn of(values: Vec<f64>) -> Self {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        Self {
            min: sorted.first().copied().unwrap_or(f64::NAN),
            median: percentile(&sorted, 50.0),
            max: sorted.last().copied().unwrap_or(f64::NAN),
            values,
        }
    }
}

/// The value below which `percent` of the sorted values lie.
pub(crate) fn percentile(sorted: &[f64], percent: f64) -> f64 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index below a slice's length"
    )]
    let index = ((sorted.len() as f64 - 1.0).max(0.0) * percent / 100.0).round() as usize;
    sorted.get(index).copied().unwrap_or(f64::NAN)
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    PerSecond,
    Percent,
    Microseconds,
    Milliseconds,
    Seconds,
    Bytes,
    Megabytes,
    /// A ratio.
    Times,
}

impl Unit {
    fn suffix(self) -> &'static str {
        match self {
            Self::PerSecond => "/s",
            Self::Percent => " %",
            Self::Microseconds => " µs",
            Self::Milliseconds => " ms",
            Self::Seconds => " s",
            Self::Bytes => " B",
            Self::Megabytes => " MB",
            Self::Times => " ×",
        }
    }

    fn shown(self, value: f64) -> String {
        match self {
            Self::PerSecond => format!("{}{}", grouped(value), self.suffix()),
            Self::Percent | Self::Microseconds | Self::Megabytes => {
                format!("{value:.1}{}", self.suffix())
            }
            // Added to zero, because what was rounded to it may have a sign.
            Self::Bytes => format!("{:.0}{}", value.round() + 0.0, self.suffix()),
            Self::Milliseconds | Self::Seconds | Self::Times => {
                format!("{value:.2}{}", self.suffix())
            }
        }
    }
}

/// `12345.6` as `12,346`.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What the design allows. A report, never a reason to fail: machines differ.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Budget {
    AtLeast(f64),
    AtMost(f64),
}

pub(crate) struct Figure {
    pub(crate) name: Cow<'static, str>,
    pub(crate) unit: Unit,
    pub(crate) measured: Spread,
    pub(crate) budget: Option<Budget>,
}

impl Figure {
    pub(crate) fn new(name: impl Into<Cow<'static, str>>, unit: Unit, values: Vec<f64>) -> Self {
        Self {
            name: name.into(),
            unit,
            measured: Spread::of(values),
            budget: None,
        }
    }

    pub(crate) fn budget(self, budget: Budget) -> Self {
        Self {
            budget: Some(budget),
            ..self
        }
    }

    fn is_within(&self) -> Option<bool> {
        self.budget.map(|budget| match budget {
            Budget::AtLeast(limit) => self.measured.median >= limit,
            Budget::AtMost(limit) => self.measured.median <= limit,
        })
    }

    fn row(&self) -> [String; 4] {
        let shown = |value| self.unit.shown(value);
        let range = match self.measured.values.len() {
            0 | 1 => String::new(),
            count => format!(
                "{} … {} ({count})",
                shown(self.measured.min),
                shown(self.measured.max)
            ),
        };
        let budget = match (self.budget, self.is_within()) {
            (Some(Budget::AtLeast(limit)), Some(true)) => format!("≥ {}  ok", shown(limit)),
            (Some(Budget::AtMost(limit)), Some(true)) => format!("≤ {}  ok", shown(limit)),
            (Some(Budget::AtLeast(limit)), _) => format!("≥ {}  MISSED", shown(limit)),
            (Some(Budget::AtMost(limit)), _) => format!("≤ {}  MISSED", shown(limit)),
            (None, _) => String::new(),
        };
        [
            self.name.to_string(),
            shown(self.measured.median),
            range,
            budget,
        ]
    }

    fn json(&self) -> Value {
        let budget = self.budget.map(|budget| match budget {
            Budget::AtLeast(limit) => json!({ "at_least": limit }),
            Budget::AtMost(limit) => json!({ "at_most": limit }),
        });
        json!({
            "name": self.name,
            "unit": self.unit.suffix().trim(),
            "min": self.measured.min,
            "median": self.measured.median,
            "max": self.measured.max,
            "values": self.measured.values,
            "budget": budget,
            "within": self.is_within(),
        })
    }
}

pub(crate) fn json(figures: &[Figure]) -> Value {
    figures.iter().map(Figure::json).collect()
}

pub(crate) fn table(figures: &[Figure]) -> String {
    let heading = ["", "median", "min … max (n)", "budget"].map(str::to_owned);
    let rows: Vec<[String; 4]> = std::iter::once(heading)
        .chain(figures.iter().map(Figure::row))
        .collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for [name, median, range, budget] in &rows {
        let line = format!(
            "{name:<w0$}  {median:>w1$}  {range:<w2$}  {budget}",
            w0 = widths[0],
            w1 = widths[1],
            w2 = widths[2]
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_min_median_and_max() {
        let spread = Spread::of(vec![3.0, 1.0, 2.0]);
        assert_eq!((spread.min, spread.median, spread.max), (1.0, 2.0, 3.0));
        let sorted: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(percentile(&sorted, 99.0), 99.0);
        assert!(percentile(&[], 50.0).is_nan());
    }

    #[test]
    fn a_little_less_than_no_bytes_are_none() {
        assert_eq!(Unit::Bytes.shown(-0.2), "0 B");
        assert_eq!(Unit::Bytes.shown(-12.6), "-13 B");
    }

    #[test]
    fn the_table_says_which_budgets_are_kept() {
        let figures = [
            Figure::new("steps", Unit::PerSecond, vec![12_345.6]),
            Figure::new("ratio", Unit::Percent, vec![49.0, 40.0, 60.0])
                .budget(Budget::AtLeast(50.0)),
            Figure::new("gap", Unit::Milliseconds, vec![1.5]).budget(Budget::AtMost(1.5)),
        ];
        let expected = "         median  min … max (n)        budget
steps  12,346/s
ratio    49.0 %  40.0 % … 60.0 % (3)  ≥ 50.0 %  MISSED
gap     1.50 ms                       ≤ 1.50 ms  ok
";
        assert_eq!(table(&figures), expected);
    }
}
