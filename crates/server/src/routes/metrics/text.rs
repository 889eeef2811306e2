//! The text format of Prometheus, version 0.0.4.

use std::fmt::Write;
use std::time::Duration;

/// Metrics as text. Writing to a string can't fail.
#[derive(Default)]
pub(super) struct Text(String);

impl Text {
    pub(super) fn finish(self) -> String {
        self.0
    }

    /// Begins a metric; its samples follow.
    pub(super) fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    pub(super) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: u64) {
        self.0.push_str(name);
        for (index, (label, text)) in labels.iter().enumerate() {
            let before = if index == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{before}{label}=\"{}\"", escaped(text));
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.0, "{end} {value}");
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, "gauge", help);
        self.sample(name, &[], value);
    }

    pub(super) fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, "counter", help);
        self.sample(name, &[], value);
    }

    /// Each bucket has its bound in microseconds and what is in it and in no smaller one.
    pub(super) fn histogram<'a>(
        &mut self,
        name: &str,
        help: &str,
        buckets: impl Iterator<Item = (&'a u64, &'a u64)>,
        count: u64,
        total: Duration,
    ) {
        self.family(name, "histogram", help);
        let bucket_name = format!("{name}_bucket");
        let mut up_to = 0;
        for (bound, in_it) in buckets {
            up_to += in_it;
            let bound = Duration::from_micros(*bound).as_secs_f64().to_string();
            self.sample(&bucket_name, &[("le", &bound)], up_to);
        }
        self.sample(&bucket_name, &[("le", "+Inf")], count);
        let _ = writeln!(self.0, "{name}_sum {}", total.as_secs_f64());
        self.sample(&format!("{name}_count"), &[], count);
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('\\', r"\\");
    text.replace('"', r#"\""#).replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_as_prometheus_reads_it() {
        let mut text = Text::default();
        text.gauge("depth", "How deep.", 3);
        text.family("ended", "counter", "Ends.");
        text.sample("ended", &[("fn", "a\\b\"c\nd"), ("status", "ok")], 7);
        let buckets = [(250, 1), (1_000_000, 2)];
        let buckets = buckets.iter().map(|(bound, count)| (bound, count));
        text.histogram(
            "took",
            "How long.",
            buckets,
            4,
            Duration::from_millis(2_500),
        );
        let expected = r#"# HELP depth How deep.
# TYPE depth gauge
depth 3
# HELP ended Ends.
# TYPE ended counter
ended{fn="a\\b\"c\nd",status="ok"} 7
# HELP took How long.
# TYPE took histogram
took_bucket{le="0.00025"} 1
took_bucket{le="1"} 3
took_bucket{le="+Inf"} 4
took_sum 2.5
took_count 4
"#;
        assert_eq!(text.finish(), expected);
    }
}
