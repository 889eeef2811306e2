//! `POST /v2/runs/{run}/scores`: what users think of a run or a step (connect-realtime §5.2,
//! http-api §8.2). Scores come late: the run has usually ended.

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_core::record::MetadataTarget;
use everstep_protocol::limits::SCORES_PER_REQUEST_MAX;
use everstep_protocol::metadata::{
    MetadataOperation, MetadataUpdate, Score, ScoreError, StepName, kind,
};
use everstep_protocol::{Json, RunId};
use everstep_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::envelope;
use super::error::{Problem, V2Error};
use super::fields::{Fields, checked};
use crate::error::ApiError;
use crate::routes::heavy;
use crate::routes::metadata::{find_step, guessed_step};
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::routes::params::PathText;

/// A score as a client sends it.
struct Request {
    score: Score,
    about: About,
}

/// What a score is about.
enum About {
    Run,
    /// The id that the user wrote, or the hash of one.
    Step(String),
    /// The run, as part of an experiment.
    Experiment(Experiment),
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ScoreExperiment)]
struct Experiment {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
}

/// A score as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Score)]
struct ScoreView {
    run_id: String,
    name: String,
    #[schema(value_type = serde_json::Value)]
    value: Json,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    experiment: Option<Experiment>,
}

pub(super) fn routes() -> Routes {
    const EXPERIMENT: &[Member] = &[
        Member::required("id", Kind::Text, "The experiment"),
        Member::new("variant", Kind::Text, "The variant that the run took"),
    ];
    let score = [
        Member::required("name", Kind::Text, "What is scored"),
        Member::required("value", Kind::Any, "A number, or a flag"),
        Member::new(
            "stepId",
            Kind::Text,
            "The step that it is about, instead of the run",
        ),
        Member::new(
            "experiment",
            Kind::Members(EXPERIMENT),
            "The experiment that it is about",
        ),
    ];
    Routes::new("Runs").post(
        "/runs/{run}/scores",
        create,
        Operation::v2("createScores", "Note what users think of a run or a step")
            .body_list(&score, SCORES_PER_REQUEST_MAX)
            .lists::<ScoreView>(),
    )
}

/// Notes all of the scores or none. They are durable when this answers 200.
pub(super) async fn create(
    State(api): State<Api>,
    run: Result<PathText, ApiError>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let PathText(run) = run?;
    let not_an_id = |_| V2Error::invalid_request(format!("{run:?} is not a run id"));
    let id: RunId = run.parse().map_err(not_an_id)?;
    let requests = heavy(body?, read).await?;
    let store = api.engine.store();
    if store.run_view(id).await?.is_none() {
        return Err(V2Error::not_found("Run not found"));
    }
    let mut updates = Vec::new();
    for request in &requests {
        updates.extend(request.updates(&**store, id).await?);
    }
    api.engine.metadata_update(id, updates).await?;
    let views = requests.into_iter().map(|request| request.view(id));
    Ok(envelope(views.collect::<Vec<_>>(), api.clock.now()))
}

fn read(body: &[u8]) -> Result<Vec<Request>, V2Error> {
    let body = Json::parse(body)
        .map_err(|error| V2Error::invalid_request(format!("The body is not JSON: {error}")))?;
    let scores: Vec<Json> = body.items().collect();
    if !(1..=SCORES_PER_REQUEST_MAX).contains(&scores.len()) {
        return Err(V2Error::invalid_request(format!(
            "The body must be an array of 1 to {SCORES_PER_REQUEST_MAX} scores"
        )));
    }
    let mut problems = Vec::new();
    let requests = scores
        .iter()
        .enumerate()
        .filter_map(|(index, score)| Request::read(score, &format!("[{index}]"), &mut problems));
    let requests = requests.collect();
    checked(requests, problems)
}

impl Request {
    /// `None`, and problems, if it is no score.
    fn read(score: &Json, path: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let mut fields = Fields::of(score, path, problems)?;
        let name = fields.required_text("name");
        let value = fields.required("value");
        let step = fields.optional_text("stepId");
        let experiment = fields.optional("experiment");
        if step.is_some() && experiment.is_some() {
            fields.malformed("experiment", "excludes 'stepId'");
        }
        let score = name
            .zip(value)
            .map(|(name, value)| Score::new(&name, value));
        if let Some(Err(error)) = score {
            let name = match error {
                ScoreError::Name | ScoreError::Operation => "name",
                ScoreError::Value => "value",
            };
            fields.malformed(name, &format!("is refused: {error}"));
        }
        let about = match (step, experiment) {
            (Some(step), _) => About::Step(step),
            (None, None) => About::Run,
            (None, Some(experiment)) => {
                let path = format!("{path}.experiment");
                let mut fields = Fields::of(&experiment, &path, problems)?;
                let id = fields.required_text("id");
                let variant = fields.optional_text("variant");
                About::Experiment(Experiment { id: id?, variant })
            }
        };
        Some(Self {
            score: score?.ok()?,
            about,
        })
    }

    /// What is noted of it. That the run has the step is not checked: it may come to have it.
    async fn updates(
        &self,
        store: &dyn Store,
        run: RunId,
    ) -> Result<Vec<(MetadataTarget, MetadataUpdate)>, V2Error> {
        let score = self.score.to_update();
        Ok(match &self.about {
            About::Run => vec![(MetadataTarget::Run, score)],
            About::Step(id) => {
                let name = StepName {
                    id: id.clone(),
                    index: 0,
                };
                let step = find_step(store, run, &name).await?;
                let step = step.unwrap_or_else(|| guessed_step(&name));
                vec![(MetadataTarget::Step(step), score)]
            }
            About::Experiment(experiment) => vec![
                (MetadataTarget::Run, experiment.to_update()),
                (MetadataTarget::Run, score),
            ],
        })
    }

    fn view(self, run: RunId) -> ScoreView {
        let (step_id, experiment) = match self.about {
            About::Run => (None, None),
            About::Step(step) => (Some(step), None),
            About::Experiment(experiment) => (None, Some(experiment)),
        };
        ScoreView {
            run_id: run.to_string(),
            name: self.score.name().to_owned(),
            value: self.score.value().clone(),
            step_id,
            experiment,
        }
    }
}

impl Experiment {
    /// The same mark that steps of the experiment have (ME-10).
    fn to_update(&self) -> MetadataUpdate {
        let variant = self.variant.as_deref();
        let variant = variant.map(|variant| ("variant", Json::string(variant)));
        let values = [("name", Json::string(&self.id))]
            .into_iter()
            .chain(variant);
        let operation = MetadataOperation::Merge;
        MetadataUpdate::by_server(kind::EXPERIMENT, operation, Json::object(values))
    }
}
