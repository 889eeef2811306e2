//! Apps are added, synced, removed and probed by clients, and their schedules listed.

use http::Method;
use serde_json::{Value, json};

use crate::support::app::{App, Asked, function, plain, registration, sdk};
use crate::support::{Server, closed_port, until};

/// Asks the server to do something, as somebody.
async fn ask(server: &Server, method: Method, path: &str, body: &Value) -> Value {
    let body = match body.is_null() {
        true => String::new(),
        false => body.to_string(),
    };
    let headers = [("x-everstep-actor", "ada")];
    let answer = server.send(method, path, &headers, body).await;
    json!({ "status": answer.status, "body": answer.json })
}

/// An app that has registered, and answers.
async fn registered(server: &Server) -> App {
    let app = App::start(|_| async { sdk(200, &json!("done")) }).await;
    app.register(server).await;
    app
}

async fn starts_a_run(server: &Server) -> bool {
    let event = server.event("shop/paid").await;
    // What was going to start has done so when a later event has its run.
    let runs = server.get(&format!("/v1/events/{event}/runs")).await.json;
    runs["data"].as_array().is_some_and(|runs| !runs.is_empty())
}

#[tokio::test]
async fn an_app_that_is_removed_comes_back_with_its_next_sync() {
    let server = Server::start().await;
    let app = registered(&server).await;
    assert!(starts_a_run(&server).await);

    let removed = ask(
        &server,
        Method::DELETE,
        "/v2/apps/shop?reason=moved",
        &Value::Null,
    )
    .await;
    let shown = &removed["body"]["data"];
    assert_eq!(removed["status"], 200, "{removed}");
    assert_eq!(
        (&shown["id"], &shown["isArchived"], &shown["functionCount"]),
        (&json!("shop"), &json!(true), &Value::Null),
        "{shown}"
    );
    assert!(shown["archivedAt"].is_string());
    assert!(!starts_a_run(&server).await, "the function is triggered");
    assert!(server.get("/v2/apps").await.json["data"].is_null());
    assert_eq!(
        server.get("/v2/apps?archived=true").await.json["data"][0]["id"],
        "shop"
    );
    let info = server.get("/dev").await.json;
    assert_eq!((&info["apps"], &info["handlers"]), (&json!([]), &json!([])));
    let entry = server.get("/v2/audit").await.json["data"][0].clone();
    assert_eq!(
        (
            &entry["action"],
            &entry["actor"],
            &entry["reason"],
            &entry["detail"]["app"]
        ),
        (
            &json!("app.archive"),
            &json!("ada"),
            &json!("moved"),
            &json!("shop")
        )
    );
    let again = ask(&server, Method::DELETE, "/v2/apps/shop", &Value::Null).await;
    assert_eq!(
        again,
        json!({ "status": 404, "body": { "errors": [{ "code": "not_found", "message": "App not found" }] } })
    );

    app.register(&server).await;
    assert!(starts_a_run(&server).await, "the function is not triggered");
    let back = server.get("/v2/apps/shop").await.json["data"].clone();
    assert!(
        back["isArchived"].is_null() && back["archivedAt"].is_null(),
        "{back}"
    );
}

#[tokio::test]
async fn apps_are_removed_as_other_clients_do() {
    let server = Server::start().await;
    let app = registered(&server).await;
    let path = format!("/fn/remove?url={}", app.url());
    let removed = ask(&server, Method::DELETE, &path, &Value::Null).await;
    assert_eq!(removed, json!({ "status": 200, "body": { "ok": true } }));
    let again = ask(&server, Method::DELETE, &path, &Value::Null).await;
    assert_eq!(again["status"], 404, "{again}");
    for (path, says) in [
        ("/fn/remove", "url: "),
        ("/fn/remove?url=ftp://x", "not reached by"),
    ] {
        let refused = ask(&server, Method::DELETE, path, &Value::Null).await;
        let said = refused["body"]["error"].as_str().unwrap();
        assert!(refused["status"] == 400 && said.contains(says), "{refused}");
    }

    let gql = async |query: &str| {
        let answer = server.post("/v0/gql", &json!({ "query": query })).await;
        answer.json
    };
    app.register(&server).await;
    let apps = gql("{ apps { id } }").await;
    let id = apps["data"]["apps"][0]["id"].as_str().unwrap().to_owned();
    let delete = format!("mutation {{ deleteApp(id: {id:?}) }}");
    assert_eq!(gql(&delete).await, json!({ "data": { "deleteApp": id } }));
    assert_eq!(
        gql("{ apps { id } }").await,
        json!({ "data": { "apps": [] } })
    );
    assert_eq!(gql(&delete).await["errors"][0]["message"], "app not found");

    app.register(&server).await;
    let by_name = "mutation { deleteAppByName(name: \"shop\") }";
    assert_eq!(
        gql(by_name).await,
        json!({ "data": { "deleteAppByName": true } })
    );
    assert_eq!(
        gql(by_name).await,
        json!({ "data": { "deleteAppByName": false } })
    );
}

