//! Cleanup in the background at every site: sessions that have ended, one-time values that nobody took in time, and
//! limits whose keys are back to a full burst. Not where they are made: two transactions that remove the same rows may
//! wait for each other.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{limit, once::Once, session::Sessions};

/// How often: what anybody can have stored takes no more room than this and its own time.
const EVERY: Duration = Duration::from_secs(600);

/// Works until the program stops.
pub async fn run(sessions: Sessions, once: Once, shutdown: CancellationToken) {
    loop {
        if let Err(error) = sweep(&sessions, &once).await {
            crate::sparsely!(warn, %error, "old sessions could not be removed");
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
    once.sweep(&sessions.pool).await?;
    limit::sweep(&sessions.pool, sessions.clock.now()).await
}
