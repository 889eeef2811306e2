//! Why there is no response.

use std::time::Duration;

use hyper_util::client::legacy;
use url::Url;

use super::connect::TcpError;
use crate::egress::EgressRefusal;

/// The error of a library below, for logs.
pub(super) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no response. The texts are complete sentences for the person whose app it is.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("{url:?} is not an http or https URL")]
    BadUrl { url: String },
    #[error("the host name {host:?} can't be resolved")]
    Dns {
        host: String,
        #[source]
        cause: Cause,
    },
    #[error("the egress policy does not let this server reach {host:?}: {refusal}")]
    NotAllowed {
        host: String,
        refusal: EgressRefusal,
    },
    #[error("nothing listens at {origin} (connection refused)")]
    Refused { origin: String },
    #[error("no connection to {origin} within {}", seconds(.after))]
    ConnectTimedOut { origin: String, after: Duration },
    #[error("can't connect to {origin}: {cause}")]
    Connect { origin: String, cause: Cause },
    #[error("no secure connection to {origin}: {cause}")]
    Tls { origin: String, cause: Cause },
    #[error("no complete reply within {}", seconds(.after))]
    TimedOut { after: Duration },
    #[error("the connection was closed before the reply was complete")]
    Closed {
        #[source]
        cause: Cause,
    },
    #[error("the reply is not valid HTTP: {cause}")]
    Protocol { cause: Cause },
    #[error("the reply is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("more than {limit} redirects")]
    TooManyRedirects { limit: u32 },
    #[error("{status} redirects to {location:?}, which is not a usable URL")]
    BadRedirect { status: u16, location: String },
    #[error("the reply does not decode: {detail}")]
    Encoding { detail: String },
}

impl HttpError {
    /// The app was never reached: it can't have seen the request.
    pub fn is_connect(&self) -> bool {
        matches!(
            self,
            Self::BadUrl { .. }
                | Self::Dns { .. }
                | Self::NotAllowed { .. }
                | Self::Refused { .. }
                | Self::ConnectTimedOut { .. }
                | Self::Connect { .. }
                | Self::Tls { .. }
        )
    }

    pub(super) fn of_send(error: legacy::Error, url: &Url, connect_timeout: Duration) -> Self {
        if error.is_connect() {
            return Self::of_connect(&error, url, connect_timeout);
        }
        let malformed = chain(&error)
            .filter_map(|link| link.downcast_ref())
            .any(is_malformed);
        if malformed {
            Self::Protocol {
                cause: innermost(&error).into(),
            }
        } else {
            Self::Closed {
                cause: error.into(),
            }
        }
    }

    pub(super) fn of_body(error: hyper::Error) -> Self {
        if is_malformed(&error) {
            Self::Protocol {
                cause: innermost(&error).into(),
            }
        } else {
            Self::Closed {
                cause: error.into(),
            }
        }
    }

    fn of_connect(error: &legacy::Error, url: &Url, after: Duration) -> Self {
        let origin = url.origin().ascii_serialization();
        let host = || url.host_str().unwrap_or_default().to_owned();
        match chain(error).find_map(|link| link.downcast_ref::<TcpError>()) {
            Some(TcpError::Dns(cause)) => Self::Dns {
                host: host(),
                cause: cause.to_string().into(),
            },
            Some(TcpError::NotAllowed(refusal)) => Self::NotAllowed {
                host: host(),
                refusal: *refusal,
            },
            Some(TcpError::Refused) => Self::Refused { origin },
            Some(TcpError::TimedOut) => Self::ConnectTimedOut { origin, after },
            Some(TcpError::Other(cause)) => Self::Connect {
                origin,
                cause: innermost(&**cause).into(),
            },
            None => Self::Tls {
                origin,
                cause: innermost(error).into(),
            },
        }
    }
}

/// The head or the framing of the reply does not parse; the connection itself worked.
fn is_malformed(error: &hyper::Error) -> bool {
    error.is_parse() || error.is_parse_status()
}

fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |link| link.source())
}

/// The text of the last error of a chain: what the operating system or the TLS library said.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    chain(error)
        .last()
        .map_or_else(String::new, ToString::to_string)
}

fn seconds(duration: &Duration) -> String {
    if duration.as_secs() >= 1 && duration.subsec_millis() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{} ms", duration.as_millis())
    }
}
