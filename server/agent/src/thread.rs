//! The API of threads for their owners.

pub(crate) mod branch;
pub(crate) mod manage;
pub(crate) mod owner;
pub(crate) mod post;
pub(crate) mod title;
pub(crate) mod versions;
pub(crate) mod visitor;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{Extensions, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use foundation::{lang, session::Handle, tr};
use serde::Deserialize;
use shared::chat::{Act, Transcript};
use sqlx::AnyConnection;

use self::visitor::Visitor;
use crate::{
    error::Error,
    limits::{address, day::Counter},
    page::{self, Beside},
    state::Agent,
    store, suggest,
};

async fn owner_of_thread(agent: &Agent, handle: &Handle, thread: &str) -> Result<Visitor, Error> {
    let visitor = Visitor::of(agent, handle).await?.ok_or(Error::NotFound)?;
    visitor.must_own(agent, thread).await?;
    Ok(visitor)
}

/// The owner of a thread who sends an action. Fails if the page was loaded with a login that has ended since.
async fn actor(agent: &Agent, handle: &Handle, thread: &str, body: &Bytes) -> Result<Visitor, Error> {
    let visitor = Visitor::of(agent, handle).await?;
    let act: Act = foundation::json::read(body).unwrap_or_default();
    if act.signed_in && visitor.as_ref().is_none_or(|visitor| visitor.session.person.is_none()) {
        return Err(Error::LoginOver);
    }
    let visitor = visitor.ok_or(Error::NotFound)?;
    visitor.must_own(agent, thread).await?;
    Ok(visitor)
}

/// The sender of an action that asks the model. It counts as a message once it is done.
struct Asker {
    visitor: Visitor,
    counter: Counter,
    address: Option<String>,
}

impl Asker {
    /// Counts a turn in the transaction of the action, before anything else is locked there, as for a message. If the
    /// action is refused, the turn isn't counted.
    async fn count(&self, db: &mut AnyConnection) -> Result<(), Error> {
        self.counter.take(db, self.visitor.counted(self.address.as_deref())).await.map(drop)
    }
}

/// The owner of a thread who sends an action that asks the model. It counts against the rate limit of messages.
async fn asker(
    agent: &Agent,
    handle: &Handle,
    thread: &str,
    extensions: &Extensions,
    body: &Bytes,
) -> Result<Asker, Error> {
    let visitor = actor(agent, handle, thread, body).await?;
    let owner = visitor.owner();
    agent.limits.messages.take(&owner.to_string()).await?.map_err(Error::TooMany)?;
    let counter = Counter::of(agent, &owner).await?;
    Ok(Asker { visitor, counter, address: address(extensions) })
}

/// A turn of this thread.
async fn turn_of(agent: &Agent, thread: &str, turn: &str) -> Result<store::turn::Turn, Error> {
    let found = store::turn::load(agent.db.pool(), turn).await?;
    found.filter(|found| found.thread == thread).ok_or(Error::NotFound)
}

/// The last thread of a page, after which the next one begins.
#[derive(Deserialize)]
pub(crate) struct AfterThread {
    after: Option<String>,
    updated_at: Option<i64>,
    /// Set (`?html`) by the site's own page, which gets HTML.
    html: Option<String>,
    /// The thread that the page shows, for its suggestions.
    open: Option<String>,
}

/// `GET /api/threads`, `GET /api/threads?after=⟨id⟩&updated_at=⟨milliseconds⟩`
pub(crate) async fn list(
    State(agent): State<Agent>,
    Query(AfterThread { after, updated_at, html, open }): Query<AfterThread>,
    handle: Handle,
) -> Result<Response, Error> {
    let after = updated_at.zip(after.as_deref());
    let visitor = Visitor::of(&agent, &handle).await?;
    let threads = match &visitor {
        Some(visitor) => store::thread::list(agent.db.pool(), &visitor.owner(), after).await?,
        None => Vec::new(),
    };
    if html.is_none() {
        return Ok(Json(threads).into_response());
    }
    let mut beside = Beside { threads, waiting: 0, suggestions: Vec::new() };
    if let Some(visitor) = visitor {
        if let Some(open) = open
            && visitor.must_own(&agent, &open).await.is_ok()
        {
            beside.suggestions = agent.suggestions(&open).await?;
        }
        if let Some(person) = visitor.session.person {
            let now = agent.clock.now();
            beside.waiting = store::approval::count_waiting(agent.db.pool(), &person, now).await?;
        }
    }
    Ok(Html((agent.renderer.beside)(&beside)).into_response())
}

/// `GET /api/commands`: what can be asked for by name.
pub(crate) async fn commands(State(agent): State<Agent>) -> Json<Vec<suggest::Command>> {
    Json(suggest::commands(&agent))
}

/// The position before which a page of the transcript ends.
#[derive(Deserialize)]
pub(crate) struct Before {
    before: Option<i64>,
    /// Set (`?html`) by the site's own page, which gets HTML.
    html: Option<String>,
}

/// `GET /api/threads/{id}`: the last items, or with `?before=⟨position⟩` those before it.
pub(crate) async fn show(
    State(agent): State<Agent>,
    Path(thread): Path<String>,
    Query(Before { before, html }): Query<Before>,
    handle: Handle,
) -> Result<Response, Error> {
    owner_of_thread(&agent, &handle, &thread).await?;
    let transcript = transcript(&agent, &thread, before).await?;
    if html.is_none() {
        return Ok(Json(transcript).into_response());
    }
    let around = page::Around { versions: transcript.versions.clone(), ..agent.around(&thread, lang::current()) };
    let page = agent.renderer.page;
    // Off the runtime's threads, since rendering a long page takes a moment.
    let html = tokio::task::spawn_blocking(move || page(&transcript, &around)).await;
    Ok(Html(html.expect("rendering doesn't panic, and isn't aborted")).into_response())
}

/// A page of a thread, which the requester must own, and its running turns if it is the last page.
pub(crate) async fn transcript(agent: &Agent, thread: &str, before: Option<i64>) -> Result<Transcript, Error> {
    // Reads a snapshot: open text that became a block between two reads would show twice.
    let mut db = agent.db.snapshot().await?;
    let (title, seq) = store::thread::state(&mut *db, thread).await?.ok_or(Error::NotFound)?;
    let running = if before.is_none() { store::turn::running(&mut *db, thread).await? } else { Vec::new() };
    let (events, earlier) = store::event::page(&mut db, thread, before.unwrap_or(i64::MAX)).await?;
    let versions = versions::of(&mut *db, thread).await?;
    db.commit().await?;
    let mut transcript = Transcript { title, before: earlier, versions, ..Transcript::default() };
    events.into_iter().for_each(|event| transcript.put_event(event));
    for (turn, open) in running {
        transcript.running.push(turn);
        open.map(|open| transcript.hear(open));
    }
    transcript.seq = seq;
    Ok(transcript)
}

/// `GET /api/threads/{id}/turns/{turn}/markdown`: an answer as the model wrote it.
pub(crate) async fn markdown(
    State(agent): State<Agent>,
    Path((thread, turn)): Path<(String, String)>,
    handle: Handle,
) -> Result<Response, Error> {
    owner_of_thread(&agent, &handle, &thread).await?;
    let text = crate::turn::source(&turn_of(&agent, &thread, &turn).await?)?;
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response())
}

