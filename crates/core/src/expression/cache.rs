//! Compiled expressions, kept by their text (EX-3).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CompileError, Expression};
use crate::limits::EXPRESSIONS_CACHED_SIZE_MAX;

/// What an entry takes besides its expression, and what a text takes that is not an expression.
const ENTRY_SIZE: usize = 512;

/// Keeps what was compiled, errors too, until there is too much of it; then what has not been
/// used for longest goes first.
#[derive(Debug)]
pub struct Expressions {
    size_max: usize,
    entries: BTreeMap<Arc<str>, Entry>,
    /// Texts by when they were used last.
    by_use: BTreeMap<u64, Arc<str>>,
    uses: u64,
    size: usize,
}

impl Default for Expressions {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Debug)]
struct Entry {
    compiled: Result<Expression, CompileError>,
    used: u64,
    size: usize,
}

impl Expressions {
    /// An empty cache.
    pub fn new() -> Self {
        Self::bounded(EXPRESSIONS_CACHED_SIZE_MAX)
    }

    /// An empty cache that keeps up to so many bytes.
    pub(crate) fn bounded(size_max: usize) -> Self {
        Self {
            size_max,
            entries: BTreeMap::new(),
            by_use: BTreeMap::new(),
            uses: 0,
            size: 0,
        }
    }

    /// [`Expression::compile`], once per text.
    ///
    /// # Errors
    ///
    /// Those of [`Expression::compile`].
    pub fn compile(&mut self, text: &str) -> Result<Expression, CompileError> {
        self.uses += 1;
        if let Some(entry) = self.entries.get_mut(text) {
            if let Some(text) = self.by_use.remove(&entry.used) {
                self.by_use.insert(self.uses, text);
            }
            entry.used = self.uses;
            return entry.compiled.clone();
        }
        let compiled = Expression::compile(text);
        let size = 2 * ENTRY_SIZE + text.len() + compiled.as_ref().map_or(0, Expression::size);
        if size <= self.size_max {
            self.keep(text.into(), compiled.clone(), size);
        }
        compiled
    }

    fn keep(&mut self, text: Arc<str>, compiled: Result<Expression, CompileError>, size: usize) {
        self.size += size;
        self.by_use.insert(self.uses, Arc::clone(&text));
        let used = self.uses;
        self.entries.insert(
            text,
            Entry {
                compiled,
                used,
                size,
            },
        );
        while self.size > self.size_max
            && let Some((_, oldest)) = self.by_use.pop_first()
            && let Some(entry) = self.entries.remove(&oldest)
        {
            self.size -= entry.size;
        }
    }

    /// How many texts are kept.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
