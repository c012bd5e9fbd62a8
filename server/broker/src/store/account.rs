//! The table `account`: one for each person, with its cash.

use sqlx::{AnyConnection, AnyExecutor};

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct AccountRow {
    pub(crate) id: String,
    pub(crate) cash: i64,
    pub(crate) opened_at: i64,
    /// The person's name at the provider, as of the last login.
    pub(crate) name: Option<String>,
}

pub(crate) async fn of_person(
    db: impl AnyExecutor<'_>,
    issuer: &str,
    subject: &str,
) -> Result<Option<AccountRow>, sqlx::Error> {
    sqlx::query_as("SELECT id, cash, opened_at, name FROM account WHERE issuer = $1 AND subject = $2")
        .bind(issuer)
        .bind(subject)
        .fetch_optional(db)
        .await
}

pub(crate) async fn find(db: impl AnyExecutor<'_>, id: &str) -> Result<Option<AccountRow>, sqlx::Error> {
    sqlx::query_as("SELECT id, cash, opened_at, name FROM account WHERE id = $1").bind(id).fetch_optional(db).await
}

/// The accounts with this `sub` at the provider, opened under any issuer.
pub(crate) async fn of_subject(db: &mut AnyConnection, subject: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM account WHERE subject = $1").bind(subject).fetch_all(db).await
}

/// Whether the account belongs to this person.
pub(crate) async fn is_of(
    db: impl AnyExecutor<'_>,
    id: &str,
    issuer: &str,
    subject: &str,
) -> Result<bool, sqlx::Error> {
    let found: Option<String> =
        sqlx::query_scalar("SELECT id FROM account WHERE id = $1 AND issuer = $2 AND subject = $3")
            .bind(id)
            .bind(issuer)
            .bind(subject)
            .fetch_optional(db)
            .await?;
    Ok(found.is_some())
}

pub(crate) async fn set_name(db: &mut AnyConnection, id: &str, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE account SET name = $1 WHERE id = $2").bind(name).bind(id).execute(db).await?;
    Ok(())
}

/// Opens an account, unless the person has one. Returns whether it is new.
pub(crate) async fn open(
    db: &mut AnyConnection,
    row: &AccountRow,
    issuer: &str,
    subject: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO account (id, issuer, subject, cash, orders, opened_at) VALUES ($1, $2, $3, $4, 0, $5)
         ON CONFLICT (issuer, subject) DO NOTHING",
    )
    .bind(&row.id)
    .bind(issuer)
    .bind(subject)
    .bind(row.cash)
    .bind(row.opened_at)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The number of the account's next order. The row stays locked until the transaction ends, so orders of an account are
/// placed one at a time.
pub(crate) async fn next_order(db: &mut AnyConnection, id: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("UPDATE account SET orders = orders + 1 WHERE id = $1 RETURNING orders")
        .bind(id)
        .fetch_one(db)
        .await
}

/// Takes cash and returns the rest. `None` if there isn't enough.
pub(crate) async fn take_cash(db: &mut AnyConnection, id: &str, cents: i64) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("UPDATE account SET cash = cash - $1 WHERE id = $2 AND cash >= $1 RETURNING cash")
        .bind(cents)
        .bind(id)
        .fetch_optional(db)
        .await
}

pub(crate) async fn give_cash(db: &mut AnyConnection, id: &str, cents: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE account SET cash = cash + $1 WHERE id = $2").bind(cents).bind(id).execute(db).await?;
    Ok(())
}
