//! Apps and functions that paths name.

use everstep_core::record::{AppRecord, FunctionRecord};

use super::error::V2Error;
use crate::registry::Registry;

pub(super) fn app_of<'r>(registry: &'r Registry, app: &str) -> Result<&'r AppRecord, V2Error> {
    let app = registry.app(app);
    app.ok_or_else(|| V2Error::not_found("App not found"))
}

/// By slug or UUID, whichever app it is of.
pub(super) fn any_function<'r>(
    registry: &'r Registry,
    name: &str,
) -> Result<&'r FunctionRecord, V2Error> {
    let mut functions = registry.functions.iter();
    functions
        .find(|function| *function.slug == *name || function.id.to_string() == name)
        .ok_or_else(|| V2Error::not_found(format!("There is no function {name:?}")))
}

pub(super) fn function_of<'r>(
    registry: &'r Registry,
    app: &str,
    function: &str,
) -> Result<&'r FunctionRecord, V2Error> {
    let function = registry.function(app_of(registry, app)?, function);
    function.ok_or_else(|| V2Error::not_found("Function not found"))
}
