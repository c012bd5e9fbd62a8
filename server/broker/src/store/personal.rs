//! All rows about a person, in whichever table, for the operator who removes the person.

use foundation::session::Sessions;
use sqlx::AnyConnection;

use super::account;

/// The number of rows deleted with a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    pub sessions: u64,
    pub accounts: u64,
    pub orders: u64,
}

/// Deletes the accounts of this subject with everything in them, in the caller's transaction.
pub(crate) async fn delete(db: &mut AnyConnection, subject: &str) -> Result<Removed, sqlx::Error> {
    let mut removed = Removed::default();
    for id in account::of_subject(db, subject).await? {
        removed.sessions += Sessions::end_all_of(db, &id).await?;
        // Orders in progress lock the account first, too.
        sqlx::query("UPDATE account SET orders = orders WHERE id = $1").bind(&id).execute(&mut *db).await?;
        for (sql, count) in [
            ("DELETE FROM movement WHERE account = $1", &mut 0),
            ("DELETE FROM orders WHERE account = $1", &mut removed.orders),
            ("DELETE FROM holding WHERE account = $1", &mut 0),
            ("DELETE FROM account WHERE id = $1", &mut removed.accounts),
        ] {
            *count += sqlx::query(sql).bind(&id).execute(&mut *db).await?.rows_affected();
        }
    }
    Ok(removed)
}
