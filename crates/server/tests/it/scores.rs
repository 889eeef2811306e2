//! The v2 API: scores, its errors, and what it does not have (http-api §8).

use everstep_protocol::StepId;
use everstep_protocol::limits::SCORES_PER_REQUEST_MAX;
use http::Method;
use serde_json::{Value, json};

use crate::metadata::{shown, with_run};
use crate::support::Server;

const ULID: &str = "01HZZZZZZZZZZZZZZZZZZZ1000";

fn errors(problems: &[(&str, &str)]) -> Value {
    let errors = problems
        .iter()
        .map(|(code, message)| json!({ "code": code, "message": message }));
    json!({ "errors": errors.collect::<Vec<_>>() })
}

#[tokio::test]
async fn me_9_scores_are_noted_of_a_run_that_has_ended() {
    let (server, _app, run) = with_run(true).await;
    let scores = json!([
        { "name": "quality", "value": 0.5 },
        { "name": "helpful", "value": false },
        { "name": "speed", "value": 7, "stepId": "resize" },
        { "name": "later", "value": 1, "step_id": "unknown" },
        { "name": "taste", "value": true, "experiment": { "id": "exp", "variant": "b" } },
        { "name": "smell", "value": 0, "experiment": { "id": "exp", "variant": null } },
    ]);
    let path = format!("/v2/runs/{run}/scores");
    let answer = server.post(&path, &scores).await;
    let expected = json!({
        "data": [
            { "runId": "<ulid>", "name": "quality", "value": 0.5 },
            { "runId": "<ulid>", "name": "helpful", "value": false },
            { "runId": "<ulid>", "name": "speed", "value": 7, "stepId": "resize" },
            { "runId": "<ulid>", "name": "later", "value": 1, "stepId": "unknown" },
            { "runId": "<ulid>", "name": "taste", "value": true, "experiment": { "id": "exp", "variant": "b" } },
            { "runId": "<ulid>", "name": "smell", "value": 0, "experiment": { "id": "exp" } },
        ],
        "metadata": { "fetchedAt": "<time>", "cachedUntil": null },
    });
    assert_eq!(answer.masked(), (200, expected));

    // ME-8: the same name again replaces; the same tree is under both prefixes.
    let again = json!([{ "name": "quality", "value": true }]);
    let answer = server.post(&format!("/api{path}"), &again).await;
    assert_eq!(answer.status, 200);

    let data = shown(&server, &run).await;
    let of_run = &data["metadata"];
    assert_eq!(of_run[0]["kind"], "inngest.experiment");
    assert_eq!(
        of_run[0]["values"],
        json!({ "name": "exp", "variant": "b" })
    );
    assert_eq!(of_run[1]["kind"], "inngest.score");
    let value = |value: Value| json!({ "value": value });
    let scores = json!({
        "quality": value(json!(true)), "helpful": value(json!(false)),
        "taste": value(json!(true)), "smell": value(json!(0)),
    });
    assert_eq!(of_run[1]["values"], scores);
    let unknown = StepId::derive("unknown", 0).to_string();
    assert_eq!(of_run[3]["stepId"], unknown);
    let of_step = &data["steps"][0]["metadata"][0];
    assert_eq!(
        (&of_step["kind"], &of_step["values"]),
        (
            &json!("inngest.score"),
            &json!({ "speed": value(json!(7)) })
        )
    );
}

