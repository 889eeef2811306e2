//! The conformance suite, on every implementation.

use std::sync::Arc;

use async_trait::async_trait;
use everstep_store::conformance::Factory;
use everstep_store::{MemoryStore, SqliteStore, Store};
use tempfile::TempDir;

#[async_trait]
impl Factory for MemoryFactory {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.0.clone())
    }
}

struct MemoryFactory(MemoryStore);

#[async_trait]
impl Factory for SqliteFactory {
    async fn open(&self) -> Arc<dyn Store> {
        let path = self.folder.path().join("everstep.db");
        Arc::new(SqliteStore::open(&path).expect("the store opens"))
    }
}

struct SqliteFactory {
    folder: TempDir,
}

fn memory() -> MemoryFactory {
    MemoryFactory(MemoryStore::new())
}

fn sqlite() -> SqliteFactory {
    SqliteFactory {
        folder: tempfile::tempdir().expect("a folder is made"),
    }
}

everstep_store::conformance_tests!(on_memory, memory());
everstep_store::conformance_tests!(on_sqlite, sqlite());

/// A case that is not in the list of the macro would never run.
#[test]
fn every_case_is_listed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/conformance");
    let list = std::fs::read_to_string(format!("{folder}/mod.rs")).unwrap();
    for file in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let cases = source
            .lines()
            .filter_map(|line| line.strip_prefix("pub async fn "));
        for case in cases.filter_map(|line| line.split('(').next()) {
            let listed = |end| list.contains(&format!(" {case}{end}\n"));
            assert!(listed(',') || listed(';'), "{case} is not in the list");
        }
    }
}
