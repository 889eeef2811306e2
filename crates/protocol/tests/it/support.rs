//! Access to the recorded data.

use std::fs;
use std::path::PathBuf;

use everstep_protocol::Json;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// One request and its reply.
pub(crate) struct Exchange {
    pub(crate) capture: String,
    pub(crate) number: u64,
    value: Value,
}

pub(crate) fn data(path: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(path);
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// All exchanges of all captures, in a fixed order.
pub(crate) fn exchanges() -> Vec<Exchange> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/captures");
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
        .iter()
        .flat_map(|name| capture(name.trim_end_matches(".json")))
        .collect()
}

/// The exchanges of one capture.
pub(crate) fn capture(name: &str) -> Vec<Exchange> {
    let capture = data(&format!("captures/{name}.json"));
    let exchanges = capture["exchanges"].as_array().unwrap();
    exchanges
        .iter()
        .filter(|value| value["req"].is_string())
        .map(|value| Exchange {
            capture: name.to_owned(),
            number: value["n"].as_u64().unwrap(),
            value: value.clone(),
        })
        .collect()
}

impl Exchange {
    pub(crate) fn to_app(&self) -> bool {
        self.value["dir"] == "server->sdk"
    }

    /// Method, path and query.
    pub(crate) fn request(&self) -> &str {
        self.value["req"].as_str().unwrap()
    }

    pub(crate) fn request_body(&self) -> &Value {
        &self.value["req_body"]
    }

    pub(crate) fn request_bytes(&self) -> Vec<u8> {
        bytes(self.request_body())
    }

    pub(crate) fn status(&self) -> u16 {
        self.value["status"].as_u64().unwrap().try_into().unwrap()
    }

    pub(crate) fn reply_headers(&self) -> HeaderMap {
        headers(&self.value["res_headers"])
    }

    pub(crate) fn reply_body(&self) -> &Value {
        &self.value["res_body"]
    }

    pub(crate) fn reply_bytes(&self) -> Vec<u8> {
        bytes(self.reply_body())
    }
}

/// Bodies that are not JSON were recorded as texts.
fn bytes(body: &Value) -> Vec<u8> {
    match body {
        Value::Null => Vec::new(),
        Value::String(text) => text.clone().into_bytes(),
        body => serde_json::to_vec(body).unwrap(),
    }
}

pub(crate) fn headers(value: &Value) -> HeaderMap {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (
                name,
                HeaderValue::from_str(value.as_str().unwrap()).unwrap(),
            )
        })
        .collect()
}

pub(crate) fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}
