//! The table `usage_of_day`: turns and tokens of a person, a visitor or an address on a day (UTC).

use sqlx::{AnyConnection, AnyPool};

/// Numbers of turns and tokens: used, or allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Usage {
    pub(crate) turns: i64,
    pub(crate) tokens: i64,
}

/// Counts a turn, unless that many turns or tokens were used: one conditional statement, so that of two tabs at the
/// limit one gets it. `None`: nothing is left.
pub(crate) async fn take(
    db: &mut AnyConnection,
    who: &str,
    day: i64,
    most: Usage,
) -> Result<Option<Usage>, sqlx::Error> {
    sqlx::query_as(
        "INSERT INTO usage_of_day (who, day, turns, tokens) VALUES ($1, $2, 1, 0)
         ON CONFLICT (who, day) DO UPDATE SET turns = usage_of_day.turns + 1
         WHERE usage_of_day.turns < $3 AND usage_of_day.tokens < $4
         RETURNING turns, tokens",
    )
    .bind(who)
    .bind(day)
    .bind(most.turns)
    .bind(most.tokens)
    .fetch_optional(db)
    .await
}

/// Adds the tokens of an answer.
pub(crate) async fn add(pool: &AnyPool, who: &str, day: i64, tokens: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO usage_of_day (who, day, turns, tokens) VALUES ($1, $2, 0, $3)
         ON CONFLICT (who, day) DO UPDATE SET tokens = usage_of_day.tokens + excluded.tokens",
    )
    .bind(who)
    .bind(day)
    .bind(tokens)
    .execute(pool)
    .await?;
    Ok(())
}

pub(crate) async fn of(pool: &AnyPool, who: &str, day: i64) -> Result<Usage, sqlx::Error> {
    let found = sqlx::query_as("SELECT turns, tokens FROM usage_of_day WHERE who = $1 AND day = $2");
    Ok(found.bind(who).bind(day).fetch_optional(pool).await?.unwrap_or_default())
}

/// Deletes the counts of the days before this one.
pub(crate) async fn clean_up(pool: &AnyPool, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM usage_of_day WHERE day < $1").bind(before).execute(pool).await?;
    Ok(())
}
