//! What one evaluation may still do, so that no expression can stall the server.
//!
//! A step is about as much work as looking at a node. Whoever looks at many elements or at long
//! texts, or makes them, says so here first.

use super::error::Failure;
use super::value::Value;
use crate::limits::{EVALUATION_SIZE_MAX, EVALUATION_STEPS_MAX};

/// Bytes of text that are looked at in one step.
const TEXT_PER_STEP: usize = 64;

/// The steps and bytes that are left.
pub(super) struct Meter {
    steps: usize,
    size: usize,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self {
            steps: EVALUATION_STEPS_MAX,
            size: EVALUATION_SIZE_MAX,
        }
    }

    /// Steps that were taken.
    pub(super) fn used(&self) -> usize {
        EVALUATION_STEPS_MAX - self.steps
    }

    pub(super) fn steps(&mut self, count: usize) -> Result<(), Failure> {
        match self.steps.checked_sub(count) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                self.steps = 0;
                Err(Failure::Steps)
            }
        }
    }

    /// Before a text of that many bytes is looked at.
    pub(super) fn read(&mut self, bytes: usize) -> Result<(), Failure> {
        self.steps(bytes / TEXT_PER_STEP)
    }

    /// Before a value is looked for among the keys of a map.
    pub(super) fn read_key(&mut self, key: &Value) -> Result<(), Failure> {
        if let Value::Text(text) = key {
            self.read(text.len())?;
        }
        Ok(())
    }

    /// Before a text of that many bytes is made.
    pub(super) fn write(&mut self, bytes: usize) -> Result<(), Failure> {
        self.read(bytes)?;
        match self.size.checked_sub(bytes) {
            Some(left) => {
                self.size = left;
                Ok(())
            }
            None => {
                self.size = 0;
                Err(Failure::Size)
            }
        }
    }

    /// Before a list of that many elements is made.
    pub(super) fn write_elements(&mut self, count: usize) -> Result<(), Failure> {
        self.write(count.saturating_mul(size_of::<Value>()))
    }
}
