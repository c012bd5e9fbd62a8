//! Deletes all rows about a person, in all tables.

use foundation::session::Sessions;
use sqlx::AnyConnection;

use super::{person, thread};
use crate::thread::owner::Owner;

/// The numbers of sessions and chats that were deleted with a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    pub sessions: u64,
    pub chats: u64,
}

/// Deletes everything about the people with this subject, in the caller's transaction.
pub(crate) async fn delete(db: &mut AnyConnection, subject: &str) -> Result<Removed, sqlx::Error> {
    let mut removed = Removed::default();
    for id in person::of_subject(db, subject).await? {
        let Removed { sessions, chats } = delete_person(db, &id).await?;
        removed = Removed { sessions: removed.sessions + sessions, chats: removed.chats + chats };
    }
    delete_at_mcp(db, subject).await?;
    sqlx::query("DELETE FROM usage_of_day WHERE who = $1").bind(format!("s:{subject}")).execute(db).await?;
    Ok(removed)
}

/// Deletes everything about the person with this id, in the caller's transaction. Their usage of today still counts.
pub(crate) async fn delete_person(db: &mut AnyConnection, id: &str) -> Result<Removed, sqlx::Error> {
    let mut removed = Removed::default();
    // Locks the person's visitors, so that nobody writes for them in the meantime.
    sqlx::query("UPDATE visitor SET id = id WHERE person = $1").bind(id).execute(&mut *db).await?;
    let sql = "SELECT id FROM thread WHERE visitor IN (SELECT id FROM visitor WHERE person = $1)";
    let threads: Vec<String> = sqlx::query_scalar(sql).bind(id).fetch_all(&mut *db).await?;
    for id in threads {
        removed.chats += u64::from(thread::remove(db, &id, false, i64::MAX).await?);
    }
    let sql = "DELETE FROM notice WHERE session IN (SELECT id FROM session WHERE person = $1)";
    sqlx::query(sql).bind(id).execute(&mut *db).await?;
    removed.sessions += Sessions::end_all_of(db, id).await?;
    let reader = "DELETE FROM workshop_start WHERE reader = $1";
    sqlx::query(reader).bind(Owner::Person(id.to_owned()).to_string()).execute(&mut *db).await?;
    for sql in [
        "DELETE FROM bare_chat WHERE visitor IN (SELECT id FROM visitor WHERE person = $1)",
        "DELETE FROM setting WHERE person = $1",
        "DELETE FROM workshop_answers WHERE person = $1",
        "DELETE FROM visitor WHERE person = $1",
        "DELETE FROM approval WHERE person = $1",
        "DELETE FROM person WHERE id = $1",
    ] {
        sqlx::query(sql).bind(id).execute(&mut *db).await?;
    }
    Ok(removed)
}

/// Deletes a person's requests and calls at /mcp, also if they never opened the chat.
pub(crate) async fn delete_at_mcp(db: &mut AnyConnection, subject: &str) -> Result<(), sqlx::Error> {
    for sql in ["DELETE FROM approval WHERE subject = $1", "DELETE FROM mcp_call WHERE subject = $1"] {
        sqlx::query(sql).bind(subject).execute(&mut *db).await?;
    }
    Ok(())
}
