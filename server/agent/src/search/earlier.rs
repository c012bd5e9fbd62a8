//! Indexes the messages of versions without a search, in the background after the start, in batches. The first process
//! to lock a batch's thread indexes it. New messages are indexed with their events.

use std::time::Duration;

use crate::{state::Agent, store};

/// Number of items indexed in a transaction.
const BATCH: i64 = 200;

/// Pause after a failure of the database.
const PAUSE: Duration = Duration::from_secs(5);

/// Indexes until nothing is left, or the program stops.
pub(crate) async fn index_all(agent: Agent) {
    let work = async {
        while let Err(error) = index(&agent).await {
            foundation::sparsely!(warn, %error, "earlier messages can't be indexed right now");
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! {
        () = agent.shutdown.cancelled() => {}
        () = work => {}
    }
}

async fn index(agent: &Agent) -> Result<(), sqlx::Error> {
    loop {
        let threads = store::thread::unindexed(agent.db.pool()).await?;
        if threads.is_empty() {
            return Ok(());
        }
        for (thread, visitor, after) in threads {
            let mut db = agent.db.begin().await?;
            if store::thread::hold_unindexed(&mut db, &thread, after).await? {
                let next = store::event::index_earlier(&mut db, (&thread, &visitor), after, BATCH).await?;
                store::thread::indexed(&mut db, &thread, next).await?;
            }
            db.commit().await?;
        }
    }
}
