//! Bodies of OTLP requests and answers.

use std::io::{self, Read};

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use everstep_protocol::limits::TRACES_BODY_MAX;
use flate2::read::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use http::{HeaderValue, StatusCode};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;

use super::Rejections;

const JSON: &str = "application/json";
const PROTOBUF: &str = "application/x-protobuf";

/// How a request is written, and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Json,
    Protobuf,
}

/// Why a request can't be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the content type must be {JSON} or {PROTOBUF}, not {0:?}")]
    ContentType(String),
    #[error("the content encoding must be gzip or none, not {0:?}")]
    ContentEncoding(String),
    #[error("the request is larger than {TRACES_BODY_MAX} bytes")]
    TooLarge,
    #[error("the body is not gzip: {0}")]
    Gzip(io::Error),
    #[error("the body is not an ExportTraceServiceRequest in JSON: {0}")]
    Json(serde_json::Error),
    #[error("the body is not an ExportTraceServiceRequest in protobuf: {0}")]
    Protobuf(prost::DecodeError),
}

impl BodyError {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::ContentType(_) | Self::ContentEncoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Gzip(_) | Self::Json(_) | Self::Protobuf(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// `google.rpc.Status`, as far as OTLP uses it.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

impl Encoding {
    pub fn of(headers: &HeaderMap) -> Result<Self, BodyError> {
        let text = header(headers.get(CONTENT_TYPE));
        let media = text.split(';').next().unwrap_or_default().trim();
        match media.to_ascii_lowercase().as_str() {
            JSON => Ok(Self::Json),
            PROTOBUF => Ok(Self::Protobuf),
            _ => Err(BodyError::ContentType(text)),
        }
    }

    pub fn read(
        self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<ExportTraceServiceRequest, BodyError> {
        let coding = header(headers.get(CONTENT_ENCODING)).to_ascii_lowercase();
        let unpacked;
        let body = match coding.as_str() {
            "" | "identity" => body,
            "gzip" => {
                unpacked = unpack(body)?;
                &unpacked
            }
            _ => return Err(BodyError::ContentEncoding(coding)),
        };
        match self {
            Self::Json => serde_json::from_slice(body).map_err(BodyError::Json),
            Self::Protobuf => ExportTraceServiceRequest::decode(body).map_err(BodyError::Protobuf),
        }
    }

    /// The answer to a request that was read, whatever became of its spans.
    pub fn answer(self, rejections: &Rejections) -> Response {
        let partial_success = (rejections.count() > 0).then(|| ExportTracePartialSuccess {
            rejected_spans: rejections.count(),
            error_message: rejections.message(),
        });
        match self {
            Self::Json => {
                let partial = partial_success.map(|partial| {
                    serde_json::json!({
                        "rejectedSpans": partial.rejected_spans,
                        "errorMessage": partial.error_message,
                    })
                });
                let body = serde_json::json!({ "partialSuccess": partial.unwrap_or_else(|| serde_json::json!({})) });
                self.respond(StatusCode::OK, body.to_string())
            }
            Self::Protobuf => {
                let body = ExportTraceServiceResponse { partial_success };
                self.respond(StatusCode::OK, body.encode_to_vec())
            }
        }
    }

    /// The answer to a request that can't be done.
    pub fn refuse(self, status: StatusCode, message: &str) -> Response {
        match self {
            Self::Json => {
                let body = serde_json::json!({ "message": message });
                self.respond(status, body.to_string())
            }
            Self::Protobuf => {
                let message = message.to_owned();
                let body = Status { code: 0, message };
                self.respond(status, body.encode_to_vec())
            }
        }
    }

    fn respond(self, status: StatusCode, body: impl Into<Bytes>) -> Response {
        let content_type = match self {
            Self::Json => JSON,
            Self::Protobuf => PROTOBUF,
        };
        let content_type = HeaderValue::from_static(content_type);
        (status, [(CONTENT_TYPE, content_type)], body.into()).into_response()
    }
}

fn header(value: Option<&HeaderValue>) -> String {
    let bytes = value.map(HeaderValue::as_bytes).unwrap_or_default();
    String::from_utf8_lossy(bytes).trim().to_owned()
}

fn unpack(body: &[u8]) -> Result<Vec<u8>, BodyError> {
    let mut unpacked = Vec::new();
    let limit = u64::try_from(TRACES_BODY_MAX).unwrap_or(u64::MAX);
    MultiGzDecoder::new(body)
        .take(limit + 1)
        .read_to_end(&mut unpacked)
        .map_err(BodyError::Gzip)?;
    if unpacked.len() > TRACES_BODY_MAX {
        return Err(BodyError::TooLarge);
    }
    Ok(unpacked)
}
