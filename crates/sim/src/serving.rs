//! The server as clients and the app reach it: up or down.

use std::sync::{Arc, Mutex, PoisonError};

use everstep_engine::Engine;

/// The incarnation that serves now. Clones share it.
#[derive(Clone, Default)]
pub struct Serving(Arc<Mutex<Option<Engine>>>);

impl Serving {
    /// The server that is up, if one is.
    pub fn server(&self) -> Option<Engine> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn set(&self, engine: Option<Engine>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = engine;
    }
}
