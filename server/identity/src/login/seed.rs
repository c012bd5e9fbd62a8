//! Demo people: alice and bob, while every site is loopback. Their password is public, so elsewhere those from an
//! earlier start are locked out.

use foundation::session::Sessions;
use serde_json::json;

use super::password;
use crate::{
    audit::{self, Event},
    error::StartError,
    state::Identity,
    store,
};

/// Their password, which the login page shows.
pub const PASSWORD: &str = "mandate-demo";

impl Identity {
    /// The `sub` of everyone who is locked out (see [`Config::shut_out`]). Everything based on their login has ended,
    /// too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shut_out(&self) -> Result<Vec<String>, sqlx::Error> {
        let mut db = self.db.pool().acquire().await?;
        store::person::out(&mut db).await
    }
}

/// Creates the missing demo people of the settings, and locks out those who may not log in.
pub(crate) async fn demo_people(identity: &Identity) -> Result<(), StartError> {
    who_may_be_here(identity).await?;
    if identity.config.demo_people.is_empty() {
        return Ok(());
    }
    if !identity.config.site.is_loopback() {
        return Err(StartError::DemoPeople);
    }
    for (email, name) in &identity.config.demo_people {
        let mut db = identity.db.pool().acquire().await?;
        if store::person::by_login(&mut db, &email.to_lowercase()).await?.is_none() {
            drop(db);
            let hash = password::hash(identity, PASSWORD.to_owned()).await.map_err(StartError::Password)?;
            let mut db = identity.db.pool().acquire().await?;
            store::person::with_password(&mut db, identity.issuer(), name, email, &hash, identity.clock.now()).await?;
        }
    }
    Ok(())
}

/// Ends their sessions and grants in the same transaction, so that nothing from their logins remains. When every site
/// is loopback again, they may log in again.
async fn who_may_be_here(identity: &Identity) -> Result<(), sqlx::Error> {
    let mut tx = identity.db.begin().await?;
    if identity.config.shut_out.is_empty() {
        store::person::let_in(&mut tx).await?;
    }
    for login in &identity.config.shut_out {
        for person in store::person::shut_out(&mut tx, login).await? {
            Sessions::end_all_of(&mut tx, &person).await?;
            store::authorization_grant::revoke_all_of(&mut tx, &person, identity.clock.now()).await?;
            let detail = json!({ "reason": "a demo person, and a site is not loopback" });
            let event = Event { event: "person_shut_out", person: Some(&person), detail, ..Event::default() };
            audit::record(identity, &mut tx, event).await?;
        }
    }
    tx.commit().await
}
