//! The inbox's event stream: signals a change, after which the page's script reloads the list.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::sse::{Event, KeepAlive, Sse},
};
use foundation::{limit::Slot, tr};
use futures::{Stream, stream};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::page::who;
use crate::{error::PageError, state::Identity, store::approval};

/// How often to check the database: a request may have expired, or another process may have recorded a decision.
const TICK: Duration = Duration::from_secs(2);

/// `GET /approvals/events`: sends `changed` whenever the person's requests change. Ends with the session or the
/// program.
pub(super) async fn events(
    State(identity): State<Identity>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, PageError> {
    let (_, person) =
        who(&identity, &identity.sessions.handle(&headers)).await?.ok_or_else(super::page::not_logged_in)?;
    let place = identity.desk.place(&person.id).ok_or_else(|| {
        let text = tr!(
            "You have many pages of this site open. Nothing was changed. Close some, and reload this one.",
            "Du hast viele Seiten von hier offen. Nichts wurde geändert. Schließe ein paar, und lade diese neu."
        );
        PageError::new(StatusCode::TOO_MANY_REQUESTS, tr!("Too many at once", "Zu viel auf einmal"), text)
    })?;
    let changed = identity.desk.changes();
    let seen = approval::fingerprint(identity.db.pool(), &person.id, identity.clock.now()).await?;
    let watch = Watch { identity, headers, person: person.id, changed, seen, _place: place };
    let events = stream::unfold(watch, |mut watch| async move {
        let event = watch.next().await?;
        Some((Ok(event), watch))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

struct Watch {
    identity: Identity,
    headers: HeaderMap,
    person: String,
    changed: Receiver<String>,
    seen: String,
    _place: Slot,
}

impl Watch {
    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                () = self.identity.shutdown.cancelled() => return None,
                () = tokio::time::sleep(TICK) => {}
                change = self.changed.recv() => match change {
                    Ok(person) if person != self.person => continue,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                },
            }
            // A handle caches its first look-up, so each check needs a new one.
            let handle = self.identity.sessions.handle(&self.headers);
            let still = who(&self.identity, &handle).await.ok().flatten();
            if still.is_none_or(|(_, person)| person.id != self.person) {
                return None;
            }
            let now = self.identity.clock.now();
            let now = approval::fingerprint(self.identity.db.pool(), &self.person, now).await.ok()?;
            if now != self.seen {
                self.seen = now.clone();
                return Some(Event::default().event("changed").data(now));
            }
        }
    }
}
