//! Periodic cleanup at every site: ended sessions, expired one-time values and idle rate limits. It runs apart from the
//! code that creates them, because two transactions that delete the same rows can deadlock.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{limit, once::Once, session::Sessions};

/// The interval. Rows that anyone can create exist for at most this time plus their own lifetime.
const EVERY: Duration = Duration::from_secs(600);

/// Cleans up until the program stops.
pub async fn run(sessions: Sessions, once: Once, shutdown: CancellationToken) {
    loop {
        if let Err(error) = sweep(&sessions, &once).await {
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
pub async fn sweep(sessions: &Sessions, once: &Once) -> Result<(), sqlx::Error> {
    sessions.sweep().await?;
    once.sweep(&sessions.pool).await?;
    limit::sweep(&sessions.pool, sessions.clock.now()).await
}
