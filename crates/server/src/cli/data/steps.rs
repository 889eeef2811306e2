//! `everstep steps`: what can be done about a step that waits.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::json_of;
use super::runs::run_id;
use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Session};

#[derive(Debug, Args)]
pub struct StepsArgs {
    #[command(flatten)]
    client: ClientArgs,
    #[command(subcommand)]
    verb: Verb,
}

/// A step of a run.
#[derive(Debug, Args)]
struct StepArgs {
    /// Id of the run, or the beginning of it
    run: String,
    /// Id of the step, as the function names it
    step: String,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Finish a sleep now
    SkipSleep(StepArgs),
    /// Time out a wait now
    TimeOut(StepArgs),
    /// Answer a wait as if what it waits for had come
    Answer {
        #[command(flatten)]
        step: StepArgs,
        /// The answer: JSON, or @file
        #[arg(long, value_name = "JSON")]
        data: String,
    },
    /// Make the next attempt now
    RetryNow(StepArgs),
}

impl StepsArgs {
    pub(in crate::cli) async fn run(self) -> Result<(), Exit> {
        let verb = self.verb;
        self.client
            .run(async |session| verb.run(session).await)
            .await
    }
}

impl Verb {
    async fn run(self, session: &Session) -> Result<(), Exit> {
        match self {
            Self::SkipSleep(step) => step.act(session, "skip-sleep", &json!({}), "goes on").await,
            Self::TimeOut(step) => {
                step.act(session, "time-out", &json!({}), "is timed out")
                    .await
            }
            Self::Answer { step, data } => {
                let body = json!({ "payload": json_of(&data)? });
                step.act(session, "answer", &body, "is answered").await
            }
            Self::RetryNow(step) => {
                step.act(session, "retry", &json!({}), "is tried again")
                    .await
            }
        }
    }
}

impl StepArgs {
    async fn act(
        &self,
        session: &Session,
        action: &str,
        body: &Value,
        done: &str,
    ) -> Result<(), Exit> {
        let run = run_id(session, &self.run).await?;
        let path = ["v2", "runs", &run, "steps", &self.step, action];
        let answer = session.api.post(&path, body).await?;
        let text = format!("{} {done}", self.step);
        session.printer.said(&answer["data"], &text)
    }
}
