//! `meta` of an event: sessions, explicit and propagated (EV-40, EV-41).

use std::borrow::Cow;

use super::EventError;
use crate::Json;
use crate::json::tree::Node;
use crate::limits::{SESSION_ID_MAX, SESSION_KEY_MAX, SESSIONS_PER_EVENT_MAX};

/// Reads `meta` and keeps what is stored of it: `{"sessions": {<key>: <id>}}`, or nothing.
///
/// Explicit sessions must be valid. Propagated ones, which SDKs add, fill the slots that are left in
/// the order of their keys; those that are not valid are passed over. A null `sessions` keeps all
/// of them out, a null id the one of that key.
pub(super) fn read(meta: Option<Node<'_, '_>>) -> Result<Option<Json>, EventError> {
    let Some(meta) = meta else {
        return Ok(None);
    };
    if !meta.is_object() {
        return Err(EventError::Sessions(
            "event meta must be an object".to_owned(),
        ));
    }
    let explicit = meta.member("sessions");
    let mut sessions: Vec<(Cow<'_, str>, Json)> = Vec::new();
    let mut blocked: Vec<Cow<'_, str>> = Vec::new();
    if let Some(explicit) = explicit.filter(|explicit| !explicit.is_null()) {
        if !explicit.is_object() {
            return Err(EventError::Sessions(
                "event sessions must be an object".to_owned(),
            ));
        }
        for (key, id) in explicit.members() {
            if id.is_null() {
                blocked.push(key);
                continue;
            }
            let id = session(&key, id).map_err(EventError::Sessions)?;
            sessions.push((key, id));
        }
    }
    if sessions.len() > SESSIONS_PER_EVENT_MAX {
        let message = format!("an event has at most {SESSIONS_PER_EVENT_MAX} sessions");
        return Err(EventError::Sessions(message));
    }
    if !explicit.is_some_and(Node::is_null) {
        propagate(meta, &blocked, &mut sessions);
    }
    if sessions.is_empty() {
        return Ok(None);
    }
    let sessions = Json::object(sessions.iter().map(|(key, id)| (&**key, id.clone())));
    Ok(Some(Json::object([("sessions", sessions)])))
}

fn propagate<'t>(
    meta: Node<'t, '_>,
    blocked: &[Cow<'t, str>],
    sessions: &mut Vec<(Cow<'t, str>, Json)>,
) {
    let Some(propagated) = meta.member("propagated_sessions") else {
        return;
    };
    for (key, id) in propagated.members() {
        let taken = blocked.contains(&key) || sessions.iter().any(|(other, _)| *other == key);
        if taken || sessions.len() >= SESSIONS_PER_EVENT_MAX {
            continue;
        }
        if let Ok(id) = session(&key, id) {
            sessions.push((key, id));
        }
    }
}

/// A valid session's id: a text, or a number, which becomes a text.
fn session(key: &str, id: Node<'_, '_>) -> Result<Json, String> {
    if key.is_empty() || key.len() > SESSION_KEY_MAX {
        return Err(format!("a session key has 1 to {SESSION_KEY_MAX} bytes"));
    }
    let id = match id.as_text() {
        Some(text) => text,
        None if id.as_f64().is_some() => id.canonical(),
        None => {
            return Err(format!(
                "the id of session {key:?} must be a text or a number"
            ));
        }
    };
    if id.is_empty() || id.len() > SESSION_ID_MAX {
        return Err(format!(
            "the id of session {key:?} must have 1 to {SESSION_ID_MAX} bytes"
        ));
    }
    Ok(Json::string(&id))
}
