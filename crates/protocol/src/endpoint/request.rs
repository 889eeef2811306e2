//! The request that a client made of an endpoint, which the server makes again to go on with the run
//! (sdk-protocol §7.5).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderValue, Method};
use url::Url;

use super::{BASE64, ENCODING_MEMBER, EndpointError, SERVER_MEMBER, wrong};
use crate::Json;
use crate::json::tree::Node;

/// A client's request, as far as SDKs report it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointRequest {
    /// Such as `POST`.
    pub method: Method,
    /// Where the app serves it.
    pub url: Url,
    /// As the client gave it; `None` if it gave none.
    pub content_type: Option<HeaderValue>,
    /// As the client sent it, unless the user let the SDK leave it out.
    pub body: Vec<u8>,
}

impl EndpointRequest {
    /// Reads it off the payload of the event that started the run.
    ///
    /// # Errors
    ///
    /// A member that no request can be made of. There is none in an event that
    /// [`EndpointStart::parse`](super::EndpointStart::parse) has let pass.
    pub fn of_event(payload: &Json) -> Result<Self, EndpointError> {
        let tree = payload.tree();
        let data = tree.root().member("data");
        data.map_or_else(|| Err(wrong("event.data", "an object")), Self::of_node)
    }

    pub(super) fn of_data(data: &Json) -> Result<Self, EndpointError> {
        Self::of_node(data.tree().root())
    }

    fn of_node(data: Node<'_, '_>) -> Result<Self, EndpointError> {
        let text = |name: &str| data.member_text(name).filter(|text| !text.is_empty());
        let method = text("method")
            .and_then(|method| Method::from_bytes(method.as_bytes()).ok())
            .filter(|method| *method != Method::CONNECT)
            .ok_or_else(|| wrong("event.data.method", "the method of a request"))?;
        let domain = text("domain")
            .and_then(|domain| Url::parse(&domain).ok())
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let mut url =
            domain.ok_or_else(|| wrong("event.data.domain", "an http or https origin"))?;
        let no_user = url.set_username("").and_then(|()| url.set_password(None));
        no_user.expect("an http or https URL with a host can have a user");
        url.set_fragment(None);
        url.set_path(text("path").as_deref().unwrap_or("/"));
        url.set_query(text("query_params").as_deref());
        let encoding = data
            .member(SERVER_MEMBER)
            .and_then(|own| own.member_text(ENCODING_MEMBER));
        let body = text("body").unwrap_or_default();
        let body = match encoding.as_deref() {
            Some(BASE64) => BASE64_STANDARD
                .decode(body.as_bytes())
                .map_err(|_| wrong("event.data.body", "base64"))?,
            _ => body.into_owned().into_bytes(),
        };
        Ok(Self {
            method,
            url,
            content_type: text("content_type").and_then(|text| HeaderValue::from_str(&text).ok()),
            body,
        })
    }

    /// Scheme, host and port of the URL.
    pub(super) fn origin(&self) -> Url {
        let mut url = self.url.clone();
        url.set_path("/");
        url.set_query(None);
        url
    }
}
