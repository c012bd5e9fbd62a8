//! All SQL of this service, a file per table. Every function takes the connection that it works on, so that the
//! caller decides what is one transaction.

pub mod approval;
pub mod approval_block;
pub mod audit;
pub mod authorization_code;
pub mod authorization_grant;
pub mod client;
pub mod connect_session;
pub mod connected_account;
pub mod consent;
pub mod login_address;
pub mod login_failure;
pub mod outbox;
pub mod person;
pub mod refresh_token;
pub mod revoked_token;
pub mod signing_key;
pub mod statement_jti;
pub mod upstream_token;

use serde::{Serialize, de::DeserializeOwned};
use sqlx::AnyPool;

/// How many rows one statement of cleanup removes at most, so that others can write in between.
const BATCH: u64 = 500;

/// Repeats a statement that removes rows of before `$1`, `$2` at most, until nothing is left to remove.
async fn remove_in_batches(pool: &AnyPool, sql: &'static str, before: i64) -> Result<(), sqlx::Error> {
    while sqlx::query(sql).bind(before).bind(BATCH.cast_signed()).execute(pool).await?.rows_affected() == BATCH {}
    Ok(())
}

/// A list as its column holds it.
pub(crate) fn list(values: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(values).expect("a list of strings or names is JSON")
}

/// A list from its column. One that was written by another version and can't be read counts as empty: it
/// allows less, never more.
pub(crate) fn read_list<T: DeserializeOwned>(text: &str) -> Vec<T> {
    serde_json::from_str(text).unwrap_or_default()
}
