//! Long chats and many of them, written into the agent's database.

use std::path::Path;

use driver::Outcome;
use serde_json::json;
use sqlx::{Connection, SqliteConnection};

/// Whether the search has read all messages.
pub(crate) async fn is_indexed(file: &Path) -> Outcome<bool> {
    let mut db = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await?;
    let count = "SELECT COUNT(*) FROM thread WHERE unindexed_after IS NOT NULL";
    let left: i64 = sqlx::query_scalar(count).fetch_one(&mut db).await?;
    Ok(left == 0)
}

/// Adds this many messages at the end of a chat, whose title may come meanwhile.
pub(crate) async fn fill(file: &Path, thread: &str, messages: i64) -> Outcome {
    let mut db = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await?;
    let mut tx = db.begin().await?;
    let number = "UPDATE thread SET seq = seq + $1, unindexed_after = 0 WHERE id = $2 RETURNING seq";
    let last: i64 = sqlx::query_scalar(number).bind(messages).bind(thread).fetch_one(&mut *tx).await?;
    for seq in last - messages + 1..=last {
        let (item, kind) = if seq % 2 == 0 {
            (format!("m{seq}"), json!({ "message": { "id": seq.to_string(), "text": "What is the price of WAYNE?" } }))
        } else {
            let html = format!("<p>{}</p>\n", "Wayne trades at <strong>103.42 USD</strong> now. ".repeat(12));
            (
                format!("tt{seq}.0"),
                json!({ "block": { "turn": format!("t{seq}"), "part": 0, "block": 0, "html": html } }),
            )
        };
        sqlx::query("INSERT INTO event (thread, seq, at, kind, item, block, place) VALUES ($1, $2, 0, $3, $4, 0, $2)")
            .bind(thread)
            .bind(seq)
            .bind(kind.to_string())
            .bind(item)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Adds this many chats with the title and the owner of `thread`, each a minute older than the one before.
pub(crate) async fn copy(file: &Path, thread: &str, chats: i64) -> Outcome {
    let mut db = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await?;
    let add = "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < $2) \
               INSERT INTO thread (id, visitor, key, title, seq, created_at, updated_at) \
               SELECT id || '_' || n, visitor, key || '_' || n, title, seq, created_at - n * 60000, updated_at - n * 60000 \
               FROM thread, number WHERE id = $1";
    sqlx::query(add).bind(thread).bind(chats).execute(&mut db).await?;
    Ok(())
}