#[tokio::test]
async fn a_url_is_an_app_that_is_awaited_until_one_registers_there() {
    let server = Server::start().await;
    let url = format!("http://localhost:{}/api/inngest", closed_port().await);
    let added = ask(&server, Method::POST, "/v2/apps", &json!({ "url": url })).await;
    let added = &added["body"]["data"];
    assert_eq!(
        (
            &added["status"],
            &added["url"],
            &added["error"]["code"],
            &added["appId"]
        ),
        (
            &json!("error"),
            &json!(url),
            &json!("unreachable"),
            &Value::Null
        )
    );
    let listed = server.get("/v2/apps").await.json["data"][0].clone();
    assert_eq!(
        (
            &listed["id"],
            &listed["latestSync"]["status"],
            &listed["latestSync"]["error"]
        ),
        (&json!(url), &json!("ERROR"), &added["error"])
    );

    let path: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
    let path = format!("/v2/apps/{path}");
    assert_eq!(server.get(&path).await.json["data"]["id"], json!(url));
    let synced = ask(
        &server,
        Method::POST,
        &format!("{path}/syncs"),
        &Value::Null,
    )
    .await;
    assert_eq!(synced["body"]["data"]["status"], "error", "{synced}");
    let removed = ask(&server, Method::DELETE, &path, &Value::Null).await;
    assert_eq!(
        (&removed["status"], &removed["body"]["data"]["id"]),
        (&json!(200), &json!(url))
    );
    assert!(server.get("/v2/apps").await.json["data"].is_null());
    assert_eq!(
        ask(&server, Method::DELETE, &path, &Value::Null).await["status"],
        404
    );
}

/// Answers a sync with one function.
async fn in_band(asked: Asked) -> axum::response::Response {
    if asked.method != Method::PUT {
        return sdk(200, &json!({ "function_count": 1, "mode": "dev" }));
    }
    let url = asked.json["url"].as_str().unwrap();
    let functions = [function("shop-pay", "shop/paid", url, json!({}))];
    let body = json!({ "app_id": "shop", "functions": functions, "sdk": "js:v4.24.0", "url": url });
    let mut response = sdk(200, &body);
    let kind = "in_band".parse().unwrap();
    response.headers_mut().insert("x-inngest-sync-kind", kind);
    response
}

/// An app that answers a sync only once it may.
async fn hesitant() -> (App, tokio::sync::watch::Sender<bool>) {
    let (may, answer) = tokio::sync::watch::channel(false);
    let app = App::start(move |asked| {
        let mut answer = answer.clone();
        async move {
            if asked.method == Method::PUT {
                answer.wait_for(|may| *may).await.unwrap();
            }
            in_band(asked).await
        }
    })
    .await;
    (app, may)
}

#[tokio::test]
async fn a_removal_wins_over_a_sync_that_began_before_it() {
    let server = Server::start().await;
    let (app, may) = hesitant().await;
    app.register(&server).await;
    let syncing = async { ask(&server, Method::POST, "/v2/apps/shop/syncs", &Value::Null).await };
    let removing = async {
        until("the app is asked", async || {
            (app.count(&Method::PUT) > 0).then_some(())
        })
        .await;
        let removed = ask(&server, Method::DELETE, "/v2/apps/shop", &Value::Null).await;
        assert_eq!(removed["status"], 200, "{removed}");
        // As apps do which register by themselves when they are asked.
        let functions = [function("shop-pay", "shop/paid", &app.url(), json!({}))];
        let body = registration(&app.url(), &functions);
        let registered = server.post("/fn/register", &body).await;
        assert_eq!(registered.status, 409, "{registered:?}");
        let error = registered.json["error"].as_str().unwrap();
        assert!(error.contains("removed while it registered"), "{error}");
        may.send_replace(true);
    };
    tokio::join!(syncing, removing);
    assert!(!starts_a_run(&server).await, "it is back");
    let apps = server.get("/v2/apps").await.json["data"].clone();
    let is_active = |app: &Value| app["isArchived"] != true;
    let apps = apps.as_array().cloned().unwrap_or_default();
    assert!(!apps.iter().any(is_active), "{apps:?}");

    app.register(&server).await;
    assert!(starts_a_run(&server).await, "it registered afterwards");
}