/// `POST /api/threads/{id}/turns/{turn}/retry`
pub(crate) async fn retry(
    State(agent): State<Agent>,
    Path((thread, turn)): Path<(String, String)>,
    handle: Handle,
    extensions: Extensions,
    body: Bytes,
) -> Result<StatusCode, Error> {
    let asker = asker(&agent, &handle, &thread, &extensions, &body).await?;
    let mut db = agent.db.begin().await?;
    asker.count(&mut db).await?;
    if !store::turn_act::retry(&mut db, &thread, &turn).await? {
        return Err(Error::Conflict(tr!(
            "There is nothing to retry here: it is already running, or it has ended.",
            "Hier gibt es nichts zu wiederholen: Es läuft schon, oder es ist zu Ende."
        )));
    }
    db.commit().await?;
    crate::turn::run(&agent, &turn);
    Ok(StatusCode::ACCEPTED)
}

/// `POST /api/threads/{id}/turns/{turn}/cancel`
pub(crate) async fn cancel(
    State(agent): State<Agent>,
    Path((thread, turn)): Path<(String, String)>,
    handle: Handle,
    body: Bytes,
) -> Result<StatusCode, Error> {
    actor(&agent, &handle, &thread, &body).await?;
    if !store::turn_act::cancel(agent.db.pool(), &thread, &turn).await? {
        return Err(Error::Conflict(tr!(
            "There is nothing to stop here: it has ended.",
            "Hier gibt es nichts anzuhalten: Es ist zu Ende."
        )));
    }
    crate::turn::stop(&agent, &turn);
    Ok(StatusCode::ACCEPTED)
}

/// `POST /api/threads/{id}/calls/{call}/withdraw`
pub(crate) async fn withdraw(
    State(agent): State<Agent>,
    Path((thread, call)): Path<(String, String)>,
    handle: Handle,
    body: Bytes,
) -> Result<StatusCode, Error> {
    actor(&agent, &handle, &thread, &body).await?;
    let call = store::call::of_thread(agent.db.pool(), &thread, &call).await?.ok_or(Error::NotFound)?;
    if !store::approval::withdraw(agent.db.pool(), &call.id).await? {
        return Err(Error::Conflict(tr!(
            "It was decided before it could be withdrawn.",
            "Es wurde entschieden, bevor es zurückgezogen werden konnte."
        )));
    }
    agent.approvals.queue.notify();
    Ok(StatusCode::ACCEPTED)
}
