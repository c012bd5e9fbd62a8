//! Wakes turns that wait for a login or a connected account. (Decisions wake approvals, see `approval.rs`.) A waiting
//! turn occupies no thread and no connection. Waking only marks it: the process that takes it checks for itself.

pub(crate) mod ping;

use sqlx::AnyConnection;

use crate::{
    error::Error,
    state::Agent,
    store::{self, state::CallState},
    turn,
};

/// Continues a person's turns that wait for the account that they just connected.
///
/// # Errors
/// When the database fails.
pub(crate) async fn connected(agent: &Agent, person: &str) -> Result<(), Error> {
    let mut db = agent.db.begin().await?;
    let turns = wake_waiting(&mut db, person, CallState::Connect).await?;
    db.commit().await?;
    go_on(agent, &turns);
    Ok(())
}

/// Wakes the turns that waited for a login, when a person claims a visitor's threads. Returns them for [`go_on`] after
/// the commit.
pub(crate) async fn logged_in(db: &mut AnyConnection, visitor: &str, person: &str) -> Result<Vec<String>, sqlx::Error> {
    let mut turns = store::turn::wake_visitors(db, visitor).await?;
    turns.extend(wake_waiting(db, person, CallState::Login).await?);
    Ok(turns)
}

/// Wakes a person's turns that wait for access to an API of the identity service, when the person allows it. Returns
/// them for [`go_on`] after the commit.
pub(crate) async fn allowed(db: &mut AnyConnection, person: &str) -> Result<Vec<String>, sqlx::Error> {
    wake_waiting(db, person, CallState::Connect).await
}

/// Runs turns that were woken.
pub(crate) fn go_on(agent: &Agent, turns: &[String]) {
    for turn in turns {
        turn::run(agent, turn);
    }
}

async fn wake_waiting(db: &mut AnyConnection, person: &str, state: CallState) -> Result<Vec<String>, sqlx::Error> {
    let mut turns = Vec::new();
    for (call, turn) in store::call::waiting(db, person, state).await? {
        store::turn::wake(db, &turn).await?;
        store::call::notify(db, &call).await?;
        turns.push(turn);
    }
    Ok(turns)
}
