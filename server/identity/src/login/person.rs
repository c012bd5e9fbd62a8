//! The person at the browser.

use foundation::session::{Handle, Session};

use crate::{
    state::Identity,
    store::{self, person::Person},
};

/// The session of a request and its person, if one is logged in and not disabled.
///
/// # Errors
/// When the database fails.
pub(crate) async fn of_request(identity: &Identity, handle: &Handle) -> Result<Option<(Session, Person)>, sqlx::Error> {
    let Some(session) = identity.sessions.find(handle).await? else { return Ok(None) };
    of_session(identity, &session).await.map(|person| person.map(|person| (session, person)))
}

/// The person of a session.
pub(crate) async fn of_session(identity: &Identity, session: &Session) -> Result<Option<Person>, sqlx::Error> {
    let Some(id) = &session.person else { return Ok(None) };
    let mut db = identity.db.pool().acquire().await?;
    store::person::find(&mut db, id).await
}
