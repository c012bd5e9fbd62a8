//! Demo people: alice and bob, while every site is a loopback one. Their password is public, so anywhere else those whom
//! an earlier start made are shut out.

use serde_json::json;

use super::password;
use crate::{
    StartError, Tenant,
    audit::{self, Event},
    store,
};

/// Their password, shown on the login page.
pub const PASSWORD: &str = "mandate-demo";

/// Makes the demo people of the settings where they are missing, and shuts out those who may not be here.
pub(crate) async fn demo_people(tenant: &Tenant) -> Result<(), StartError> {
    who_may_be_here(tenant).await?;
    if tenant.config.demo_people.is_empty() {
        return Ok(());
    }
    if !tenant.config.site.is_loopback() {
        return Err(StartError::DemoPeople);
    }
    for (email, name) in &tenant.config.demo_people {
        let mut db = tenant.db.pool().acquire().await?;
        if store::person::by_login(&mut db, &email.to_lowercase()).await?.is_none() {
            drop(db);
            let hash = password::hash(tenant, PASSWORD.to_owned()).await.map_err(StartError::Password)?;
            let mut db = tenant.db.pool().acquire().await?;
            store::person::with_password(&mut db, tenant.issuer(), name, email, &hash, tenant.clock.now()).await?;
        }
    }
    Ok(())
}

/// With their sessions and grants, in one transaction: nothing that a demo person once had outlives this. Where every
/// site is loopback again, they may log in again.
async fn who_may_be_here(tenant: &Tenant) -> Result<(), sqlx::Error> {
    let mut tx = tenant.db.begin().await?;
    if tenant.config.shut_out.is_empty() {
        store::person::let_in(&mut tx).await?;
    }
    for login in &tenant.config.shut_out {
        for person in store::person::shut_out(&mut tx, login).await? {
            tenant.sessions.end_all_of(&mut tx, &person).await?;
            store::authorization_grant::revoke_all_of(&mut tx, &person, tenant.clock.now()).await?;
            let detail = json!({ "reason": "a demo person, and a site is not loopback" });
            let event = Event { event: "person_shut_out", person: Some(&person), detail, ..Event::default() };
            audit::record(tenant, &mut tx, event).await?;
        }
    }
    tx.commit().await
}
