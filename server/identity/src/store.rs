//! All SQL of this service, one file for each table. Every function takes a connection, so that the caller decides the
//! extent of a transaction.

pub mod approval;
pub mod approval_block;
pub mod approval_group;
pub mod approval_time;
pub mod approver;
pub mod audit;
pub mod authorization_code;
pub mod authorization_grant;
pub mod client;
pub mod configuration;
pub mod connect_session;
pub mod connected_account;
pub mod consent;
pub mod login_address;
pub mod login_failure;
pub mod outbox;
pub mod person;
pub mod personal;
pub mod provider;
pub mod refresh_token;
pub mod revoked_token;
pub mod signing_key;
pub mod statement_jti;
pub mod upstream_token;

use serde::{Serialize, de::DeserializeOwned};
use sqlx::AnyPool;

/// Maximum number of rows that one cleanup statement deletes, so that others can write in between.
const BATCH: u64 = 500;

/// Repeats a statement that deletes at most `$2` rows from before `$1`, until none are left.
async fn remove_in_batches(pool: &AnyPool, sql: &'static str, before: i64) -> Result<(), sqlx::Error> {
    while sqlx::query(sql).bind(before).bind(BATCH.cast_signed()).execute(pool).await?.rows_affected() == BATCH {}
    Ok(())
}

/// A list in the form of its column.
pub(crate) fn list(values: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(values).expect("a list of strings or names is JSON")
}

/// A list from its column. A list that another version wrote and this one can't read counts as empty, which allows
/// less, never more.
pub(crate) fn read_list<T: DeserializeOwned>(text: &str) -> Vec<T> {
    serde_json::from_str(text).unwrap_or_default()
}
