//! Reads of experiments. Their marks are noted as metadata; nothing counts over them yet (ME-13).

use http::StatusCode;

use super::error::{Code, V2Error};

pub(super) async fn not_implemented() -> V2Error {
    V2Error::new(
        StatusCode::NOT_IMPLEMENTED,
        Code::NotImplemented,
        "this server does not evaluate experiments; the steps of a run show which variant it took",
    )
}
