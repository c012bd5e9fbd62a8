//! Demo people: alice and bob, while every site is a loopback one.

use super::password;
use crate::{StartError, Tenant, store};

/// Their password, shown on the login page.
pub const PASSWORD: &str = "mandate-demo";

/// Makes the demo people of the settings where they are missing.
pub(crate) async fn demo_people(tenant: &Tenant) -> Result<(), StartError> {
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