/// The same of a URL at which no app has registered yet.
#[tokio::test]
async fn a_url_that_is_removed_while_it_is_asked_is_not_back() {
    let server = Server::start().await;
    let (app, may) = hesitant().await;
    let url = json!({ "url": app.url() });
    let adding = async { ask(&server, Method::POST, "/v2/apps", &url).await };
    let removing = async {
        until("the app is asked", async || {
            (app.count(&Method::PUT) > 0).then_some(())
        })
        .await;
        let path = format!("/fn/remove?url={}", app.url());
        let removed = ask(&server, Method::DELETE, &path, &Value::Null).await;
        assert_eq!(removed["status"], 200, "{removed}");
        may.send_replace(true);
    };
    tokio::join!(adding, removing);
    assert!(!starts_a_run(&server).await, "it is there");
}

#[tokio::test]
async fn an_app_is_synced_now_or_where_it_is_now() {
    let server = Server::start().await;
    let app = App::start(in_band).await;
    let added = ask(
        &server,
        Method::POST,
        "/v2/apps",
        &json!({ "url": app.url() }),
    )
    .await;
    let expected = json!({
        "id": added["body"]["data"]["id"], "status": "success", "appId": "shop", "url": app.url(), "functionCount": 1,
    });
    assert_eq!(added["body"]["data"], expected);
    assert!(expected["id"].is_string());
    let asked = app.count(&Method::PUT);
    let synced = ask(&server, Method::POST, "/v2/apps/shop/syncs", &Value::Null).await;
    assert_eq!(synced["body"]["data"], expected);
    assert!(app.count(&Method::PUT) > asked, "the app was not asked");

    let moved = App::start(in_band).await;
    let to = json!({ "url": moved.url() });
    let synced = ask(&server, Method::POST, "/v2/apps/shop/syncs", &to).await;
    assert_eq!(synced["body"]["data"]["status"], "success", "{synced}");
    let apps = server.get("/v2/apps").await.json["data"].clone();
    assert_eq!(
        (
            apps.as_array().unwrap().len(),
            &apps[0]["latestSync"]["url"]
        ),
        (1, &json!(moved.url()))
    );

    for (path, body, status, says) in [
        ("/v2/apps", json!({}), 400, "Field 'url' is required"),
        (
            "/v2/apps",
            json!({ "url": "ftp://x" }),
            400,
            "not reached by",
        ),
        (
            "/v2/apps",
            json!({ "uri": "x" }),
            400,
            "is not known: there are url",
        ),
        ("/v2/apps/probe", json!([]), 400, "must be an object"),
        (
            "/v2/apps/shop/syncs",
            json!({ "url": 7 }),
            400,
            "Field 'url' must be a text",
        ),
        ("/v2/apps/nobody/syncs", json!({}), 404, "App not found"),
    ] {
        let refused = ask(&server, Method::POST, path, &body).await;
        let said = refused["body"]["errors"].to_string();
        assert!(
            refused["status"] == status && said.contains(says),
            "{path} {body}: {refused}"
        );
    }
}

/// The stages of a probe as `name` or `name: what is wrong`.
async fn stages(server: &Server, url: &str) -> Vec<String> {
    let answer = ask(
        server,
        Method::POST,
        "/v2/apps/probe",
        &json!({ "url": url }),
    )
    .await;
    let report = &answer["body"]["data"];
    let stages = report["stages"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer}"));
    let is_passed = stages.iter().all(|stage| stage["status"] == "passed");
    assert_eq!(report["isPassed"], is_passed);
    let line = |stage: &Value| {
        let name = stage["name"].as_str().unwrap();
        match stage["error"]["message"].as_str() {
            Some(message) => format!("{name}: {message}"),
            None => format!("{name} {}", stage["detail"].as_str().unwrap()),
        }
    };
    stages.iter().map(line).collect()
}

async fn answering(
    answer: impl Fn() -> axum::response::Response + Clone + Send + Sync + 'static,
) -> App {
    App::start(move |_| std::future::ready(answer())).await
}

