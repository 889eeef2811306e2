//! Reads of experiments. Their marks are noted as metadata; nothing counts over them yet (ME-13).

use http::StatusCode;

use super::error::{Code, V2Error};
use crate::routes::openapi::{Operation, Routes};

pub(super) fn routes() -> Routes {
    let known = |id, summary| Operation::v2(id, summary).not_here();
    Routes::new("Experiments")
        .get(
            "/experiments",
            not_implemented,
            known("listExperiments", "All experiments"),
        )
        .get(
            "/apps/{app}/functions/{function}/experiments",
            not_implemented,
            known("listFunctionExperiments", "The experiments of a function"),
        )
        .get(
            "/apps/{app}/functions/{function}/experiments/{experiment}",
            not_implemented,
            known("getExperiment", "One experiment"),
        )
}

pub(super) async fn not_implemented() -> V2Error {
    V2Error::new(
        StatusCode::NOT_IMPLEMENTED,
        Code::NotImplemented,
        "this server does not evaluate experiments; the steps of a run show which variant it took",
    )
}
