//! What runs in the background at every site: sessions that have ended, and values that nobody took in time, are
//! removed. Not where they are made: two that remove the same rows in their transactions may wait for each other.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{once::Once, session::Sessions};

/// How often: what anybody can have stored takes no more room than this and its own time.
const EVERY: Duration = Duration::from_secs(600);

/// Works until the program stops.
pub async fn run(sessions: Sessions, once: Once, shutdown: CancellationToken) {
    loop {
        if let Err(error) = sweep(&sessions, &once).await {
            tracing::warn!(%error, "old sessions could not be removed");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Removes what has ended.
///
/// # Errors
/// Where the database fails.
pub async fn sweep(sessions: &Sessions, once: &Once) -> Result<(), sqlx::Error> {
    sessions.sweep().await?;
    once.sweep(&sessions.pool).await
}
