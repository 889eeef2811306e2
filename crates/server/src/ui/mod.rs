//! The dashboard: a page and its files, which are in the binary, and the paths that lead there.
//!
//! | module | owns |
//! |---|---|
//! | `bookmarks` | where the pages of other servers are here |
//! | `files` | what is in the binary, and in which form a browser gets it |

mod bookmarks;
mod files;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::header::{REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;

use self::files::{FILES, File, PAGE, STUB};
use crate::cli::VERSION;
use crate::error::ApiError;

/// Nothing but what this server serves; inline styles are those of rows that are drawn as one scrolls.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
                      object-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'self'";
/// What the page has in the place of what the server tells it.
const BOOT: &str = r#"id="boot">"#;

/// Whether this binary has the dashboard, and not only a page that says how to get it.
pub const IS_BUILT: bool = PAGE.is_some();

/// The page as it is served: with what it must know of this server.
struct Page(String);

/// Everything under `/ui/`, and what leads there.
pub fn routes() -> Router {
    let page = Arc::new(Page::new(PAGE.unwrap_or(STUB)));
    let routes = Router::new()
        .route("/", get(home))
        .route("/ui", get(home))
        .route("/ui/", get(page_of))
        .route("/ui/assets/{*name}", get(asset))
        .route("/ui/{*path}", get(page_of));
    bookmarks::PATHS
        .iter()
        .fold(routes, |routes, path| routes.route(path, get(bookmark)))
        .with_state(page)
        .layer(CatchPanicLayer::new())
}

async fn home() -> Redirect {
    Redirect::temporary("/ui/")
}

async fn bookmark(uri: Uri, RawQuery(query): RawQuery) -> Redirect {
    Redirect::temporary(&bookmarks::target(uri.path(), &query.unwrap_or_default()))
}

/// The page for whatever path: it knows itself which of its screens that is. What asks for anything but
/// a page is told that there is nothing else.
async fn page_of(
    State(page): State<Arc<Page>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let accepts = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    let wants_page = accepts.is_none_or(|it| it.contains("text/html") || it.contains("*/*"));
    if !wants_page {
        let message = format!("no such endpoint: {method} {}", uri.path());
        return ApiError::not_found(message).into_response();
    }
    let mut response = page.0.clone().into_response();
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(CONTENT_TYPE, "text/html; charset=utf-8");
    set(CACHE_CONTROL, "no-cache");
    set(CONTENT_SECURITY_POLICY, POLICY);
    set(REFERRER_POLICY, "same-origin");
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let name = format!("assets/{name}");
    match File::find(FILES, &name) {
        Some(file) => file.reply(&headers),
        // Never the page: a script that is not there any more must not be one.
        None => (StatusCode::NOT_FOUND, "there is no such file").into_response(),
    }
}

impl Page {
    fn new(text: &str) -> Self {
        let boot = json!({ "mode": "dev", "version": VERSION, "basePath": "/ui/", "apiBase": "/" });
        let Some((before, rest)) = text.split_once(BOOT) else {
            return Self(text.to_owned());
        };
        let after = rest.find("</script>").map_or("", |end| &rest[end..]);
        Self(format!("{before}{BOOT}{boot}{after}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_knows_its_server() {
        let Page(page) = Page::new(
            "<base href=\"/ui/\" /><script type=\"application/json\" id=\"boot\">\n {}\n</script><body>",
        );
        let boot =
            format!(r#"{{"apiBase":"/","basePath":"/ui/","mode":"dev","version":"{VERSION}"}}"#);
        assert_eq!(
            page,
            format!(
                "<base href=\"/ui/\" /><script type=\"application/json\" id=\"boot\">{boot}</script><body>"
            )
        );
        assert_eq!(Page::new("no place").0, "no place");
    }
}
