//! The web that steps make requests to: one page for each step, and some that can't be reached.

use std::time::Duration;

use everstep_protocol::gateway::{OutboundError, OutboundResponse};
use everstep_protocol::{RunId, StepId, Url};
use http::HeaderMap;

const CAUSE_OF_REFUSAL: &str = "the address is not allowed";

/// The URL that a step fetches.
pub fn url(run: RunId, step: &str, refused: bool) -> String {
    let host = if refused { "refused" } else { "origin" };
    format!("http://{host}.test/{run}/{step}")
}

/// The step that fetches this URL.
pub fn step_of(url: &Url) -> Option<(RunId, StepId)> {
    let mut segments = url.path_segments()?;
    let run = segments.next()?.parse().ok()?;
    Some((run, StepId::new(segments.next()?)))
}

/// The response, which says whose it is.
pub fn answer(url: &Url) -> Result<OutboundResponse, OutboundError> {
    if url.host_str() == Some("refused.test") {
        return Err(OutboundError {
            cause: CAUSE_OF_REFUSAL.to_owned(),
            no_retry: true,
        });
    }
    Ok(OutboundResponse {
        status: 200,
        final_url: url.clone(),
        headers: HeaderMap::new(),
        body: url.path().to_owned(),
        duration: Duration::ZERO,
    })
}

/// The value of a step that fetched, as calls carry it.
pub fn memoized(run: RunId, step: &str, refused: bool) -> everstep_protocol::Json {
    use everstep_protocol::gateway::GatewayRequest;
    let url = Url::parse(&url(run, step, refused)).expect("ids of runs and steps need no escapes");
    GatewayRequest::outcome(answer(&url).as_ref()).unwrap_or_else(|error| error.memoized())
}
