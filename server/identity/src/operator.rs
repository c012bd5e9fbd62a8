//! The operator's commands: they read and change an instance's database directly, also while the instance runs. Each
//! change is one transaction, with its entry in the audit log.

mod remove;

use foundation::{db::Db, session::Sessions};
use serde_json::{Value, json};
use sqlx::AnyConnection;

pub use self::remove::Removed;
use crate::{
    approval::end,
    store::{self, approval::Whose, audit, authorization_grant, client, consent, person},
};

/// The actor in the audit log.
const ACTOR: &str = "operator, command line";

/// An instance's operator, at a time in milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Operator<'a> {
    pub db: &'a Db,
    pub now: i64,
}

/// The number of sessions, grants and requests that a command ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    pub sessions: u64,
    pub grants: u64,
    /// Waiting approval requests.
    pub requests: usize,
}

impl Operator<'_> {
    /// # Errors
    /// If the database fails; the same applies to the other functions here.
    pub async fn clients(&self) -> Result<Vec<client::Listed>, sqlx::Error> {
        client::all(&mut *self.db.pool().acquire().await?).await
    }

    pub async fn people(&self) -> Result<Vec<person::Listed>, sqlx::Error> {
        person::all(&mut *self.db.pool().acquire().await?).await
    }

    /// The people with this id or e-mail: several providers may assert the same e-mail.
    pub async fn people_named(&self, name: &str) -> Result<Vec<person::Listed>, sqlx::Error> {
        person::named(&mut *self.db.pool().acquire().await?, name).await
    }

    pub async fn grants(&self, of: &authorization_grant::Of) -> Result<Vec<authorization_grant::Listed>, sqlx::Error> {
        authorization_grant::all(&mut *self.db.pool().acquire().await?, of).await
    }

    /// The next entries of the audit log, oldest first.
    pub async fn audit(&self, of: &audit::Of) -> Result<Vec<audit::Entry>, sqlx::Error> {
        audit::page(&mut *self.db.pool().acquire().await?, of).await
    }

    /// Disables a person: they can't log in, and their sessions, grants, tokens and approvals end. `None` if they were
    /// already disabled.
    pub async fn disable(&self, person: &str) -> Result<Option<Ended>, sqlx::Error> {
        let mut tx = self.db.begin().await?;
        if !store::person::disable(&mut tx, person, true).await? {
            return Ok(None);
        }
        let ended = Ended {
            sessions: Sessions::end_all_of(&mut tx, person).await?,
            grants: authorization_grant::revoke_all_of(&mut tx, person, self.now).await?,
            requests: end::all(&mut tx, Whose { person, ..Whose::default() }, self.now).await?,
        };
        let Ended { sessions, grants, requests } = ended;
        let detail = json!({ "sessions": sessions, "grants": grants, "requests": requests });
        self.record(&mut tx, "person_disabled", Some(person), None, detail).await?;
        tx.commit().await?;
        Ok(Some(ended))
    }

    /// Lets a disabled person log in again. Doesn't restore what ended. `false` if they weren't disabled.
    pub async fn enable(&self, person: &str) -> Result<bool, sqlx::Error> {
        let mut tx = self.db.begin().await?;
        if !store::person::disable(&mut tx, person, false).await? {
            return Ok(false);
        }
        self.record(&mut tx, "person_enabled", Some(person), None, json!({})).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Revokes grants, and the requests made under them. A client that isn't first-party must ask the person for
    /// consent again.
    pub async fn revoke(&self, grants: &[authorization_grant::Listed]) -> Result<Ended, sqlx::Error> {
        let mut tx = self.db.begin().await?;
        let mut ended = Ended::default();
        for grant in grants {
            if !authorization_grant::revoke(&mut tx, &grant.id, self.now).await? {
                continue;
            }
            ended.grants += 1;
            let whose = Whose { person: &grant.person, grant: &grant.id, ..Whose::default() };
            let requests = end::all(&mut tx, whose, self.now).await?;
            ended.requests += requests;
            consent::delete(&mut tx, &grant.person, &grant.client).await?;
            let detail = json!({ "grant": grant.id, "requests": requests });
            self.record(&mut tx, "grant_revoked", Some(&grant.person), Some(&grant.client), detail).await?;
        }
        tx.commit().await?;
        Ok(ended)
    }

    async fn record(
        &self,
        db: &mut AnyConnection,
        event: &str,
        person: Option<&str>,
        client: Option<&str>,
        mut detail: Value,
    ) -> Result<(), sqlx::Error> {
        detail["actor"] = ACTOR.into();
        audit::insert(db, self.now, event, person, client, &detail).await
    }
}
