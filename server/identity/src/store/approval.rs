//! The table `approval`: approval requests and their outcomes.

use foundation::limit::whole_seconds;
use sqlx::{Any, AnyPool, Executor};

use super::remove_in_batches;

/// A stored approval request.
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
    /// The grant behind the caller's token.
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
    /// When an approval was revoked. The API then refuses it.
    pub ended_at: Option<i64>,
    /// The group ([`super::approval_group`]) that it was made in.
    pub in_group: Option<String>,
    /// When the person gave themselves more time to decide.
    pub extended_at: Option<i64>,
}

impl Row {
    /// Seconds until the request expires, as reported to clients: a positive integer, also for a finished request (CIBA
    /// Core §7.3).
    pub fn seconds_left(&self, now: i64) -> i64 {
        whole_seconds(self.expires_at - now)
    }

    /// The id of the requesting app: for a call at `/mcp` the MCP client, otherwise the client itself.
    pub fn app(&self) -> &str {
        self.caller.as_ref().unwrap_or(&self.client)
    }

    /// The name of that app.
    pub fn app_name(&self) -> &str {
        match &self.caller {
            Some(caller) => self.caller_name.as_ref().unwrap_or(caller),
            None => &self.client_name,
        }
    }
}

/// Stores a request. `false` if one with its `auth_req_id` already exists.
pub async fn insert(db: impl Executor<'_, Database = Any>, row: &Row) -> Result<bool, sqlx::Error> {
    let inserted: Option<String> = sqlx::query_scalar(
        "INSERT INTO approval (id, auth_req_hash, client, client_name, idempotency_key, request_digest, person, \
         connection, account, account_label, detail, digest, code, agent_message, scope, notification_token, caller, \
         caller_name, caller_verified, asked_at, expires_at, state, poll_interval, caller_grant, audience, in_group) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
         'waiting', $22, $23, $24, $25) \
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
    .bind(&row.in_group)
    .fetch_optional(db)
    .await?;
    Ok(inserted.is_some())
}

/// The request with this `auth_req_id`, of any person.
pub async fn by_hash(db: impl Executor<'_, Database = Any>, hash: &str) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM approval WHERE auth_req_hash = $1").bind(hash).fetch_optional(db).await
}

/// The request with this id, of any person.
pub async fn by_id(db: impl Executor<'_, Database = Any>, id: &str) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM approval WHERE id = $1").bind(id).fetch_optional(db).await
}

/// A request to this person.
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

/// A person's waiting requests, newest first.
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

/// A person's requests that no longer wait, newest first.
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

/// The number of requests that wait for a person: an app's, or all.
pub async fn count_waiting(
    db: impl Executor<'_, Database = Any>,
    person: &str,
    app: Option<&str>,
    now: i64,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM approval WHERE person = $1 \
         AND ($2 IS NULL OR COALESCE(caller, client) = $2) AND state = 'waiting' AND expires_at > $3",
    )
    .bind(person)
    .bind(app)
    .bind(now)
    .fetch_one(db)
    .await
}

/// Stores the person's decision, `approved` or `denied`, on exactly what the page showed: one compare-and-set. Refuses
/// an approval if the person has blocked the app, or if their right to approve depends on `address` and it is no longer
/// their verified address.
pub async fn decide(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    person: &str,
    shown: &str,
    decision: &str,
    address: Option<&str>,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let decided: Option<String> = sqlx::query_scalar(
        "UPDATE approval SET state = $1, decided_at = $2 WHERE id = $3 AND person = $4 AND digest = $5 \
         AND state = 'waiting' AND expires_at > $2 AND ($1 = 'denied' OR NOT EXISTS (SELECT 1 FROM approval_block b \
         WHERE b.person = approval.person AND b.client IN (approval.client, approval.caller))) AND ($1 = 'denied' \
         OR $6 = '' OR EXISTS (SELECT 1 FROM person p WHERE p.id = $4 AND p.email = $6 AND p.email_verified = 1)) \
         RETURNING id",
    )
    .bind(decision)
    .bind(now)
    .bind(id)
    .bind(person)
    .bind(shown)
    .bind(address.unwrap_or_default())
    .fetch_optional(db)
    .await?;
    Ok(decided.is_some())
}

