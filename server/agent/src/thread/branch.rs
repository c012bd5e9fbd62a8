//! Branches: an answer that is written again, or an edited earlier message, starts a branch of its own. The thread
//! shows one branch, the same in all tabs; the person switches between them.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{Extensions, StatusCode},
};
use foundation::{db::Tx, secret, session::Handle, tr};
use shared::chat::Kind;

use super::{actor, asker, turn_of};
use crate::{
    error::Error,
    state::Agent,
    store::{self, branch, event::Appended, thread_state},
    turn,
};

/// `POST /api/threads/{id}/turns/{turn}/regenerate`: answers the turn's message again, and withdraws the open requests
/// that follow it.
pub(crate) async fn regenerate(
    State(agent): State<Agent>,
    Path((thread, turn)): Path<(String, String)>,
    handle: Handle,
    extensions: Extensions,
    body: Bytes,
) -> Result<StatusCode, Error> {
    let asker = asker(&agent, &handle, &thread, &extensions, &body).await?;
    let message = turn_of(&agent, &thread, &turn).await?.message;
    let now = agent.clock.now();
    let mut db = agent.db.begin().await?;
    asker.count(&mut db).await?;
    let cancelled = branch::cancel_from(&mut db, &thread, &message).await?;
    thread_state::lock(&mut db, &thread).await?.ok_or(Error::NotFound)?;
    let shown = branch::shown_turn(&mut db, &thread, &message).await?;
    // A second click finds the new answer.
    let (_, parent) = shown.filter(|(shown, _)| *shown == turn).ok_or(Error::Conflict(tr!(
        "This answer isn’t shown any more, so it wasn’t written again. Load the page again to see what is.",
        "Diese Antwort wird nicht mehr gezeigt, deshalb wurde sie nicht neu geschrieben. Lade die Seite neu."
    )))?;
    let lease = agent.instance.lease(&secret::id("trn_"));
    let turns = vec![Kind::Turn { turn: lease.turn.clone() }];
    let mut appended = store::event::append(&mut db, &thread, now, turns).await?;
    let new = store::turn::New {
        thread: &thread,
        message: &message,
        parent: parent.as_deref(),
        person: asker.visitor.session.person.as_deref(),
        seq: appended.events.last().map_or(0, |event| event.seq),
    };
    store::turn::begin(&mut db, &lease, new, now + turn::LEASE).await?;
    appended.events.extend(show(&mut db, &thread, &lease.turn, now).await?.events);
    agent.streams.commit(db, &thread, appended).await?;
    turn::go_on(&agent, lease);
    end(&agent, cancelled).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `POST /api/threads/{id}/turns/{turn}/choose`: shows the newest branch that contains this turn.
pub(crate) async fn choose(
    State(agent): State<Agent>,
    Path((thread, turn)): Path<(String, String)>,
    handle: Handle,
    body: Bytes,
) -> Result<StatusCode, Error> {
    actor(&agent, &handle, &thread, &body).await?;
    let mut db = agent.db.begin().await?;
    // Showing a branch doesn't change the thread's place in the list.
    let updated_at = thread_state::lock(&mut db, &thread).await?.ok_or(Error::NotFound)?;
    let leaf = branch::newest(&mut db, &thread, &turn).await?.ok_or(Error::NotFound)?;
    if branch::leaf(&mut db, &thread).await?.as_ref() != Some(&leaf) {
        let appended = show(&mut db, &thread, &leaf, updated_at).await?;
        agent.streams.commit(db, &thread, appended).await?;
    }
    Ok(StatusCode::ACCEPTED)
}

/// Shows the branch that ends with this turn.
pub(super) async fn show(db: &mut Tx, thread: &str, leaf: &str, now: i64) -> Result<Appended, sqlx::Error> {
    branch::show(db, thread, leaf).await?;
    store::event::append(db, thread, now, vec![Kind::Branch { turn: leaf.to_owned() }]).await
}

/// Ends turns that were cancelled because the person continued from an earlier message, and withdraws their requests.
pub(super) async fn end(agent: &Agent, cancelled: Vec<String>) -> Result<(), sqlx::Error> {
    for turn in cancelled {
        store::approval::supersede(agent.db.pool(), &turn).await?;
        agent.approvals.queue.notify();
        turn::stop(agent, &turn);
    }
    Ok(())
}
