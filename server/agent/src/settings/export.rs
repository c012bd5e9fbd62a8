//! Everything that this site keeps about a person, as one JSON file, streamed: a chat of thousands of messages is never
//! in memory as a whole.

use std::collections::VecDeque;

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use foundation::session::Handle;
use futures::stream;
use serde_json::{Value, json};

use crate::{
    error::Error,
    state::Agent,
    store::{self, export},
};

/// A part of the file.
enum Part {
    Begin,
    /// A chat up to its events.
    Thread(String),
    /// The events of a chat after this one.
    Events(String, i64),
    /// The requests for approval, and the end.
    Approvals,
}

struct Export {
    agent: Agent,
    person: store::person::Person,
    parts: VecDeque<Part>,
    is_first_thread: bool,
}

/// `GET /settings/export`: reads, and changes nothing.
pub(super) async fn export(State(agent): State<Agent>, handle: Handle) -> Result<Response, Error> {
    let session = agent.sessions.find(&handle).await?;
    let person = session.and_then(|session| session.person).ok_or(Error::LoginNeeded)?;
    let person = store::person::find(agent.db.pool(), &person).await?.ok_or(Error::LoginNeeded)?;
    let threads = export::threads(agent.db.pool(), &person.id).await?;
    let mut parts = VecDeque::from([Part::Begin]);
    parts.extend(threads.into_iter().map(Part::Thread));
    parts.push_back(Part::Approvals);
    let state = Export { agent, person, parts, is_first_thread: true };
    // An error aborts the download, so that half a file doesn't pass for a whole one.
    let body = stream::try_unfold(state, |mut state| async move {
        let Some(part) = state.parts.pop_front() else { return Ok(None) };
        let text = state.write(part).await.inspect_err(|error| tracing::error!(%error, "an export was aborted"))?;
        Ok::<_, sqlx::Error>(Some((text, state)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"mandate-export.json\""),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

impl Export {
    async fn write(&mut self, part: Part) -> Result<String, sqlx::Error> {
        let pool = self.agent.db.pool();
        match part {
            Part::Begin => {
                let store::person::Person { id, subject, name, email, lang } = &self.person;
                let setting = store::setting::of(pool, id).await?;
                let person = json!({ "id": id, "subject": subject, "name": name, "email": email, "language": lang });
                let settings = json!({ "instructions": setting.instructions, "model": setting.model });
                let now = foundation::time::iso(self.agent.clock.now());
                Ok(format!(
                    "{{\"format\":\"mandate-export-1\",\"exportedAt\":{},\"person\":{person},\"settings\":{settings},\"chats\":[",
                    json!(now)
                ))
            }
            Part::Thread(id) => {
                let Some(thread) = export::thread(pool, &id).await? else { return Ok(String::new()) };
                let messages: Vec<_> = export::messages(pool, &id)
                    .await?
                    .into_iter()
                    .map(|row| {
                        json!({
                            "id": row.id, "text": row.text, "writtenAt": row.created_at,
                        })
                    })
                    .collect();
                let turns: Vec<_> = export::turns(pool, &id)
                    .await?
                    .into_iter()
                    .map(|row| {
                        json!({
                            "id": row.id, "message": row.message, "after": row.parent, "state": row.state,
                        })
                    })
                    .collect();
                let comma = if std::mem::take(&mut self.is_first_thread) { "" } else { "," };
                self.parts.push_front(Part::Events(id.clone(), -1));
                Ok(format!(
                    "{comma}{{\"id\":{},\"title\":{},\"openedAt\":{},\"changedAt\":{},\"deletedAt\":{},\"shownUpTo\":{},\"messages\":{},\"turns\":{},\"events\":[",
                    json!(id),
                    json!(thread.title),
                    thread.created_at,
                    thread.updated_at,
                    json!(thread.deleted_at),
                    json!(thread.leaf),
                    Value::Array(messages),
                    Value::Array(turns),
                ))
            }
            Part::Events(id, after) => {
                let events = export::events(pool, &id, after).await?;
                let Some(last) = events.last().map(|event| event.seq) else { return Ok("]}".into()) };
                self.parts.push_front(Part::Events(id, last));
                let is_first = after < 0;
                let texts: Vec<_> = events
                    .into_iter()
                    .map(|event| {
                        let kind: Value = serde_json::from_str(&event.kind).unwrap_or_default();
                        json!({ "seq": event.seq, "at": event.at, "isShown": event.hidden == 0, "event": kind })
                            .to_string()
                    })
                    .collect();
                Ok(format!("{}{}", if is_first { "" } else { "," }, texts.join(",")))
            }
            Part::Approvals => {
                let rows = export::approvals(pool, &self.person.id, &self.person.subject).await?;
                let all: Vec<_> = rows
                    .into_iter()
                    .map(|row| {
                        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
                        json!({
                            "asked": read(&row.prepared), "code": row.code, "txn": row.txn, "askedAt": row.asked_at,
                            "state": row.state, "result": row.result.as_deref().map(read), "endedAt": row.ended_at,
                            "app": row.client,
                        })
                    })
                    .collect();
                Ok(format!("],\"approvals\":{}}}\n", Value::Array(all)))
            }
        }
    }
}