/// Selects requests: all of a person, those of a client or on its behalf, or those under a grant. Empty members match
/// everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whose<'a> {
    pub person: &'a str,
    pub client: &'a str,
    pub grant: &'a str,
    /// Only those at APIs of this service, not for accounts behind the vault.
    pub at_apis: bool,
}

macro_rules! whose {
    () => {
        " WHERE person = $2 AND ($3 = '' OR client = $3 OR caller = $3) AND ($4 = '' OR caller_grant = $4) \
         AND ($5 = 0 OR audience IS NOT NULL)"
    };
}

/// Denies all waiting requests; returns them.
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
    .bind(i64::from(whose.at_apis))
    .fetch_all(db)
    .await
}

/// Revokes everything that was approved, permanently: an unblocked app must ask again.
pub async fn end_all(db: impl Executor<'_, Database = Any>, whose: Whose<'_>, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query(concat!("UPDATE approval SET ended_at = $1", whose!(), " AND state = 'approved' AND ended_at IS NULL"))
        .bind(now)
        .bind(whose.person)
        .bind(whose.client)
        .bind(whose.grant)
        .bind(i64::from(whose.at_apis))
        .execute(db)
        .await?;
    Ok(())
}

/// All waiting requests, and all approvals that may still be redeemed.
pub async fn open(db: impl Executor<'_, Database = Any>, now: i64) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT * FROM approval WHERE (state = 'waiting' AND expires_at > $1) \
         OR (state = 'approved' AND ended_at IS NULL AND decided_at > $1 - 600000)",
    )
    .bind(now)
    .fetch_all(db)
    .await
}

/// Ends an approval, or denies a waiting request. `false` if it had already ended.
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

/// The client withdraws its request, if it still waits.
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

/// Whether an approval can be redeemed: for ten minutes from the decision until its first vault exchange, then as long
/// as that exchange may be repeated. This keeps a broker that lost the order in a restore from getting it again
/// (THREATS.md line 70). An API of this service keeps its own record of each use, so there the ten minutes apply. The
/// upper bounds keep a clock that was set back from extending this.
macro_rules! redeemable {
    () => {
        " AND ended_at IS NULL AND decided_at BETWEEN $2 - 600000 AND $2 + 60000 \
         AND (used_at IS NULL OR audience IS NOT NULL OR used_at BETWEEN $2 - 120000 AND $2 + 60000)"
    };
}

/// The time from which this approval can no longer be redeemed, by the same rule, for the expiry of a token.
pub fn redeemable_until(row: &Row) -> Option<i64> {
    let decided = row.decided_at? + 600_000;
    let used_at = row.used_at.filter(|_| row.audience.is_none());
    Some(used_at.map_or(decided, |used| decided.min(used + 120_000)))
}

/// Redeems an approval, for the first time, or again if it is `repeatable`.
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

/// Records that the provider's token was issued, or that an API of this service received the approval. `false` if the
/// approval can no longer be redeemed: then don't return the token.
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

/// Deletes requests that expired before this time. A decision always comes before the expiry.
pub async fn remove_before(pool: &AnyPool, time: i64) -> Result<(), sqlx::Error> {
    const SQL: &str = "DELETE FROM approval WHERE id IN (SELECT id FROM approval WHERE expires_at < $1 LIMIT $2)";
    remove_in_batches(pool, SQL, time).await
}

/// A text that changes whenever the person's requests do: by a new request, a decision, a token, a use, an end, added
/// time, or an expiry.
pub async fn fingerprint(db: impl Executor<'_, Database = Any>, person: &str, now: i64) -> Result<String, sqlx::Error> {
    let counts: (i64, i64, i64, i64, i64, i64, i64) = sqlx::query_as(
        "SELECT CAST(COUNT(*) AS BIGINT), \
         CAST(COALESCE(SUM(CASE WHEN state = 'waiting' AND expires_at > $2 THEN 1 ELSE 0 END), 0) AS BIGINT), \
         CAST(COUNT(decided_at) AS BIGINT), CAST(COUNT(redeemed_at) AS BIGINT), CAST(COUNT(used_at) AS BIGINT), \
         CAST(COUNT(ended_at) AS BIGINT), CAST(COUNT(extended_at) AS BIGINT) FROM approval WHERE person = $1",
    )
    .bind(person)
    .bind(now)
    .fetch_one(db)
    .await?;
    Ok(format!("{counts:?}"))
}
