//! `POST /v2/apps`, `POST /v2/apps/{app}/syncs`, `DELETE /v2/apps/{app}`, `POST /v2/apps/probe`: what
//! people do about apps (http-api §8.2).

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_engine::ControlError;
use http::StatusCode;
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Api;
use super::apps::{AppObject, ProblemPart};
use super::envelope::{envelope, is_zero};
use super::error::{Code, V2Error};
use super::fields::{Fields, body, checked};
use super::query::Query;
use crate::apps::{Entry, Outcome, ProbeReport, Stage, State as Answers, serve_url};
use crate::error::ApiError;
use crate::registry::Registry;
use crate::routes::asker::{Actor, REASON_MAX};
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::routes::params::PathText;

const URL: Member = Member::required("url", Kind::Text, "Where the app serves its functions");
const NEW_URL: Member = Member::new(
    "url",
    Kind::Text,
    "Where the app is, if it is not where it was",
);
const REASON: Member = Member::new("reason", Kind::Text, "Why, for the audit log");

/// How it went to ask an app for its functions.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Sync)]
struct SyncObject {
    /// Of what the app registered: the same again has the same id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    id: Option<Uuid>,
    /// `success`, `error`; `pending` if the app answers, and has not registered yet.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<String>,
    url: String,
    #[serde(skip_serializing_if = "is_zero")]
    function_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ProblemPart>,
}

/// What is at a URL.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ProbeReport)]
struct ReportObject {
    url: String,
    /// Whether every stage was passed.
    is_passed: bool,
    stages: Vec<StageObject>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ProbeStage)]
struct StageObject {
    /// `dns`, `tcp`, `tls`, `http`, `sdk`, `mode` or `functions`.
    name: &'static str,
    /// `passed` or `failed`; what comes after a stage that failed was not tried.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<f64>,
    /// What was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ProblemPart>,
}

pub(super) fn routes() -> Routes {
    Routes::new("Apps")
        .post(
            "/apps",
            add,
            Operation::v2(
                "createApp",
                "Add the app at a URL, and ask it for its functions",
            )
            .body(&[URL])
            .replies::<SyncObject>()
            .refuses(StatusCode::TOO_MANY_REQUESTS, "There are as many as can be"),
        )
        .post(
            "/apps/probe",
            probe,
            Operation::v2("probeApp", "Look at what is at a URL, stage by stage")
                .body(&[URL])
                .replies::<ReportObject>(),
        )
        .post(
            "/apps/{app}/syncs",
            sync,
            Operation::v2("createSync", "Ask an app for its functions now")
                .body(&[NEW_URL])
                .replies::<SyncObject>()
                .refuses(
                    StatusCode::CONFLICT,
                    "The app never syncs: it has endpoints",
                ),
        )
        .delete(
            "/apps/{app}",
            remove,
            Operation::v2(
                "deleteApp",
                "Remove an app: nothing triggers its functions until it registers again",
            )
            .query(&[REASON])
            .replies::<AppObject>(),
        )
}

/// That the app does not answer is no error of the request: it is added, and asked again.
pub(super) async fn add(
    State(api): State<Api>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let url = read_url(&bytes?)?;
    let entry = api.apps.connect(&url).await;
    Ok(envelope(
        SyncObject::of(&api, entry).await?,
        api.clock.now(),
    ))
}

pub(super) async fn sync(
    State(api): State<Api>,
    app: Result<PathText, ApiError>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let PathText(app) = app?;
    let bytes = bytes?;
    let moved_to = match bytes.is_empty() {
        true => None,
        false => checked_url(&bytes, NEW_URL)?,
    };
    let app = AppObject::find(&api, &app).await?;
    let Some(url) = app.url() else {
        return Err(V2Error::new(
            StatusCode::CONFLICT,
            Code::ValidationError,
            "The app has endpoints, and never syncs: there is nothing to ask it",
        ));
    };
    let from = serve_url(url).map_err(V2Error::invalid_request)?;
    let to = moved_to.as_ref().unwrap_or(&from);
    let entry = api.apps.relocate(&from, to).await;
    Ok(envelope(
        SyncObject::of(&api, entry).await?,
        api.clock.now(),
    ))
}

