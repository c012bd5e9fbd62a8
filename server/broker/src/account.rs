//! Accounts: one for each person, opened automatically. Cash and shares move together.

pub(crate) mod api;
pub(crate) mod history;
pub(crate) mod portfolio;

use foundation::secret;

use crate::{
    error::Error,
    state::Broker,
    store::{self, account::AccountRow, movement::MovementRow},
};

/// Opening balance, in cents.
const OPENING: i64 = 1_000_000;

/// The account of a person, identified by issuer and subject. Opens one if there is none.
pub(crate) async fn of_person(broker: &Broker, issuer: &str, subject: &str) -> Result<AccountRow, Error> {
    let db = &broker.inner.parts.db;
    if let Some(account) = store::account::of_person(db.pool(), issuer, subject).await? {
        return Ok(account);
    }
    let now = broker.inner.parts.clock.now();
    let account = AccountRow { id: secret::id("acc_"), cash: OPENING, opened_at: now, name: None };
    let mut tx = db.begin().await?;
    if store::account::open(&mut tx, &account, issuer, subject).await? {
        let opening = MovementRow { at: now, cash: OPENING, symbol: None, shares: 0 };
        store::movement::insert(&mut tx, &account.id, None, &opening).await?;
        tx.commit().await?;
        return Ok(account);
    }
    // A concurrent request opened it.
    tx.rollback().await?;
    store::account::of_person(db.pool(), issuer, subject).await?.ok_or(Error::Database(sqlx::Error::RowNotFound))
}
