//! Log lines, on stderr like everything that is not data.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::LogLevel;
use crate::console::Format;

/// Starts logging. Libraries are heard from `warn` on, unless `RUST_LOG` says otherwise.
pub(crate) fn start(format: Format, level: LogLevel) {
    let level = level.as_str();
    let libraries = if matches!(level, "error") {
        "error"
    } else {
        "warn"
    };
    let default = format!(
        "{libraries},everstep_server={level},everstep_engine={level},everstep_store={level}"
    );
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Someone else may have started logging, as tests do.
    let _ = match format {
        Format::Json => builder.json().flatten_event(true).finish().try_init(),
        Format::Text { color } => {
            let color = color && std::io::stderr().is_terminal();
            builder
                .compact()
                .with_ansi(color)
                .with_target(false)
                .finish()
                .try_init()
        }
    };
}
