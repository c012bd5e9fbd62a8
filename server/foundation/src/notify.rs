//! Notifications of PostgreSQL (`LISTEN`), from other processes on the same database.

use sqlx::postgres::PgListener;
use url::Url;

/// The address of a database that may send notifications. `Debug` hides it, since it holds a password.
#[derive(Clone)]
pub struct Notices(Url);

impl std::fmt::Debug for Notices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Notices")
    }
}

impl Notices {
    pub(crate) fn of(url: &Url) -> Self {
        Self(url.clone())
    }

    /// Listens to a channel, on a connection of its own.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn listen(&self, channel: &str) -> Result<Listener, sqlx::Error> {
        let mut listener = PgListener::connect(self.0.as_str()).await?;
        listener.listen(channel).await?;
        Ok(Listener(listener))
    }
}

/// Receives notifications from now on.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// The next notification's payload. `None` after the connection was lost: some notifications may be lost, too.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn next(&mut self) -> Result<Option<String>, sqlx::Error> {
        Ok(self.0.try_recv().await?.map(|notice| notice.payload().to_owned()))
    }
}
