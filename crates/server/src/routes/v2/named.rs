//! Apps and functions that paths name.

use everstep_core::record::{AppRecord, FunctionRecord};

use super::error::V2Error;
use crate::registry::Registry;

pub(super) fn app_of<'r>(registry: &'r Registry, app: &str) -> Result<&'r AppRecord, V2Error> {
    let app = registry.app(app);
    app.ok_or_else(|| V2Error::not_found("App not found"))
}

pub(super) fn function_of<'r>(
    registry: &'r Registry,
    app: &str,
    function: &str,
) -> Result<&'r FunctionRecord, V2Error> {
    let function = registry.function(app_of(registry, app)?, function);
    function.ok_or_else(|| V2Error::not_found("Function not found"))
}
