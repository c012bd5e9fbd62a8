//! The reader of the workshop, and the time from which their progress counts.

use foundation::session::Session;

use crate::{
    state::Agent,
    store::{self, workshop},
    thread::{owner::Owner, visitor::Visitor},
};

/// The reader, and the time from which their progress counts.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub(super) owner: Owner,
    pub(super) person: Option<Person>,
    pub(super) since: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) subject: String,
}

/// The reader of a session.
pub(super) async fn of(agent: &Agent, session: Option<Session>) -> Result<Option<Reader>, sqlx::Error> {
    let Some(session) = session else { return Ok(None) };
    let pool = agent.db.pool();
    let person = match &session.person {
        Some(person) => store::person::find(pool, person).await?,
        None => None,
    };
    let owner = Visitor { session }.owner();
    let since = workshop::started(pool, &owner).await?;
    let person = person.map(|person| Person { id: person.id, subject: person.subject });
    Ok(Some(Reader { owner, person, since }))
}
