//! `apps`, `functions`.

use std::sync::Arc;

use everstep_core::record::{AppRecord, FunctionRecord, ShardId};
use everstep_protocol::config::FunctionConfig;
use rusqlite::{Connection, params};

use crate::rules;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};
use crate::words::Word;

pub(in crate::sqlite) fn put_app(
    db: &Connection,
    shard: ShardId,
    app: &AppRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO apps
             (id, shard, name, method, url, sdk, framework, app_version, checksum, synced_at,
              archived_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        app.id.0.as_bytes(),
        shard.0,
        app.name,
        app.method.word(),
        app.url,
        app.sdk,
        app.framework,
        app.app_version,
        app.checksum,
        app.synced_at.as_millis(),
        app.archived_at.map(|at| at.as_millis()),
    ])?;
    Ok(())
}

pub(in crate::sqlite) fn put_function(
    db: &Connection,
    shard: ShardId,
    function: &FunctionRecord,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO functions
             (id, shard, app, slug, version, config, created_at, archived_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        function.id.0.as_bytes(),
        shard.0,
        function.app.0.as_bytes(),
        function.slug,
        function.version,
        function.config.raw.as_str(),
        function.created_at.as_millis(),
        function.archived_at.map(|at| at.as_millis()),
    ])?;
    Ok(())
}

/// The apps of a shard, or of all of them.
pub(in crate::sqlite) fn apps(
    db: &Connection,
    shard: Option<ShardId>,
) -> Result<Vec<AppRecord>, ReadFault> {
    let sql = "SELECT id, name, method, url, sdk, framework, app_version, checksum, synced_at,
                      archived_at
               FROM apps WHERE ?1 IS NULL OR shard = ?1";
    let mut apps = list(
        db,
        "apps",
        sql,
        params![shard.map(|shard| shard.0)],
        |row| {
            Ok(AppRecord {
                id: row.app()?,
                name: row.string()?,
                method: row.word()?,
                url: row.string()?,
                sdk: row.string()?,
                framework: row.optional(Columns::string)?,
                app_version: row.optional(Columns::string)?,
                checksum: row.string()?,
                synced_at: row.time()?,
                archived_at: row.optional(Columns::time)?,
            })
        },
    )?;
    apps.sort_by(rules::app_order);
    Ok(apps)
}

/// The functions of a shard, or of all of them.
pub(in crate::sqlite) fn functions(
    db: &Connection,
    shard: Option<ShardId>,
) -> Result<Vec<FunctionRecord>, ReadFault> {
    let sql = "SELECT id, app, slug, version, config, created_at, archived_at
               FROM functions WHERE ?1 IS NULL OR shard = ?1";
    let mut functions = list(
        db,
        "functions",
        sql,
        params![shard.map(|shard| shard.0)],
        |row| {
            Ok(FunctionRecord {
                id: row.function()?,
                app: row.app()?,
                slug: row.shared_text()?,
                version: row.number()?,
                config: config(row)?,
                created_at: row.time()?,
                archived_at: row.optional(Columns::time)?,
            })
        },
    )?;
    functions.sort_by(rules::function_order);
    Ok(functions)
}

fn config(row: &mut Columns<'_>) -> Result<Arc<FunctionConfig>, ReadFault> {
    let raw = row.json()?;
    let config = FunctionConfig::from_json(&raw).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        row.damage(&problems.join("; "))
    })?;
    Ok(Arc::new(config))
}
