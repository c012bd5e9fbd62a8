//! Removes a person and everything that this service keeps about them.

use foundation::{seal::Sealer, session::Sessions};
use serde_json::json;

use super::Operator;
use crate::{
    connection::revocation,
    store::{connected_account, outbox, person, personal},
    vault,
};

/// The number of rows deleted with a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    pub sessions: u64,
    pub grants: u64,
    /// Requests for approval.
    pub requests: u64,
    /// Connected accounts, whose grants are revoked at their providers.
    pub accounts: u64,
    /// Accounts whose grant can't be revoked, because it was sealed under an earlier master key.
    pub unrevoked: u64,
}

impl Operator<'_> {
    /// Deletes a person in one transaction. The outbox revokes the grants of their connected accounts. A `rehearsal` is
    /// rolled back: it only counts what would be deleted. `None` if there is no such person.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn remove(&self, id: &str, sealer: &Sealer, rehearsal: bool) -> Result<Option<Removed>, sqlx::Error> {
        let mut tx = self.db.begin().await?;
        if !person::lock(&mut tx, id).await? {
            return Ok(None);
        }
        let mut removed = Removed::default();
        for account in connected_account::all_of(&mut *tx, id).await? {
            removed.accounts += 1;
            let Ok(grant) = sealer.open(&vault::place(&account.id), &account.refresh_token) else {
                removed.unrevoked += 1;
                continue;
            };
            let row = revocation::entry(sealer, self.now, &account.connection, &grant.into());
            outbox::insert(&mut *tx, &row).await?;
        }
        removed.sessions = Sessions::end_all_of(&mut tx, id).await?;
        (removed.grants, removed.requests) = personal::delete(&mut tx, id).await?;
        let Removed { sessions, grants, requests, accounts, unrevoked } = removed;
        let detail = json!({
            "sessions": sessions, "grants": grants, "requests": requests, "accounts": accounts,
            "unrevoked": unrevoked,
        });
        self.record(&mut tx, "person_removed", Some(id), None, detail).await?;
        foundation::db::end(tx, rehearsal).await?;
        Ok(Some(removed))
    }
}
