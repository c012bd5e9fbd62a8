//! The table `approval`: requests for approval and what became of them.

use sqlx::{Any, AnyPool, Executor};

use super::remove_in_batches;

/// A request for approval as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub id: String,
    pub auth_req_hash: String,
    pub client: String,
    pub client_name: String,
    pub idempotency_key: String,
    pub request_digest: String,
    pub person: String,
    pub connection: String,
    pub account: String,
    pub account_label: String,
    /// Canonical JSON of the one entry.
    pub detail: String,
    pub digest: String,
    pub code: String,
    pub agent_message: Option<String>,
    pub scope: String,
    /// Sealed.
    pub notification_token: Option<String>,
    pub caller: Option<String>,
    pub caller_name: Option<String>,
    pub caller_verified: Option<i64>,
    /// What the caller's token came from.
    pub caller_grant: Option<String>,
    pub asked_at: i64,
    pub expires_at: i64,
    /// `waiting`, `approved`, `denied`, `withdrawn`.
    pub state: String,
    pub decided_at: Option<i64>,
    pub redeemed_at: Option<i64>,
    pub used_at: Option<i64>,
    pub polled_at: Option<i64>,
    pub poll_interval: i64,
    /// The API that its token is for. `None`: the vault.
    pub audience: Option<String>,
    /// When an approval was taken back: nothing is placed on it any more.
    pub ended_at: Option<i64>,
}

impl Row {
    /// The app that asks, by its id: for a call at `/mcp` the MCP client, otherwise the client itself.
    pub fn app(&self) -> &str {
        self.caller.as_ref().unwrap_or(&self.client)
    }

    /// That app's name.
    pub fn app_name(&self) -> &str {
        match &self.caller {
            Some(caller) => self.caller_name.as_ref().unwrap_or(caller),
            None => &self.client_name,
        }
    }
}

/// Stores a request. `false`: one with its `auth_req_id` is there already.
pub async fn insert(db: impl Executor<'_, Database = Any>, row: &Row) -> Result<bool, sqlx::Error> {
    let inserted: Option<String> = sqlx::query_scalar(
        "INSERT INTO approval (id, auth_req_hash, client, client_name, idempotency_key, request_digest, person, \
         connection, account, account_label, detail, digest, code, agent_message, scope, notification_token, caller, \
         caller_name, caller_verified, asked_at, expires_at, state, poll_interval, caller_grant, audience) VALUES ($1, $2, $3, \
         $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, 'waiting', $22, $23, $24) \
         ON CONFLICT (auth_req_hash) DO NOTHING RETURNING id",
    )
    .bind(&row.id)
    .bind(&row.auth_req_hash)
    .bind(&row.client)
    .bind(&row.client_name)
    .bind(&row.idempotency_key)
    .bind(&row.request_digest)
    .bind(&row.person)
    .bind(&row.connection)
    .bind(&row.account)
    .bind(&row.account_label)
    .bind(&row.detail)
    .bind(&row.digest)
    .bind(&row.code)
    .bind(&row.agent_message)
    .bind(&row.scope)
    .bind(&row.notification_token)
    .bind(&row.caller)
    .bind(&row.caller_name)
    .bind(row.caller_verified)
    .bind(row.asked_at)
    .bind(row.expires_at)
    .bind(row.poll_interval)
    .bind(&row.caller_grant)
    .bind(&row.audience)
    .fetch_optional(db)
    .await?;
    Ok(inserted.is_some())
}

/// The request behind an `auth_req_id`, whoever asks.
pub async fn by_hash(db: impl Executor<'_, Database = Any>, hash: &str) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM approval WHERE auth_req_hash = $1").bind(hash).fetch_optional(db).await
}

/// A request by its id, whoever asks.
pub async fn by_id(db: impl Executor<'_, Database = Any>, id: &str) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM approval WHERE id = $1").bind(id).fetch_optional(db).await
}

/// A request that this person is asked.
pub async fn of_person(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    person: &str,
) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM approval WHERE id = $1 AND person = $2")
        .bind(id)
        .bind(person)
        .fetch_optional(db)
        .await
}

/// A person's requests that wait, the newest first.
pub async fn waiting(db: impl Executor<'_, Database = Any>, person: &str, now: i64) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT * FROM approval WHERE person = $1 AND state = 'waiting' AND expires_at > $2 \
         ORDER BY asked_at DESC, id LIMIT 100",
    )
    .bind(person)
    .bind(now)
    .fetch_all(db)
    .await
}

