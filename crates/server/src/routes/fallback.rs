//! Requests that no route is for.

use http::{Method, StatusCode, Uri};

use crate::error::ApiError;

pub(super) async fn not_found(method: Method, uri: Uri) -> ApiError {
    let path = uri.path();
    let hint = match path {
        _ if path.starts_with("/api/inngest") => "this is the server; your app serves that path",
        _ if path == "/" || path.starts_with("/ui") => "this server runs without the dashboard",
        _ if path.starts_with("/e") => "events go to POST /e/<any key>",
        _ if path.starts_with("/v1/") || path.starts_with("/v0/") || path.starts_with("/fn/") => {
            "this version may not have that part of the API yet"
        }
        _ => "GET /dev tells what is registered",
    };
    ApiError::not_found(format!("no such endpoint: {method} {path} ({hint})"))
}

pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> ApiError {
    let message = format!("{} does not take {method}", uri.path());
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, message)
}
