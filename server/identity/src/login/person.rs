//! Who sits at the browser.

use axum::http::HeaderMap;
use foundation::session::Session;

use crate::{
    state::Identity,
    store::{self, person::Person},
};

/// The session of a request and its person, where one is logged in and not disabled.
///
/// # Errors
/// Where the database fails.
pub(crate) async fn of_request(
    identity: &Identity,
    headers: &HeaderMap,
) -> Result<Option<(Session, Person)>, sqlx::Error> {
    let Some(session) = identity.sessions.find(headers).await? else { return Ok(None) };
    of_session(identity, &session).await.map(|person| person.map(|person| (session, person)))
}

/// The person of a session.
pub(crate) async fn of_session(identity: &Identity, session: &Session) -> Result<Option<Person>, sqlx::Error> {
    let Some(id) = &session.person else { return Ok(None) };
    let mut db = identity.db.pool().acquire().await?;
    store::person::find(&mut db, id).await
}
