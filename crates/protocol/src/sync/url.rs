//! App URLs in normal form (sdk-protocol §2.3, SY-6).

use url::{Host, Url};

/// Query parameters that belong to one sync and not to the app.
const SYNC_PARAMETERS: [&str; 2] = ["deployId", "probe"];

/// A text that cannot be the URL of an app.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL.
    #[error("{0:?} is not a URL")]
    Malformed(String),
    /// Another scheme than http, https, ws and wss.
    #[error("apps are not reached by {0:?} URLs")]
    Scheme(String),
}

/// Brings an app's URL into the form in which URLs are compared: without default port, fragment,
/// and the query parameters `deployId` and `probe`; `127.0.0.1` and `0.0.0.0` with a port become
/// `localhost`.
///
/// ```
/// # use everstep_protocol::sync::normalize_url;
/// let url = normalize_url("http://127.0.0.1:3000/api/inngest?deployId=d1")?;
/// assert_eq!(url.as_str(), "http://localhost:3000/api/inngest");
/// # Ok::<(), everstep_protocol::sync::UrlError>(())
/// ```
///
/// # Errors
///
/// A text that is not an http, https, ws or wss URL.
pub fn normalize_url(text: &str) -> Result<Url, UrlError> {
    let mut url = Url::parse(text.trim()).map_err(|_| UrlError::Malformed(text.to_owned()))?;
    if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
        return Err(UrlError::Scheme(url.scheme().to_owned()));
    }
    url.set_fragment(None);
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_unspecified() || address.octets() == [127, 0, 0, 1],
        Some(Host::Domain(_) | Host::Ipv6(_)) | None => false,
    };
    // Parsing dropped a default port, so that a port here is one that was written and matters.
    if loopback && url.port().is_some() {
        // A special scheme takes any host name.
        let _ = url.set_host(Some("localhost"));
    }
    Ok(strip_sync_query(url))
}

/// Removes the parameters that belong to one sync; the others stay as they are.
pub(crate) fn strip_sync_query(mut url: Url) -> Url {
    let Some(query) = url.query() else {
        return url;
    };
    let is_kept = |part: &&str| {
        let name = part.split('=').next().unwrap_or_default();
        !part.is_empty() && !SYNC_PARAMETERS.contains(&name)
    };
    let kept: Vec<_> = query.split('&').filter(is_kept).collect();
    let kept = kept.join("&");
    url.set_query(if kept.is_empty() { None } else { Some(&kept) });
    url
}