#[tokio::test]
async fn me_9_bad_scores_are_refused_with_all_that_is_wrong() {
    let (server, _app, run) = with_run(true).await;
    let path = format!("/v2/runs/{run}/scores");
    let count = "The body must be an array of 1 to 100 scores";
    let name = "Field '[0].name' is refused: the name of a score has 1 to 128 bytes, no control characters and no single quote";
    let value = "Field '[0].value' is refused: the value of a score is a number, true or false";
    let too_many = vec![json!({ "name": "a", "value": 1 }); SCORES_PER_REQUEST_MAX + 1];
    let cases: Vec<(Value, Vec<(&str, &str)>)> = vec![
        (json!([]), vec![("invalid_request", count)]),
        (
            json!({ "name": "a", "value": 1 }),
            vec![("invalid_request", count)],
        ),
        (json!(too_many), vec![("invalid_request", count)]),
        (
            json!([7]),
            vec![("invalid_field_format", "Field '[0]' must be an object")],
        ),
        (
            json!([{ "name": null }, { "name": "", "value": 1 }, { "value": true }]),
            vec![
                ("missing_field", "Field '[0].name' is required"),
                ("missing_field", "Field '[0].value' is required"),
                (
                    "invalid_field_format",
                    "Field '[1].name' must be a text that is not empty",
                ),
                ("missing_field", "Field '[2].name' is required"),
            ],
        ),
        (
            json!([{ "name": "it's", "value": 1 }]),
            vec![("invalid_field_format", name)],
        ),
        (
            json!([{ "name": "a", "value": "1" }]),
            vec![("invalid_field_format", value)],
        ),
        (
            json!([{ "name": "a", "value": 1, "stepId": 7 }]),
            vec![(
                "invalid_field_format",
                "Field '[0].stepId' must be a text that is not empty",
            )],
        ),
        (
            json!([{ "name": "a", "value": 1, "stepId": "s", "experiment": { "id": "e" } }]),
            vec![(
                "invalid_field_format",
                "Field '[0].experiment' excludes 'stepId'",
            )],
        ),
        (
            json!([{ "name": "a", "value": 1, "experiment": "e" }]),
            vec![(
                "invalid_field_format",
                "Field '[0].experiment' must be an object",
            )],
        ),
        (
            json!([{ "name": "a", "value": 1, "experiment": { "variant": 7 } }]),
            vec![
                ("missing_field", "Field '[0].experiment.id' is required"),
                (
                    "invalid_field_format",
                    "Field '[0].experiment.variant' must be a text that is not empty",
                ),
            ],
        ),
    ];
    for (body, problems) in cases {
        let answer = server.post(&path, &body).await;
        assert_eq!(answer.masked(), (400, errors(&problems)), "{body}");
    }
    let answer = server.send(Method::POST, &path, &[], "[").await;
    assert_eq!(
        (answer.status, &answer.json["errors"][0]["code"]),
        (400, &json!("invalid_request"))
    );
    let data = shown(&server, &run).await;
    assert_eq!(
        data["metadata"].as_array().unwrap().len(),
        1,
        "nothing was noted"
    );
}

#[tokio::test]
async fn me_9_scores_of_no_run_are_refused() {
    let server = Server::start().await;
    let scores = json!([{ "name": "a", "value": 1 }]);
    let unknown = server
        .post(&format!("/v2/runs/{ULID}/scores"), &scores)
        .await;
    assert_eq!(
        unknown.masked(),
        (404, errors(&[("not_found", "Run not found")]))
    );
    let malformed = server.post("/v2/runs/x/scores", &scores).await;
    let message = "\"x\" is not a run id";
    assert_eq!(
        malformed.masked(),
        (400, errors(&[("invalid_request", message)]))
    );
    let undecodable = server.post("/v2/runs/%ff/scores", &scores).await;
    assert_eq!(undecodable.status, 400);
    assert_eq!(undecodable.json["errors"][0]["code"], "invalid_request");
    let huge = "x".repeat(2 * 1024 * 1024);
    let huge = server
        .send(Method::POST, &format!("/v2/runs/{ULID}/scores"), &[], huge)
        .await;
    assert_eq!(
        (huge.status, &huge.json["errors"][0]["code"]),
        (413, &json!("invalid_request"))
    );
}

#[tokio::test]
async fn me_13_what_is_not_there_says_so() {
    let server = Server::start().await;
    for path in [
        "/v2/experiments",
        "/api/v2/experiments",
        "/v2/apps/a/functions/f/experiments",
        "/v2/apps/a/functions/f/experiments/e",
    ] {
        let answer = server.get(path).await;
        let code = &answer.json["errors"][0]["code"];
        assert_eq!(
            (answer.status, code),
            (501, &json!("not_implemented")),
            "{path}"
        );
    }
    let unknown = server.get("/api/v2/sessions").await;
    let message = "no such endpoint: GET /api/v2/sessions (this version may not have it yet)";
    assert_eq!(unknown.masked(), (404, errors(&[("not_found", message)])));
    assert_eq!(unknown.headers["x-inngest-server-kind"], "dev");
    let method = server.get(&format!("/v2/runs/{ULID}/scores")).await;
    assert_eq!(
        (method.status, &method.json["errors"][0]["code"]),
        (405, &json!("api_error"))
    );
}
