//! Whether the schedules of a function can be read, asked when it is registered.

use everstep_protocol::config::{ConfigError, ConfigErrorCode, FunctionConfig, Trigger};

use super::CronSchedule;

/// Checks every cron trigger of a function. What needs no parser (length, duplicates, bounds of the
/// jitter) was checked when the configuration was read.
///
/// # Errors
///
/// One for each schedule that cannot be read, naming the function, the trigger and what is wrong.
pub fn validate(function: &FunctionConfig) -> Result<(), Vec<ConfigError>> {
    let mut errors = Vec::new();
    for (index, trigger) in function.triggers.iter().enumerate() {
        match trigger {
            Trigger::Event { .. } => {}
            Trigger::Cron { cron, .. } => {
                if let Err(error) = CronSchedule::parse(cron) {
                    errors.push(ConfigError {
                        function: function.slug.to_string(),
                        field: format!("triggers[{index}]"),
                        code: ConfigErrorCode::ScheduleInvalid,
                        message: format!("schedule {cron:?}: {error}"),
                    });
                }
            }
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}