/// A person's requests that wait no more, the newest first.
pub async fn past(db: impl Executor<'_, Database = Any>, person: &str, now: i64) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT * FROM approval WHERE person = $1 AND (state <> 'waiting' OR expires_at <= $2) \
         ORDER BY asked_at DESC, id LIMIT 100",
    )
    .bind(person)
    .bind(now)
    .fetch_all(db)
    .await
}

/// How many requests of an app wait for a person.
pub async fn count_waiting(
    db: impl Executor<'_, Database = Any>,
    person: &str,
    app: &str,
    now: i64,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM approval WHERE person = $1 AND COALESCE(caller, client) = $2 \
         AND state = 'waiting' AND expires_at > $3",
    )
    .bind(person)
    .bind(app)
    .bind(now)
    .fetch_one(db)
    .await
}

/// The person's decision, `approved` or `denied`, on exactly what was shown to them: one compare-and-set. An
/// approval for an app that the person has blocked is not taken.
pub async fn decide(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    person: &str,
    shown: &str,
    decision: &str,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let decided: Option<String> = sqlx::query_scalar(
        "UPDATE approval SET state = $1, decided_at = $2 WHERE id = $3 AND person = $4 AND digest = $5 \
         AND state = 'waiting' AND expires_at > $2 AND ($1 = 'denied' OR NOT EXISTS (SELECT 1 FROM approval_block b \
         WHERE b.person = approval.person AND b.client IN (approval.client, approval.caller))) RETURNING id",
    )
    .bind(decision)
    .bind(now)
    .bind(id)
    .bind(person)
    .bind(shown)
    .fetch_optional(db)
    .await?;
    Ok(decided.is_some())
}

/// Whose requests: all of a person, or those of a client and on its behalf, or those under a grant. Empty: any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whose<'a> {
    pub person: &'a str,
    pub client: &'a str,
    pub grant: &'a str,
}

macro_rules! whose {
    () => {
        " WHERE person = $2 AND ($3 = '' OR client = $3 OR caller = $3) AND ($4 = '' OR caller_grant = $4)"
    };
}

/// Denies everything that waits; returns it.
pub async fn deny_all(
    db: impl Executor<'_, Database = Any>,
    whose: Whose<'_>,
    now: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(concat!(
        "UPDATE approval SET state = 'denied', decided_at = $1",
        whose!(),
        " AND state = 'waiting' AND expires_at > $1 RETURNING *"
    ))
    .bind(now)
    .bind(whose.person)
    .bind(whose.client)
    .bind(whose.grant)
    .fetch_all(db)
    .await
}

/// Takes back everything that was approved. For good: an app that is unblocked or let in again asks anew.
pub async fn end_all(db: impl Executor<'_, Database = Any>, whose: Whose<'_>, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query(concat!("UPDATE approval SET ended_at = $1", whose!(), " AND state = 'approved' AND ended_at IS NULL"))
        .bind(now)
        .bind(whose.person)
        .bind(whose.client)
        .bind(whose.grant)
        .execute(db)
        .await?;
    Ok(())
}

/// Everybody's requests that wait, and approvals that may still be redeemed.
pub async fn open(db: impl Executor<'_, Database = Any>, now: i64) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT * FROM approval WHERE (state = 'waiting' AND expires_at > $1) \
         OR (state = 'approved' AND ended_at IS NULL AND decided_at > $1 - 600000)",
    )
    .bind(now)
    .fetch_all(db)
    .await
}

/// Ends one of them: what waits is denied. `false`: it had ended.
pub async fn end(db: impl Executor<'_, Database = Any>, id: &str, now: i64) -> Result<bool, sqlx::Error> {
    let ended: Option<String> = sqlx::query_scalar(
        "UPDATE approval SET ended_at = CASE WHEN state = 'approved' THEN $1 ELSE ended_at END, \
         decided_at = CASE WHEN state = 'waiting' THEN $1 ELSE decided_at END, \
         state = CASE WHEN state = 'waiting' THEN 'denied' ELSE state END \
         WHERE id = $2 AND ((state = 'waiting' AND expires_at > $1) OR (state = 'approved' AND ended_at IS NULL)) \
         RETURNING id",
    )
    .bind(now)
    .bind(id)
    .fetch_optional(db)
    .await?;
    Ok(ended.is_some())
}

