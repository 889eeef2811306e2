//! An app registered its functions, or is removed (sdk-protocol §2, server-semantics §3.2).

use std::collections::BTreeSet;
use std::sync::Arc;

use everstep_protocol::sync::AppSync;
use everstep_protocol::{AppId, FunctionId};

use crate::change::Change;
use crate::effect::{Answer, ReplyTo, Update};
use crate::function::Function;
use crate::input::ControlRefusal;
use crate::record::{AppMethod, AppRecord, FunctionRecord};
use crate::shard::Shard;
use crate::turn::Turn;

impl Shard {
    pub(crate) fn sync(&mut self, turn: &mut Turn, sync: AppSync, reply_to: ReplyTo) {
        let id = AppId::derive(&sync.app_name);
        let modified = self.registry.app(id).is_none_or(|app| {
            !app.is_active() || app.checksum != sync.checksum || app.url != sync.url.as_str()
        });
        if modified {
            self.apply_sync(turn, id, sync);
        }
        turn.publish(Update::AppSynced { app: id, modified });
        turn.reply(reply_to, Answer::AppSynced { app: id, modified });
    }

    fn apply_sync(&mut self, turn: &mut Turn, id: AppId, sync: AppSync) {
        let slugs: BTreeSet<String> = sync
            .functions
            .iter()
            .map(|config| config.slug.to_string())
            .collect();
        let mut functions = Vec::new();
        for config in sync.functions {
            let function = FunctionId::derive(id, &config.slug);
            let known = self.registry.function(function);
            if known.is_some_and(|known| known.is_active() && known.record.config.raw == config.raw)
            {
                continue;
            }
            functions.push(FunctionRecord {
                id: function,
                app: id,
                slug: config.slug.clone(),
                version: known.map_or(1, |known| known.record.version + 1),
                created_at: known.map_or(turn.now, |known| known.record.created_at),
                archived_at: None,
                config: Arc::new(config),
            });
        }
        // A function that the app no longer names is archived (SY-4).
        functions.extend(self.archived(turn, id, |slug| !slugs.contains(slug)));
        let app = AppRecord {
            id,
            name: sync.app_name,
            method: AppMethod::Serve,
            url: sync.url.to_string(),
            sdk: sync.sdk,
            framework: sync.framework,
            app_version: sync.app_version,
            checksum: sync.checksum,
            synced_at: turn.now,
            archived_at: None,
        };
        self.put_app(turn, app, functions);
    }

    /// Nothing triggers the functions of the app any more, as after a sync without functions (SY-4);
    /// their runs go on. The app comes back with its next sync.
    pub(crate) fn archive_app(
        &mut self,
        turn: &mut Turn,
        name: &str,
    ) -> Result<(), ControlRefusal> {
        let id = AppId::derive(name);
        let Some(app) = self.registry.app(id).filter(|app| app.is_active()) else {
            return Err(ControlRefusal::AppUnknown(name.into()));
        };
        let app = AppRecord {
            archived_at: Some(turn.now),
            ..app.clone()
        };
        let functions = self.archived(turn, id, |_| true);
        self.put_app(turn, app, functions);
        Ok(())
    }

    /// The active functions of an app whose slugs are meant, archived.
    fn archived(
        &self,
        turn: &Turn,
        app: AppId,
        is_meant: impl Fn(&str) -> bool,
    ) -> Vec<FunctionRecord> {
        let active = self.registry.functions_of(app);
        let meant = active.filter(|known| known.is_active() && is_meant(&known.record.slug));
        let archive = |known: &Arc<Function>| FunctionRecord {
            archived_at: Some(turn.now),
            ..known.record.clone()
        };
        meant.map(archive).collect()
    }

    /// Store an app and those of its functions that have changed.
    fn put_app(&mut self, turn: &mut Turn, app: AppRecord, functions: Vec<FunctionRecord>) {
        turn.change(Change::PutApp(app.clone()));
        for function in &functions {
            turn.change(Change::PutFunction(function.clone()));
        }
        let changed: Vec<FunctionId> = functions.iter().map(|it| it.id).collect();
        self.registry.put(app, functions);
        self.ticks.registry_changed();
        for function in changed {
            self.reconsider(turn, function);
        }
    }
}
