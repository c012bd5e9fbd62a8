//! `POST /api/threads` and `POST /api/threads/{id}/messages`: stores a message once, and starts a turn.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{Extensions, HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use foundation::{secret, session::Handle, tr};
use shared::chat::{Accepted, Kind, NewMessage, message_excess};

use super::{title, visitor::Visitor};
use crate::{
    error::Error,
    limits::{address, day::Counter},
    state::Agent,
    store::{self, branch},
    turn,
};

/// A message can only be replaced where it is shown.
fn not_shown() -> Error {
    Error::Conflict(tr!(
        "This message isn’t shown any more, so it wasn’t changed. Load the page again to see what is.",
        "Diese Nachricht wird nicht mehr gezeigt, deshalb wurde sie nicht geändert. Lade die Seite neu."
    ))
}

/// Opens a thread with its first message. Starts a session for a visitor without one.
pub(crate) async fn open(
    State(agent): State<Agent>,
    handle: Handle,
    headers: HeaderMap,
    extensions: Extensions,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Error> {
    let message = read(body)?;
    let visitor = visitor(&agent, &handle, &headers, &extensions, message.signed_in).await?;
    let accepted = post(&agent, &visitor, None, message, address(&extensions).as_deref()).await?;
    Ok(answer(accepted))
}

/// The session's visitor, or a new one for a browser without a session.
pub(crate) async fn visitor(
    agent: &Agent,
    handle: &Handle,
    headers: &HeaderMap,
    extensions: &Extensions,
    signed_in: bool,
) -> Result<Visitor, Error> {
    if let Some(visitor) = Visitor::of(agent, handle).await? {
        return Ok(visitor);
    }
    if signed_in {
        return Err(Error::LoginExpired);
    }
    if let Some(address) = address(extensions) {
        agent.limits.visitors.take(&address).map_err(Error::TooMany)?;
    }
    match Visitor::of_tabs(agent, handle, headers).await? {
        Some(visitor) => Ok(visitor),
        None => Visitor::begin(agent, handle).await,
    }
}

/// Adds a message to a thread.
pub(crate) async fn add(
    State(agent): State<Agent>,
    Path(thread): Path<String>,
    handle: Handle,
    extensions: Extensions,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Error> {
    let message = read(body)?;
    let visitor = Visitor::of(&agent, &handle).await?;
    let visitor = visitor.ok_or(if message.signed_in { Error::LoginExpired } else { Error::NotFound })?;
    let accepted = post(&agent, &visitor, Some(thread), message, address(&extensions).as_deref()).await?;
    Ok(answer(accepted))
}

fn answer(accepted: Accepted) -> Response {
    (StatusCode::ACCEPTED, Json(accepted)).into_response()
}

fn read(body: Result<Bytes, BytesRejection>) -> Result<NewMessage, Error> {
    let body = body.map_err(|_| Error::TooLong)?;
    checked(
        foundation::json::read(&body)
            .map_err(|_| Error::Invalid(tr!("This is not a message.", "Das ist keine Nachricht.").into()))?,
    )
}

/// The message in the form in which it is stored. Fails if its text or key is invalid.
pub(crate) fn checked(mut message: NewMessage) -> Result<NewMessage, Error> {
    if message_excess(&message.text) > 0 {
        return Err(Error::TooLong);
    }
    if !(8..=64).contains(&message.key.len()) || !message.key.bytes().all(|b| b.is_ascii_graphic()) {
        let key = tr!(
            "A message’s key is 8 to 64 letters or digits.",
            "Der Schlüssel einer Nachricht hat 8 bis 64 Buchstaben oder Ziffern."
        );
        return Err(Error::Invalid(key.into()));
    }
    message.text = message.text.trim().replace('\0', "");
    if message.text.is_empty() { Err(Error::Empty) } else { Ok(message) }
}

/// Stores a message under its key, in a new thread or in one of the visitor's, and starts its turn, all in one
/// transaction, so that every accepted message is answered. A message sent again under its key, to either address,
/// isn't accepted twice.
pub(crate) async fn post(
    agent: &Agent,
    visitor: &Visitor,
    thread: Option<String>,
    message: NewMessage,
    address: Option<&str>,
) -> Result<Accepted, Error> {
    if message.signed_in && visitor.session.person.is_none() {
        return Err(Error::LoginExpired);
    }
    let owner = visitor.owner();
    if let Some(thread) = &thread {
        visitor.must_own(agent, thread).await?;
    }
    if let Err(wait) = agent.limits.messages.take(&owner.to_string()).await? {
        // A retry of a message that was already accepted doesn't count against the limit.
        let mut db = agent.db.pool().acquire().await?;
        let taken = store::message::taken(&mut db, &owner, &message.key).await?;
        return taken.map_or(Err(Error::TooMany(wait)), |taken| again(taken, &message));
    }
    let counter = Counter::of(agent, &owner).await?;
    let now = agent.clock.now();
    let mut db = agent.db.begin().await?;
    let own = &visitor.session.visitor;
    // A login that claims the visitor comes before or after this. Either way it finds the thread.
    let claimed_by = store::visitor::hold(&mut db, own, now).await?;
    if let Some(taken) = store::message::taken(&mut db, &owner, &message.key).await? {
        return again(taken, &message);
    }
    let notice = counter.take(&mut db, visitor.counted(address)).await?;
    let mut kinds = Vec::new();
    let (mut cancelled, mut parent) = (Vec::new(), None);
    let thread = match thread {
        Some(thread) => {
            if let Some(replaced) = &message.replaces {
                cancelled = branch::cancel_from(&mut db, &thread, replaced).await?;
            }
            // `None`: it was deleted in the meantime.
            store::thread_state::lock(&mut db, &thread).await?.ok_or(Error::NotFound)?;
            parent = match &message.replaces {
                Some(replaced) => branch::shown_turn(&mut db, &thread, replaced).await?.ok_or(not_shown())?.1,
                None => branch::leaf(&mut db, &thread).await?,
            };
            thread
        }
        None => {
            let id = secret::id("thr_");
            let title = title::of_message(&message.text);
            if store::thread::open(&mut db, &id, own, &message.key, &title, now).await? {
                kinds.push(Kind::Title { title });
                id
            } else {
                store::thread::find_by_key(&mut db, own, &message.key).await?.ok_or(Error::NotFound)?
            }
        }
    };
    let id = secret::id("msg_");
    if !store::message::keep(&mut db, &id, &thread, &message.key, &message.text, now).await? {
        // A concurrent request with the same key was first.
        let taken = store::message::taken(&mut db, &owner, &message.key).await?.ok_or(Error::NotFound)?;
        return again(taken, &message);
    }
    let lease = agent.instance.lease(&secret::id("trn_"));
    kinds.push(Kind::Message { id: id.clone(), text: message.text });
    kinds.push(Kind::Turn { turn: lease.turn.clone() });
    let mut appended = store::event::append(&mut db, &thread, now, kinds).await?;
    let seq = appended.events.last().map_or(0, |event| event.seq);
    // A person who logged in after the session was read owns the thread, and the turn runs for them.
    let person = visitor.session.person.as_deref().or(claimed_by.as_deref());
    let new = store::turn::New { thread: &thread, message: &id, parent: parent.as_deref(), person, seq };
    store::turn::begin(&mut db, &lease, new, now + turn::LEASE).await?;
    if message.replaces.is_some() {
        appended.events.extend(super::branch::show(&mut db, &thread, &lease.turn, now).await?.events);
    } else {
        branch::grow(&mut db, &thread, &lease.turn).await?;
    }
    agent.streams.commit(db, &thread, appended).await?;
    turn::go_on(agent, lease);
    super::branch::end(agent, cancelled).await?;
    Ok(Accepted { thread, message: id, notice })
}

/// A repeated message, for example after a lost answer: returns the thread that accepted it.
fn again(taken: store::message::Taken, message: &NewMessage) -> Result<Accepted, Error> {
    if taken.text != message.text {
        return Err(Error::Conflict(tr!(
            "Another message was sent under this one’s key before, and was accepted. This one wasn’t sent. Write it again.",
            "Unter dem Schlüssel dieser Nachricht wurde schon eine andere gesendet. Diese wurde nicht gesendet. Schreib sie noch einmal."
        )));
    }
    Ok(Accepted { thread: taken.thread, message: taken.id, notice: None })
}