/// The client takes its request back, where it still waits.
pub async fn withdraw(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    client: &str,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let withdrawn: Option<String> = sqlx::query_scalar(
        "UPDATE approval SET state = 'withdrawn', decided_at = $1 WHERE id = $2 AND client = $3 \
         AND state = 'waiting' AND expires_at > $1 RETURNING id",
    )
    .bind(now)
    .bind(id)
    .bind(client)
    .fetch_optional(db)
    .await?;
    Ok(withdrawn.is_some())
}

/// Notes a poll, where the interval since the last one has passed.
pub async fn poll(db: impl Executor<'_, Database = Any>, id: &str, now: i64) -> Result<bool, sqlx::Error> {
    let taken: Option<String> = sqlx::query_scalar(
        "UPDATE approval SET polled_at = $1 WHERE id = $2 AND (polled_at IS NULL \
         OR polled_at + poll_interval * 1000 <= $1) RETURNING id",
    )
    .bind(now)
    .bind(id)
    .fetch_optional(db)
    .await?;
    Ok(taken.is_some())
}

/// A poll came too early: the interval grows by `by` seconds, up to `most`; returns it.
pub async fn slow_down(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    by: i64,
    most: i64,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE approval SET poll_interval = CASE WHEN poll_interval + $1 > $2 THEN $2 ELSE poll_interval + $1 END \
         WHERE id = $3 RETURNING poll_interval",
    )
    .bind(by)
    .bind(most)
    .bind(id)
    .fetch_one(db)
    .await
}

/// Whether an approval can be redeemed: until its first vault exchange for ten minutes from the decision, afterwards
/// for as long as that exchange repeats. So a broker that was restored from a backup, and forgot the order, isn't asked
/// for it again (THREATS.md line 70). Bounded from above too: a clock that was set back prolongs nothing.
macro_rules! redeemable {
    () => {
        " AND ended_at IS NULL AND decided_at BETWEEN $2 - 600000 AND $2 + 60000 \
         AND (used_at IS NULL OR used_at BETWEEN $2 - 120000 AND $2 + 60000)"
    };
}

/// The time at which this approval can no longer be redeemed: the same rule, for a token's life.
pub fn redeemable_until(row: &Row) -> Option<i64> {
    let decided = row.decided_at? + 600_000;
    Some(row.used_at.map_or(decided, |used| decided.min(used + 120_000)))
}

/// Redeems an approval: the first time, or again where it is `repeatable`.
pub async fn redeem(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    repeatable: bool,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let redeemed: Option<String> = sqlx::query_scalar(concat!(
        "UPDATE approval SET redeemed_at = COALESCE(redeemed_at, $2) WHERE id = $1 AND state = 'approved' \
         AND (redeemed_at IS NULL OR $3 = 1)",
        redeemable!(),
        " RETURNING id"
    ))
    .bind(id)
    .bind(now)
    .bind(i64::from(repeatable))
    .fetch_optional(db)
    .await?;
    Ok(redeemed.is_some())
}

/// Notes that the provider's token for it was issued. `false`: it can no longer be redeemed, so the token is not to
/// be handed out.
pub async fn mark_used(db: impl Executor<'_, Database = Any>, id: &str, now: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(concat!(
        "UPDATE approval SET used_at = COALESCE(used_at, $2) WHERE id = $1 AND state = 'approved'",
        redeemable!()
    ))
    .bind(id)
    .bind(now)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes requests that expired before this time. A decision comes before the request expires.
pub async fn remove_before(pool: &AnyPool, time: i64) -> Result<(), sqlx::Error> {
    const SQL: &str = "DELETE FROM approval WHERE id IN (SELECT id FROM approval WHERE expires_at < $1 LIMIT $2)";
    remove_in_batches(pool, SQL, time).await
}

/// A text that changes whenever the person's requests do: by a new one, a decision, a use, its end, or by time.
pub async fn fingerprint(db: impl Executor<'_, Database = Any>, person: &str, now: i64) -> Result<String, sqlx::Error> {
    let (all, waiting, decided, used, ended): (i64, i64, i64, i64, i64) = sqlx::query_as(
        "SELECT CAST(COUNT(*) AS BIGINT), \
         CAST(COALESCE(SUM(CASE WHEN state = 'waiting' AND expires_at > $2 THEN 1 ELSE 0 END), 0) AS BIGINT), \
         CAST(COUNT(decided_at) AS BIGINT), CAST(COUNT(used_at) AS BIGINT), \
         CAST(COUNT(ended_at) AS BIGINT) FROM approval WHERE person = $1",
    )
    .bind(person)
    .bind(now)
    .fetch_one(db)
    .await?;
    Ok(format!("{all}.{waiting}.{decided}.{used}.{ended}"))
}
