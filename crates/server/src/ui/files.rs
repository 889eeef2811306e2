//! The files of the dashboard: their names have a hash of what is in them, so they never change.

use std::borrow::Cow;
use std::io::Read;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};

/// The page that takes the place of one that was not built.
pub(super) const STUB: &str = include_str!("stub.html");

include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));

/// A file in the forms that are in the binary. There is `plain` or `gzip`.
pub(super) struct File {
    name: &'static str,
    plain: Option<&'static [u8]>,
    br: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

impl File {
    /// One of files that are sorted by name.
    pub(super) fn find<'f>(files: &'f [Self], name: &str) -> Option<&'f Self> {
        let place = files.binary_search_by(|file| file.name.cmp(name)).ok()?;
        files.get(place)
    }

    /// The file in the form that the client takes and that is shortest.
    pub(super) fn reply(&self, headers: &HeaderMap) -> Response {
        let tag = format!("\"{}\"", self.name);
        let is_known = headers
            .get(IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|known| {
                known
                    .split(',')
                    .any(|one| one.trim().trim_start_matches("W/") == tag)
            });
        let (encoding, bytes) = match is_known {
            true => (None, Cow::Borrowed(&[][..])),
            false => self.form(headers),
        };
        let mut response = match bytes {
            Cow::Borrowed(bytes) => Body::from(bytes).into_response(),
            Cow::Owned(bytes) => Body::from(bytes).into_response(),
        };
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
        set(CONTENT_TYPE, content_type(self.name));
        set(CACHE_CONTROL, "public, max-age=31536000, immutable");
        set(VARY, "accept-encoding");
        set(X_CONTENT_TYPE_OPTIONS, "nosniff");
        if let Some(encoding) = encoding {
            set(CONTENT_ENCODING, encoding);
        }
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(ETAG, tag);
        }
        response
    }

    fn form(&self, headers: &HeaderMap) -> (Option<&'static str>, Cow<'static, [u8]>) {
        if let Some(bytes) = self.br.filter(|_| takes(headers, "br")) {
            return (Some("br"), bytes.into());
        }
        if let Some(bytes) = self.gzip.filter(|_| takes(headers, "gzip")) {
            return (Some("gzip"), bytes.into());
        }
        if let Some(bytes) = self.plain {
            return (None, bytes.into());
        }
        let mut bytes = Vec::new();
        // It was packed when the binary was built.
        let _ = GzDecoder::new(self.gzip.unwrap_or_default()).read_to_end(&mut bytes);
        (None, bytes.into())
    }
}

/// Whether the client takes an encoding (RFC 9110 §12.5.3); a wildcard is left alone.
fn takes(headers: &HeaderMap, encoding: &str) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter();
    let all = values.filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).any(|one| {
        let (name, quality) = one.split_once(';').unwrap_or((one, ""));
        let quality = quality.trim().strip_prefix("q=").map(str::parse::<f32>);
        name.trim().eq_ignore_ascii_case(encoding) && quality.is_none_or(|it| it != Ok(0.0))
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, end)| end) {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" | "map" => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use axum::body::to_bytes;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    async fn reply(
        file: &File,
        headers: &[(&'static str, &'static str)],
    ) -> (u16, String, Vec<u8>) {
        let headers = headers.iter().map(|(name, value)| {
            let name = http::HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        let response = file.reply(&headers.collect());
        let encoding = response.headers().get(CONTENT_ENCODING);
        let encoding = encoding
            .map_or("", |value| value.to_str().unwrap())
            .to_owned();
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), 1000).await.unwrap();
        (status, encoding, bytes.to_vec())
    }

    #[tokio::test]
    async fn each_client_gets_the_form_that_it_takes() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(b"text").unwrap();
        let gzip: &'static [u8] = packed.finish().unwrap().leak();
        let file = File {
            name: "assets/a-1.js",
            plain: None,
            br: Some(b"brotli"),
            gzip: Some(gzip),
        };
        for (accepts, encoding, bytes) in [
            ("gzip, deflate, br", "br", &b"brotli"[..]),
            ("br;q=0, gzip", "gzip", gzip),
            ("identity", "", b"text"),
        ] {
            let got = reply(&file, &[("accept-encoding", accepts)]).await;
            assert_eq!(got, (200, encoding.to_owned(), bytes.to_vec()), "{accepts}");
        }
        let known = [("if-none-match", "\"x\", W/\"assets/a-1.js\"")];
        assert_eq!(reply(&file, &known).await, (304, String::new(), Vec::new()));
    }

    #[test]
    fn files_are_found_by_name() {
        let file = |name| File {
            name,
            plain: Some(b""),
            br: None,
            gzip: None,
        };
        let files = [file("assets/a.js"), file("assets/b.css")];
        assert!(File::find(&files, "assets/b.css").is_some());
        assert!(File::find(&files, "assets/c.js").is_none());
        let is_sorted = FILES.is_sorted_by(|a, b| a.name < b.name);
        assert!(is_sorted, "the table of the build is sorted");
    }
}