#[tokio::test]
async fn a_probe_goes_as_far_as_it_gets() {
    let server = Server::start().await;
    let app = answering(|| sdk(200, &json!({ "function_count": 7, "mode": "dev" }))).await;
    let url = format!("http://127.0.0.1:{}/api/inngest", app.port);
    let reached = [
        "dns 127.0.0.1".to_owned(),
        format!("tcp 127.0.0.1:{}", app.port),
    ];
    let passed = [
        "http 200 OK",
        "sdk inngest-js:v4.24.0",
        "mode dev",
        "functions 7",
    ];
    let all: Vec<String> = reached
        .iter()
        .cloned()
        .chain(passed.map(str::to_owned))
        .collect();
    assert_eq!(stages(&server, &url).await, all);
    assert_eq!(app.count(&Method::PUT), 0, "a probe registers nothing");
    assert!(server.get("/v2/apps").await.json["data"].is_null());

    let last = async |app: &App| {
        let url = format!("http://127.0.0.1:{}/x", app.port);
        stages(&server, &url).await.pop().unwrap()
    };
    let cloud = answering(|| sdk(200, &json!({ "function_count": 7, "mode": "cloud" }))).await;
    assert_eq!(last(&cloud).await, "mode: the app is in cloud mode");
    let empty = answering(|| sdk(200, &json!({ "function_count": 0, "mode": "dev" }))).await;
    assert_eq!(last(&empty).await, "functions: the app has no functions");
    let stranger = answering(|| plain(200, &[("content-type", "text/html")], "<p>hello</p>")).await;
    let said = last(&stranger).await;
    assert!(
        said.starts_with("sdk: something answers 200 OK there"),
        "{said}"
    );

    let closed = format!("127.0.0.1:{}", closed_port().await);
    assert_eq!(
        stages(&server, &format!("http://{closed}/x")).await,
        [
            "dns 127.0.0.1".to_owned(),
            format!("tcp: nothing listens at {closed} (connection refused)")
        ]
    );
    assert_eq!(
        stages(&server, "http://nobody.invalid/x").await,
        ["dns: the host name \"nobody.invalid\" can't be resolved"]
    );
    let plain_http = stages(&server, &format!("https://127.0.0.1:{}/x", app.port)).await;
    assert!(
        plain_http.len() == 3 && plain_http[2].starts_with("tls: no secure connection"),
        "{plain_http:?}"
    );
}

#[tokio::test]
async fn schedules_are_listed_with_their_next_times_and_last_run() {
    let server = Server::start().await;
    let app = App::start(|_| async { sdk(200, &json!("done")) }).await;
    let url = app.url();
    let crons = json!({ "triggers": [{ "cron": "* * * * * *" }, { "event": "shop/paid" }, { "cron": "TZ=Europe/Berlin 0 9 1 1 *" }] });
    let functions = [
        function("shop-tick", "", &url, crons),
        function(
            "shop-yearly",
            "",
            &url,
            json!({ "triggers": [{ "cron": "0 0 1 1 *" }] }),
        ),
        function("shop-pay", "shop/paid", &url, json!({})),
    ];
    let body = registration(&url, &functions);
    assert_eq!(server.post("/fn/register", &body).await.status, 200);
    let run = until("a tick has run", async || {
        let schedules = server.get("/v2/schedules").await.json;
        let run = schedules["data"][0]["lastRun"].clone();
        (run["status"] == "COMPLETED").then_some(run)
    })
    .await;
    assert_eq!(run["trigger"]["cronSchedule"], "* * * * * *");

    let all = server.get("/v2/schedules").await.json["data"].clone();
    let shown = |at: usize| {
        let one = &all[at];
        (
            one["function"]["slug"].clone(),
            one["cron"].clone(),
            one["timeZone"].clone(),
            one["lastRun"].is_null(),
        )
    };
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert_eq!(
        shown(0),
        (
            json!("shop-tick"),
            json!("* * * * * *"),
            json!("UTC"),
            false
        )
    );
    let berlin = json!("TZ=Europe/Berlin 0 9 1 1 *");
    assert_eq!(
        shown(1),
        (json!("shop-tick"), berlin, json!("Europe/Berlin"), true)
    );
    assert_eq!(
        shown(2),
        (json!("shop-yearly"), json!("0 0 1 1 *"), json!("UTC"), true)
    );
    let next: Vec<&str> = all[1]["nextAt"]
        .as_array()
        .unwrap()
        .iter()
        .map(|at| at.as_str().unwrap())
        .collect();
    assert_eq!(next.len(), 5);
    assert!(
        next.iter().all(|at| at.ends_with("-01-01T08:00:00.000Z")),
        "{next:?}"
    );

    let first = server.get("/v2/schedules?limit=2").await.json;
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    let cursor = first["page"]["cursor"].as_str().unwrap();
    let rest = server
        .get(&format!("/v2/schedules?limit=2&cursor={cursor}"))
        .await
        .json;
    assert_eq!(
        (&rest["data"][0]["function"]["slug"], &rest["page"]),
        (&json!("shop-yearly"), &json!({ "limit": 2 }))
    );
    let bad = server.get("/v2/schedules?cursor=nothing").await;
    assert_eq!(
        (bad.status, &bad.json["errors"][0]["message"]),
        (400, &json!("Cursor is invalid"))
    );
    let pause = json!({ "newRuns": "skip", "running": "finish" });
    assert_eq!(
        server
            .post("/v2/functions/shop-yearly/pause", &pause)
            .await
            .status,
        200
    );
    assert_eq!(
        server.get("/v2/schedules").await.json["data"][2]["isPaused"],
        true
    );
}
