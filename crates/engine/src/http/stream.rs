//! A response that is read as it comes.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::HttpError;

/// A response whose body goes on for as long as its server likes. It is not decompressed.
#[derive(Debug)]
pub struct Streaming {
    pub status: StatusCode,
    pub headers: HeaderMap,
    body: Incoming,
}

impl Streaming {
    pub(super) fn new(response: http::Response<Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// The next bytes of the body; `None` at its end. [`HttpError::TimedOut`] if there are none for
    /// so long.
    pub async fn chunk(&mut self, silence_max: Duration) -> Result<Option<Bytes>, HttpError> {
        loop {
            let frame = tokio::time::timeout(silence_max, self.body.frame()).await;
            let frame = frame.map_err(|_| HttpError::TimedOut { after: silence_max })?;
            match frame.transpose().map_err(HttpError::of_body)? {
                None => return Ok(None),
                Some(frame) => {
                    if let Ok(chunk) = frame.into_data() {
                        return Ok(Some(chunk));
                    }
                }
            }
        }
    }
}
