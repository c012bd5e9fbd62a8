//! Counts the tokens of a call to the model against the daily limit of its person or visitor.

use crate::{
    limits::day::Counter,
    state::Agent,
    store::{self, turn::Turn},
    thread::owner::Owner,
};

/// Counts the tokens that the endpoint `said`, or one for four `bytes` of messages and answer. Without a limit none are
/// counted.
pub(super) async fn count(agent: &Agent, turn: &Turn, said: Option<u64>, bytes: usize) -> Result<(), sqlx::Error> {
    if agent.config.per_day.tokens.is_none() {
        return Ok(());
    }
    let tokens = said.unwrap_or(bytes as u64 / 4);
    let pool = agent.db.pool();
    let owner = match &turn.person {
        Some(person) => Owner::Person(person.clone()),
        None => Owner::Visitor(store::thread::visitor(pool, &turn.thread).await?),
    };
    Counter::of(agent, &owner).await?.add(pool, tokens).await
}
