//! The dashboard, whether this build has it or only the page that says how to get it.

use bytes::Bytes;
use everstep_engine::http::{HttpClient, Limits, Request, Response};
use http::{HeaderMap, HeaderName, Method};
use std::time::Duration;

use crate::support::Server;

/// An answer that is no JSON; redirects are not followed.
async fn get(server: &Server, path: &str, headers: &[(&'static str, &'static str)]) -> Response {
    let headers = headers.iter().map(|(name, value)| {
        let name = HeaderName::from_static(name);
        (name, value.parse().unwrap())
    });
    let request = Request {
        method: Method::GET,
        url: server.url(path).parse().unwrap(),
        headers: headers.collect::<HeaderMap>(),
        body: Bytes::new(),
    };
    let limits = Limits {
        timeout: Duration::from_secs(10),
        body_max: 1 << 20,
        redirects_max: 0,
        answer_header: Some("location"),
    };
    HttpClient::new(Duration::from_secs(5))
        .send(request, limits)
        .await
        .unwrap()
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    let value = response.headers.get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn each_path_of_the_dashboard_is_the_page() {
    let server = Server::start().await;
    for path in ["/ui/", "/ui/env/default/runs", "/ui/r/01JQ"] {
        let page = get(&server, path, &[("accept", "text/html")]).await;
        let text = String::from_utf8(page.body.to_vec()).unwrap();
        assert!(
            page.status == 200 && text.contains("<title>Everstep</title>"),
            "{path}: {text}"
        );
        assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
        assert_eq!(header(&page, "cache-control"), "no-cache");
        assert_eq!(header(&page, "access-control-allow-origin"), "");
        let policy = header(&page, "content-security-policy");
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
        assert!(
            !policy.contains("script-src"),
            "scripts are this server's alone"
        );
    }
    let other = get(&server, "/ui/env", &[("accept", "application/json")]).await;
    assert_eq!(
        (other.status.as_u16(), header(&other, "content-type")),
        (404, "application/json")
    );
}

#[tokio::test]
async fn a_file_that_is_gone_is_not_the_page() {
    let server = Server::start().await;
    let gone = get(&server, "/ui/assets/index-old.js", &[("accept", "*/*")]).await;
    assert_eq!(gone.status, 404);
    assert!(!header(&gone, "content-type").contains("html"));
    assert!(!header(&gone, "cache-control").contains("immutable"));
}

#[tokio::test]
async fn the_files_of_the_page_are_there() {
    let server = Server::start().await;
    let page = get(&server, "/ui/", &[]).await;
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    let names = text
        .split('"')
        .filter_map(|part| part.strip_prefix("./assets/"));
    let names: Vec<_> = names.collect();
    assert_eq!(names.is_empty(), !everstep_server::ui::IS_BUILT, "{text}");
    for name in names {
        let path = format!("/ui/assets/{name}");
        let file = get(&server, &path, &[("accept-encoding", "identity")]).await;
        assert_eq!(file.status, 200, "{path}");
        assert!(!file.body.is_empty());
        assert_eq!(
            header(&file, "cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert!(!header(&file, "content-type").is_empty());
    }
}

#[tokio::test]
async fn what_leads_to_the_dashboard_is_redirected() {
    let server = Server::start().await;
    for (path, to) in [
        ("/", "/ui/"),
        ("/ui", "/ui/"),
        ("/run?runID=01JQ", "/ui/env/default/runs/01JQ"),
        (
            "/runs?filterStatus=%5B%22FAILED%22%5D",
            "/ui/env/default/runs?status=FAILED",
        ),
    ] {
        let answer = get(&server, path, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), header(&answer, "location")),
            (307, to),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_server_can_run_without_it() {
    let server = Server::with(|config| config.ui = false).await;
    for path in ["/", "/ui/", "/runs"] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    let said = server.get("/ui/").await.json["error"].clone();
    assert!(
        said.as_str().unwrap().contains("without the dashboard"),
        "{said}"
    );
}