pub(super) async fn remove(
    State(api): State<Api>,
    app: Result<PathText, ApiError>,
    actor: Result<Actor, ApiError>,
    mut query: Query,
) -> Result<Response, V2Error> {
    let PathText(name) = app?;
    let actor = actor?.0;
    let reason = query.text("reason");
    if reason.as_ref().is_some_and(|text| text.len() > REASON_MAX) {
        query.malformed("reason", &format!("must be {REASON_MAX} bytes at most"));
    }
    query.done()?;
    let reason = reason.map(Arc::from);
    let before = AppObject::find(&api, &name).await?;
    match api.apps.remove(actor, &name, reason).await {
        Ok(()) => {
            let removed = AppObject::find(&api, &name).await?;
            Ok(envelope(removed, api.clock.now()))
        }
        // It goes by its URL.
        Err(ControlError::Refused(_))
            if serve_url(&name).is_ok_and(|url| api.apps.remove_url(&url)) =>
        {
            Ok(envelope(before, api.clock.now()))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn probe(
    State(api): State<Api>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let url = read_url(&bytes?)?;
    let report = api.apps.probe(&url).await;
    Ok(envelope(ReportObject::new(&report), api.clock.now()))
}

impl SyncObject {
    /// Without an entry there was no room for one.
    async fn of(api: &Api, entry: Option<Entry>) -> Result<Self, V2Error> {
        let entry = entry.ok_or_else(|| {
            V2Error::new(
                StatusCode::TOO_MANY_REQUESTS,
                Code::ValidationError,
                "As many apps are known as can be: remove one",
            )
        })?;
        let registry = Registry::load(&**api.engine.store()).await?;
        let app = entry.name().and_then(|name| registry.app(name));
        Ok(Self {
            id: app.map(|app| Uuid::new_v5(&app.id.0, app.checksum.as_bytes())),
            status: match entry.state {
                Answers::New => "pending",
                Answers::Ok => "success",
                Answers::Failing(_) => "error",
            },
            app_id: entry.name().map(str::to_owned),
            url: entry.url.to_string(),
            function_count: entry.identity.as_ref().map_or(0, |it| it.functions),
            error: entry.problem().map(ProblemPart::new),
        })
    }
}

impl ReportObject {
    fn new(report: &ProbeReport) -> Self {
        Self {
            url: report.url.to_string(),
            is_passed: report.is_passed(),
            stages: report.stages.iter().map(StageObject::new).collect(),
        }
    }
}

impl StageObject {
    fn new(stage: &Stage) -> Self {
        let (status, detail, error) = match &stage.outcome {
            Outcome::Passed(seen) => ("passed", Some(seen.clone()), None),
            Outcome::Failed(problem) => ("failed", None, Some(ProblemPart::new(problem))),
        };
        Self {
            name: stage.name,
            status,
            duration_ms: stage.took.map(|took| took.as_secs_f64() * 1000.0),
            detail,
            error,
        }
    }
}

/// The URL that the body must have.
fn read_url(bytes: &[u8]) -> Result<Url, V2Error> {
    Ok(checked_url(bytes, URL)?.expect("without a problem there is one"))
}

fn checked_url(bytes: &[u8], member: Member) -> Result<Option<Url>, V2Error> {
    let body = body(bytes)?;
    let mut problems = Vec::new();
    let mut url = None;
    if let Some(mut fields) = Fields::of(&body, "", &mut problems) {
        fields.refuse_others(&[member]);
        let text = match member.is_required {
            true => fields.required_text(member.name),
            false => fields.optional_text(member.name),
        };
        match text.map(|text| serve_url(&text)) {
            Some(Ok(read)) => url = Some(read),
            Some(Err(what)) => fields.malformed(member.name, &format!("is none: {what}")),
            None => {}
        }
    }
    checked(url, problems)
}
