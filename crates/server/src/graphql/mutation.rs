//! What can be done (http-api §6.2).

use std::sync::Arc;

use async_graphql::{Context, Error, InputObject, Object, Result};
use everstep_core::input::{Control, ControlRefusal, RunControl};
use everstep_core::record::RunStatus;
use everstep_core::rerun::RerunFrom;
use everstep_engine::{Asker, ControlError};
use everstep_protocol::Json;
use serde_json::json;

use super::app::App;
use super::reader::{Reader, parse};
use super::run::FunctionRun;
use super::scalar::{Bytes, Map, UlidText};
use crate::apps::serve_url;
use crate::routes::{Actor, invocation};

pub(super) struct Mutation;

#[derive(InputObject)]
#[graphql(name = "CreateAppInput")]
struct CreateAppInput {
    url: String,
}

#[Object]
impl Mutation {
    /// Takes in the app at a URL, and asks it to sync.
    async fn create_app(&self, context: &Context<'_>, input: CreateAppInput) -> Result<App> {
        let reader = Reader::of(context)?;
        let url = serve_url(&input.url)?;
        let Some(entry) = reader.api.apps.connect(&url).await else {
            return Err(Error::new("the app could not be added"));
        };
        let id = entry.identity.as_ref().map(|identity| identity.id);
        let synced = match id {
            Some(id) => reader.app(id).await?,
            None => None,
        };
        Ok(match synced {
            Some(app) => App::of_record(reader, app),
            None => App::of_entry(entry),
        })
    }

    /// Starts a function.
    #[expect(clippy::too_many_arguments, reason = "they are those of the schema")]
    async fn invoke_function(
        &self,
        context: &Context<'_>,
        function_slug: String,
        data: Option<Map>,
        user: Option<Map>,
        meta: Option<Map>,
        #[graphql(name = "debugSessionID")] debug_session: Option<UlidText>,
        #[graphql(name = "debugRunID")] debug_run: Option<UlidText>,
    ) -> Result<bool> {
        // Accepted, because clients send them; runs are not grouped for debugging here.
        let _ = (meta, debug_session, debug_run);
        let reader = Reader::of(context)?;
        let object = |map: Option<Map>| map.map_or_else(|| json!({}), |map| map.0);
        let body = json!({ "data": object(data), "user": object(user) });
        let event = invocation(body.to_string().as_bytes(), &function_slug)?;
        let engine = &reader.api.engine;
        engine.invoke(&function_slug, event, None).await?;
        Ok(true)
    }

    /// Cancels a run. Again is no error; to cancel one that has ended otherwise is.
    async fn cancel_run(
        &self,
        context: &Context<'_>,
        #[graphql(name = "runID")] run: String,
    ) -> Result<FunctionRun> {
        let reader = Reader::of(context)?;
        let id = parse("a run", &run)?;
        let control = Control::Run {
            run: id,
            control: RunControl::Cancel,
            reason: None,
        };
        let done = reader.api.engine.control(actor(context)?, control).await;
        let Some(run) = reader.run(id).await? else {
            return Err(Error::new("run not found"));
        };
        match done {
            Ok(_) => Ok(FunctionRun(run)),
            Err(ControlError::Refused(_)) if run.status == RunStatus::Cancelled => {
                Ok(FunctionRun(run))
            }
            Err(ControlError::Refused(ControlRefusal::RunEnded(_))) => {
                Err(Error::new("cannot cancel an ended run"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Runs a run once more, whole or from a step on; gives the new run.
    async fn rerun(
        &self,
        context: &Context<'_>,
        #[graphql(name = "runID")] run: UlidText,
        from_step: Option<RerunFromStepInput>,
        #[graphql(name = "debugRunID")] debug_run: Option<UlidText>,
        #[graphql(name = "debugSessionID")] debug_session: Option<UlidText>,
    ) -> Result<UlidText> {
        let _ = (debug_run, debug_session);
        let reader = Reader::of(context)?;
        let run = parse("a run", &run.0)?;
        let from = match from_step {
            Some(step) => step.resolve()?,
            None => RerunFrom::Start,
        };
        let by = Asker {
            actor: actor(context)?,
            reason: None,
        };
        let new = reader.api.engine.rerun(run, from, by).await?;
        Ok(UlidText(new.to_string()))
    }
}

/// Who sends the request, for the audit log.
fn actor(context: &Context<'_>) -> Result<Option<Arc<str>>> {
    Ok(context.data::<Actor>()?.0.clone())
}

#[derive(InputObject)]
struct RerunFromStepInput {
    #[graphql(name = "stepID")]
    step_id: String,
    /// The arguments of the step: a list in JSON.
    input: Option<Bytes>,
}

impl RerunFromStepInput {
    fn resolve(self) -> Result<RerunFrom> {
        let input = match self.input {
            Some(Bytes(text)) => Some(Json::parse(text.as_bytes())?),
            None => None,
        };
        if input.as_ref().is_some_and(|input| !input.is_array()) {
            return Err(Error::new("input is not a list of arguments"));
        }
        Ok(RerunFrom::Step {
            step: self.step_id,
            input,
        })
    }
}
