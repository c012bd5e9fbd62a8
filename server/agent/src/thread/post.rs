//! `POST /api/threads` and `POST /api/threads/{id}/messages`: what a person writes is kept once, and a turn begins.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use foundation::secret;
use shared::chat::{Accepted, Kind, NewMessage, message_excess};

use super::visitor::Visitor;
use crate::{error::Error, limits::address, state::Agent, store, turn};

/// Opens a thread with its first message. A visitor without a session gets one here.
pub(crate) async fn open(
    State(agent): State<Agent>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Error> {
    let message = read(body)?;
    let (visitor, cookie) = match Visitor::of(&agent, &headers).await? {
        Some(visitor) => (visitor, None),
        None if message.signed_in => return Err(Error::LoginExpired),
        None => {
            if let Some(address) = address(&extensions) {
                agent.limits.visitors.take(&address).map_err(Error::TooMany)?;
            }
            let mut db = agent.db.begin().await?;
            let (session, cookie) = agent.sessions.start(&mut db, None, serde_json::json!({})).await?;
            db.commit().await?;
            (Visitor { session }, Some(cookie))
        }
    };
    let accepted = post(&agent, &visitor, None, message).await?;
    Ok(answer(accepted, cookie))
}

/// Adds a message to a thread.
pub(crate) async fn add(
    State(agent): State<Agent>,
    Path(thread): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Error> {
    let message = read(body)?;
    let visitor = Visitor::of(&agent, &headers).await?;
    let visitor = visitor.ok_or(if message.signed_in { Error::LoginExpired } else { Error::NotFound })?;
    let accepted = post(&agent, &visitor, Some(thread), message).await?;
    Ok(answer(accepted, None))
}

fn answer(accepted: Accepted, cookie: Option<HeaderValue>) -> Response {
    let mut response = (StatusCode::ACCEPTED, Json(accepted)).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn read(body: Result<Bytes, BytesRejection>) -> Result<NewMessage, Error> {
    let body = body.map_err(|_| Error::TooLong)?;
    let mut message: NewMessage =
        foundation::json::read(&body).map_err(|_| Error::Invalid("This is not a message.".into()))?;
    if message_excess(&message.text) > 0 {
        return Err(Error::TooLong);
    }
    if !(8..=64).contains(&message.key.len()) || !message.key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::Invalid("A message's key is 8 to 64 letters or digits.".into()));
    }
    message.text = message.text.trim().replace('\0', "");
    if message.text.is_empty() { Err(Error::Empty) } else { Ok(message) }
}

/// Keeps the message under its key, in a thread of its own or in one of the visitor's, and begins its turn: all in
/// one transaction, so that what was accepted is answered. Sent again under its key, by whichever address, it is not
/// taken again.
async fn post(
    agent: &Agent,
    visitor: &Visitor,
    thread: Option<String>,
    message: NewMessage,
) -> Result<Accepted, Error> {
    if message.signed_in && visitor.session.person.is_none() {
        return Err(Error::LoginExpired);
    }
    let owner = visitor.owner();
    if let Some(thread) = &thread {
        visitor.must_own(agent, thread).await?;
    }
    if let Err(wait) = agent.limits.messages.take(&owner).await? {
        // What was taken is no message more.
        let mut db = agent.db.pool().acquire().await?;
        let taken = store::message::taken(&mut db, &owner, &message.key).await?;
        return taken.map_or(Err(Error::TooMany(wait)), |taken| again(taken, &message));
    }
    let now = agent.clock.now();
    let mut db = agent.db.begin().await?;
    if let Some(taken) = store::message::taken(&mut db, &owner, &message.key).await? {
        return again(taken, &message);
    }
    let mut kinds = Vec::new();
    let thread = match thread {
        Some(thread) => thread,
        None => {
            let id = secret::id("thr_");
            let title = title(&message.text);
            if store::thread::open(&mut db, &id, &owner, &message.key, &title, now).await? {
                kinds.push(Kind::Title { title });
                id
            } else {
                store::thread::find_by_key(&mut db, &owner, &message.key).await?.ok_or(Error::NotFound)?
            }
        }
    };
    let id = secret::id("msg_");
    if !store::message::keep(&mut db, &id, &thread, &message.key, &message.text, now).await? {
        // Twice at once: the other was first.
        let taken = store::message::taken(&mut db, &owner, &message.key).await?.ok_or(Error::NotFound)?;
        return again(taken, &message);
    }
    let lease = agent.instance.lease(&secret::id("trn_"));
    kinds.push(Kind::Message { id: id.clone(), text: message.text });
    kinds.push(Kind::Turn { turn: lease.turn.clone() });
    let events = store::event::append(&mut db, &thread, now, kinds).await?;
    let seq = events.last().map_or(0, |event| event.seq);
    let person = visitor.session.person.as_deref();
    store::turn::begin(&mut db, &lease, (&thread, &id, seq), person, now + turn::LEASE).await?;
    db.commit().await?;
    agent.streams.tell(&thread, events);
    turn::go_on(agent, lease);
    Ok(Accepted { thread, message: id })
}

/// A message that was sent again, because its answer was lost, say: it was taken, once, wherever that was.
fn again(taken: store::message::Taken, message: &NewMessage) -> Result<Accepted, Error> {
    if taken.text != message.text {
        return Err(Error::Conflict(
            "Another message was sent under this one's key before, and was accepted. This one wasn't sent. Write it again.",
        ));
    }
    Ok(Accepted { thread: taken.thread, message: taken.id })
}

/// The first line, shortened at a word.
fn title(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= 60 {
        return line.to_owned();
    }
    let cut: String = line.chars().take(59).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{cut}…")
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn a_title_is_a_short_first_line() {
        assert_eq!(title("Buy 5 WAYNE\nplease"), "Buy 5 WAYNE");
        let long = title(&"word ".repeat(40));
        assert!(long.chars().count() <= 60 && long.ends_with("word…"), "{long}");
    }
}
