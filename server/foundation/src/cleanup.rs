//! Periodic cleanup at every site: ended sessions, expired one-time values and idle rate limits. It runs apart from the
//! code that creates them, because two transactions that delete the same rows can deadlock.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{limit, one_time::OneTime, session::Sessions};

/// The interval. Rows that anyone can create exist for at most this time plus their own lifetime.
const EVERY: Duration = Duration::from_secs(600);

/// Cleans up until the program stops.
pub async fn run(sessions: Sessions, one_time: OneTime, shutdown: CancellationToken) {
    loop {
        if let Err(error) = clean_up(&sessions, &one_time).await {
            crate::sparsely!(warn, %error, "cleanup failed");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Deletes ended sessions, expired one-time values and idle rate limits.
///
/// # Errors
/// When the database fails.
pub async fn clean_up(sessions: &Sessions, one_time: &OneTime) -> Result<(), sqlx::Error> {
    sessions.clean_up().await?;
    one_time.clean_up(&sessions.pool).await?;
    limit::clean_up(&sessions.pool, sessions.clock.now()).await
}
