//! Attributes are declared, and forgotten.

use std::sync::Arc;

use super::ControlRefusal;
use crate::change::Change;
use crate::expression::Expression;
use crate::limits::ATTRIBUTES_MAX;
use crate::record::AttributeRecord;
use crate::shard::Shard;
use crate::turn::Turn;

impl Shard {
    /// Runs that are scheduled from now on have it; others stay as they are.
    pub(super) fn put_attribute(
        &mut self,
        turn: &mut Turn,
        name: Arc<str>,
        expression: Expression,
    ) -> Result<(), ControlRefusal> {
        if self.attributes.len() >= ATTRIBUTES_MAX && !self.attributes.has(&name) {
            return Err(ControlRefusal::TooManyAttributes {
                most: ATTRIBUTES_MAX,
            });
        }
        turn.change(Change::PutAttribute(AttributeRecord {
            name: Arc::clone(&name),
            expression: expression.text().into(),
            created_at: turn.now,
        }));
        self.attributes.put(name, expression);
        Ok(())
    }

    pub(super) fn delete_attribute(
        &mut self,
        turn: &mut Turn,
        name: Arc<str>,
    ) -> Result<(), ControlRefusal> {
        if !self.attributes.remove(&name) {
            return Err(ControlRefusal::AttributeUnknown(name));
        }
        turn.change(Change::DeleteAttribute(name));
        Ok(())
    }
}
