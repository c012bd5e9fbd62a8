//! The table `visitor`: the visitors who opened threads in a browser, and the person who claimed each by logging in
//! there. A visitor is claimed once: a second person in the same browser is another visitor. Threads find their person
//! through this table, so that a message that arrives during the login isn't orphaned.

use sqlx::{AnyConnection, AnyPool};

/// Locks the visitor, and creates the row if needed. Nobody can claim the visitor until the transaction ends. Returns
/// the person who already has.
pub(crate) async fn hold(db: &mut AnyConnection, id: &str, now: i64) -> Result<Option<String>, sqlx::Error> {
    let sql = "INSERT INTO visitor (id, created_at) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING person";
    sqlx::query_scalar(sql).bind(id).bind(now).fetch_one(db).await
}

/// Whether the visitor exists, is newer than `after`, and is unclaimed. Nobody can claim the visitor until the
/// transaction ends.
pub(crate) async fn is_free(db: &mut AnyConnection, id: &str, after: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("UPDATE visitor SET id = id WHERE id = $1 AND person IS NULL AND created_at > $2")
        .bind(id)
        .bind(after)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Assigns the visitor to this person. `false` if another person claimed the visitor.
pub(crate) async fn claim(db: &mut AnyConnection, id: &str, person: &str, now: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO visitor (id, person, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET person = excluded.person
         WHERE visitor.person IS NULL OR visitor.person = excluded.person",
    )
    .bind(id)
    .bind(person)
    .bind(now)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes visitors from before a time that have neither a thread nor a session.
pub(crate) async fn clean_up(pool: &AnyPool, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM visitor WHERE created_at < $1
             AND NOT EXISTS (SELECT 1 FROM thread WHERE thread.visitor = visitor.id)
             AND NOT EXISTS (SELECT 1 FROM session WHERE session.visitor = visitor.id)",
    )
    .bind(before)
    .execute(pool)
    .await?;
    Ok(())
}
