//! All rows about a person, in whichever table, for the operator who removes the person.

use sqlx::AnyConnection;

use super::audit;

/// Deletes the rows that refer to the person. Rows that refer to those rows come first.
const DELETES: [&str; 9] = [
    "DELETE FROM authorization_code WHERE authorization_grant IN (SELECT id FROM authorization_grant WHERE person = $1)",
    "DELETE FROM refresh_token WHERE authorization_grant IN (SELECT id FROM authorization_grant WHERE person = $1)",
    "DELETE FROM consent WHERE person = $1",
    "DELETE FROM outbox WHERE kind = 'ping' AND subject IN (SELECT id FROM approval WHERE person = $1)",
    "DELETE FROM approval_block WHERE person = $1",
    "DELETE FROM connect_session WHERE person = $1",
    "DELETE FROM upstream_token WHERE account IN (SELECT id FROM connected_account WHERE person = $1)",
    "DELETE FROM connected_account WHERE person = $1",
    "DELETE FROM login_address WHERE person = $1",
];

/// Deletes everything about a person except their sessions, and returns the number of grants and of requests for
/// approval. The audit log keeps its entries, with the person's id and without names.
pub async fn delete(db: &mut AnyConnection, person: &str) -> Result<(u64, u64), sqlx::Error> {
    for sql in DELETES {
        sqlx::query(sql).bind(person).execute(&mut *db).await?;
    }
    let mut counts = [0; 3];
    for (count, sql) in counts.iter_mut().zip([
        "DELETE FROM authorization_grant WHERE person = $1",
        "DELETE FROM approval WHERE person = $1",
        "DELETE FROM person WHERE id = $1",
    ]) {
        *count = sqlx::query(sql).bind(person).execute(&mut *db).await?.rows_affected();
    }
    audit::forget_names(db, person).await?;
    Ok((counts[0], counts[1]))
}
