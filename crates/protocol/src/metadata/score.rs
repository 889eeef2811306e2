//! Scores: what users think of a run or a step, as numbers by name (connect-realtime §5.2).

use super::{MetadataOperation, MetadataUpdate, kind};
use crate::Json;
use crate::limits::SCORE_NAME_MAX;

/// One score.
///
/// ```
/// # use everstep_protocol::metadata::{Score, ScoreError};
/// # use everstep_protocol::Json;
/// let score = Score::new("quality", Json::parse(b"0.5")?)?;
/// assert_eq!(score.to_update().values().as_str(), r#"{"quality":{"value":0.5}}"#);
/// assert_eq!(Score::new("it's", Json::null()), Err(ScoreError::Name));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    name: String,
    value: Json,
}

/// What is wrong with a score (ME-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// The name is empty, too long, or has characters that it must not have.
    #[error(
        "the name of a score has 1 to {SCORE_NAME_MAX} bytes, no control characters and no single quote"
    )]
    Name,
    /// The value is neither a number nor a truth value.
    #[error("the value of a score is a number, true or false")]
    Value,
    /// Scores are replaced, not counted up.
    #[error("scores can be merged, set and deleted, not added to")]
    Operation,
}

impl Score {
    /// Checks name and value.
    ///
    /// # Errors
    ///
    /// See [`ScoreError`].
    pub fn new(name: &str, value: Json) -> Result<Self, ScoreError> {
        check_name(name)?;
        if !is_score_value(&value) {
            return Err(ScoreError::Value);
        }
        Ok(Self {
            name: name.to_owned(),
            value,
        })
    }

    /// What it is a score of, such as `quality`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A number, true or false.
    pub fn value(&self) -> &Json {
        &self.value
    }

    /// The update that notes the score. One of the same name is replaced.
    pub fn to_update(&self) -> MetadataUpdate {
        let value = Json::object([("value", self.value.clone())]);
        let values = Json::object([(self.name.as_str(), value)]);
        MetadataUpdate::by_server(kind::SCORE, MetadataOperation::Merge, values)
    }
}

/// Whether this can be the value of a score. Numbers of JSON are finite.
fn is_score_value(value: &Json) -> bool {
    value.to_number().is_some() || matches!(value.as_str(), "true" | "false")
}

/// The values of an update of the kind `inngest.score`.
pub(super) fn check(operation: MetadataOperation, values: &Json) -> Result<(), ScoreError> {
    for (name, score) in values.members() {
        check_name(&name)?;
        match operation {
            MetadataOperation::Merge | MetadataOperation::Set => {
                let value = score.member("value").ok_or(ScoreError::Value)?;
                if !is_score_value(&value) {
                    return Err(ScoreError::Value);
                }
            }
            MetadataOperation::Delete => {}
            MetadataOperation::Add => return Err(ScoreError::Operation),
        }
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), ScoreError> {
    let is_plain = |c: char| !c.is_control() && c != '\'';
    if name.is_empty() || name.len() > SCORE_NAME_MAX || !name.chars().all(is_plain) {
        return Err(ScoreError::Name);
    }
    Ok(())
}
