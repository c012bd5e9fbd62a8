//! Renaming and deleting a thread, by forms that need no script. Deleting can be undone for a minute; then cleanup removes
//! the thread.

use axum::{
    Form,
    extract::{Path, State},
    response::Redirect,
};
use foundation::{session::Handle, tr};
use serde::Deserialize;
use shared::chat::Kind;

use super::{title, visitor::Visitor};
use crate::{
    error::Error,
    state::Agent,
    store::{
        self,
        thread_state::{self, TitledBy},
    },
};

/// How long a deleted thread can be restored, in milliseconds.
pub(crate) const UNDO: i64 = 60_000;

#[derive(Deserialize)]
pub(crate) struct RenameForm {
    csrf_token: String,
    title: String,
}

#[derive(Deserialize)]
pub(crate) struct PlainForm {
    csrf_token: String,
}

/// The requester, if the form has their session's CSRF token.
pub(crate) async fn sender(agent: &Agent, handle: &Handle, csrf_token: &str) -> Result<Visitor, Error> {
    let visitor = Visitor::of(agent, handle).await?.ok_or(Error::LoginOver)?;
    if agent.sessions.matches_csrf_token(&visitor.session, csrf_token) {
        Ok(visitor)
    } else {
        Err(Error::WrongCsrfToken)
    }
}

/// `POST /t/{id}/rename`
pub(crate) async fn rename(
    State(agent): State<Agent>,
    Path(thread): Path<String>,
    handle: Handle,
    Form(form): Form<RenameForm>,
) -> Result<Redirect, Error> {
    sender(&agent, &handle, &form.csrf_token).await?.must_own(&agent, &thread).await?;
    let title = title::of_person(&form.title).ok_or_else(|| {
        let most = title::PERSONS_MOST;
        Error::Invalid(tr!(
            format!("A title has 1 to {most} characters. The chat keeps its title; go back and write another one."),
            format!(
                "Ein Titel hat 1 bis {most} Zeichen. Der Chat behält seinen; geh zurück, und schreib einen anderen."
            )
        ))
    })?;
    title::set(&agent, &thread, title, TitledBy::Person).await?;
    Ok(Redirect::to(&format!("/t/{thread}")))
}

/// `POST /t/{id}/delete`: also cancels its turns and withdraws its requests. Orders that were placed stay placed.
pub(crate) async fn delete(
    State(agent): State<Agent>,
    Path(thread): Path<String>,
    handle: Handle,
    Form(form): Form<PlainForm>,
) -> Result<Redirect, Error> {
    let visitor = sender(&agent, &handle, &form.csrf_token).await?;
    let gone = Redirect::to(&format!("/?deleted={thread}"));
    let now = agent.clock.now();
    if thread_state::deleted(agent.db.pool(), &thread, &visitor.owner(), now - UNDO).await?.is_some() {
        // A second click.
        return Ok(gone);
    }
    visitor.must_own(&agent, &thread).await?;
    let mut db = agent.db.begin().await?;
    let turns = store::turn_act::cancel_all(&mut db, &thread).await?;
    if thread_state::delete(&mut db, &thread, now).await? {
        let events = store::event::append(&mut db, &thread, now, vec![Kind::Deleted { undone: false }]).await?;
        agent.streams.commit(db, &thread, events).await?;
        for turn in turns {
            crate::turn::stop(&agent, &turn);
        }
    }
    Ok(gone)
}

/// `POST /t/{id}/restore`
pub(crate) async fn restore(
    State(agent): State<Agent>,
    Path(thread): Path<String>,
    handle: Handle,
    Form(form): Form<PlainForm>,
) -> Result<Redirect, Error> {
    let visitor = sender(&agent, &handle, &form.csrf_token).await?;
    let now = agent.clock.now();
    if thread_state::deleted(agent.db.pool(), &thread, &visitor.owner(), now - UNDO).await?.is_some() {
        let mut db = agent.db.begin().await?;
        if thread_state::restore(&mut db, &thread, now - UNDO).await? {
            let events = store::event::append(&mut db, &thread, now, vec![Kind::Deleted { undone: true }]).await?;
            agent.streams.commit(db, &thread, events).await?;
        }
    }
    // Too late, or a second click: the error page says which.
    visitor.must_own(&agent, &thread).await.map_err(|_| {
        Error::Conflict(tr!(
            "It is too late to undo this. The chat is deleted.",
            "Dafür ist es zu spät. Der Chat ist gelöscht."
        ))
    })?;
    Ok(Redirect::to(&format!("/t/{thread}")))
}
