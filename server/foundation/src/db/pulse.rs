//! Detects a PostgreSQL server that stopped answering. A suspended server, or a network that drops packets, closes no
//! connection, so a running statement would wait for minutes, and sqlx has no timeout for it. A separate connection
//! asks the server several times a second. When it gets no answer, work on the database ends with an error.

use std::{io, time::Duration};

use sqlx::{AnyConnection, Connection};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use url::Url;

use super::Place;

/// The interval between two checks.
const EVERY: Duration = Duration::from_millis(250);

/// How long the server may take to answer on the open connection, and after that on a new one.
const TIMEOUT: Duration = Duration::from_secs(1);

/// How long work may go on after the server fell silent, because it may be about to end without the database.
const GRACE: Duration = Duration::from_millis(250);

/// Knows whether a database server is silent. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Option<watch::Receiver<bool>>);

impl Pulse {
    /// Watches the server until the last clone is dropped. A file is never silent.
    pub fn of(place: &Place) -> Self {
        let Place::Postgres(url) = place else { return Self::default() };
        let (state, seen) = watch::channel(false);
        tokio::spawn(watch(url.clone(), state));
        Self(Some(seen))
    }

    /// Runs work until it ends, or until the server is silent. Work that is dropped may have taken effect, as after any
    /// cut connection.
    ///
    /// # Errors
    /// If the server is silent.
    pub async fn while_answering<T>(&self, work: impl Future<Output = T>) -> Result<T, sqlx::Error> {
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.silent() => Err(io::Error::new(io::ErrorKind::TimedOut, "PostgreSQL doesn't answer").into()),
        }
    }

    /// Ends when the server is silent, and still is after the grace.
    async fn silent(&self) {
        let Some(state) = &self.0 else { return std::future::pending().await };
        let mut state = state.clone();
        loop {
            if state.wait_for(|silent| *silent).await.is_err() {
                return std::future::pending().await;
            }
            sleep(GRACE).await;
            if *state.borrow() {
                return;
            }
        }
    }
}

async fn watch(url: Url, state: watch::Sender<bool>) {
    let mut open = None;
    loop {
        let silent = !(answers(&url, &mut open).await || answers(&url, &mut open).await);
        if state.send_if_modified(|known| std::mem::replace(known, silent) != silent) {
            if silent {
                tracing::warn!("PostgreSQL doesn't answer. Requests that need it get 503 until it does");
            } else {
                tracing::info!("PostgreSQL answers again");
            }
        }
        tokio::select! {
            () = state.closed() => return,
            () = sleep(EVERY) => {}
        }
    }
}

/// Whether the server answers, on the open connection or else on a new one. An error is an answer, too: the statements
/// that are running get it themselves.
async fn answers(url: &Url, open: &mut Option<AnyConnection>) -> bool {
    let kept = open.take();
    let ask = async {
        let mut connection = match kept {
            Some(connection) => connection,
            None => AnyConnection::connect(url.as_str()).await?,
        };
        connection.ping().await?;
        Ok::<_, sqlx::Error>(connection)
    };
    match timeout(TIMEOUT, ask).await {
        Ok(answer) => {
            *open = answer.ok();
            true
        }
        Err(_) => false,
    }
}
