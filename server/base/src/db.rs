//! Databases: SQLite by default, PostgreSQL by `DATABASE_URL`, one SQL text for both.
//!
//! Tables use TEXT and BIGINT alone (times as milliseconds, money as cents, JSON and sealed values as TEXT),
//! placeholders are `$1`, sums are cast to BIGINT. Check-and-write is always one conditional statement.

use std::{os::unix::fs::OpenOptionsExt, path::PathBuf, time::Duration};

use sqlx::{Any, AnyPool, Transaction, any::AnyPoolOptions, migrate::Migrator};
use url::Url;

/// Where the databases are.
#[derive(Clone, Debug)]
pub enum Place {
    /// A file per instance in this folder.
    Sqlite(PathBuf),
    /// A schema per instance.
    Postgres(Url),
}

pub type Tx = Transaction<'static, Any>;

/// The database of one instance.
#[derive(Clone, Debug)]
pub struct Db {
    pool: AnyPool,
    begin: &'static str,
}

impl Db {
    /// Opens the database of an instance (`agent`, `tenant`, `broker`, `broker_identity`), makes it where it is
    /// missing, and migrates it.
    ///
    /// # Errors
    /// Where it can't be reached or migrated.
    pub async fn open(place: &Place, instance: &str, migrator: &Migrator) -> Result<Self, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let options = AnyPoolOptions::new().acquire_timeout(Duration::from_secs(10));
        let (pool, begin) = match place {
            Place::Sqlite(folder) => {
                std::fs::create_dir_all(folder)?;
                let file = folder.join(format!("{instance}.db"));
                // Made here, so that nobody else can read it; its journals take its mode.
                std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&file)?;
                let options = options.max_connections(8).after_connect(|connection, _| {
                    Box::pin(async move {
                        for pragma in [
                            "PRAGMA journal_mode = WAL",
                            "PRAGMA synchronous = NORMAL",
                            "PRAGMA busy_timeout = 10000",
                            "PRAGMA foreign_keys = ON",
                        ] {
                            sqlx::query(pragma).execute(&mut *connection).await?;
                        }
                        Ok(())
                    })
                });
                let url = format!("sqlite://{}?mode=rwc", file.display());
                (options.connect(&url).await?, "BEGIN IMMEDIATE")
            }
            Place::Postgres(url) => {
                let schema = instance.to_owned();
                let options = options.max_connections(16).after_connect(move |connection, _| {
                    let statements = [
                        format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\""),
                        format!("SET search_path TO \"{schema}\""),
                    ];
                    Box::pin(async move {
                        for statement in statements {
                            let done = sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *connection).await;
                            match done {
                                Ok(_) => {}
                                // Two connections that make the schema at once: one of them finds it there.
                                Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {}
                                Err(error) => return Err(error),
                            }
                        }
                        Ok(())
                    })
                });
                (options.connect(url.as_str()).await?, "BEGIN")
            }
        };
        migrator.run(&pool).await.map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
        Ok(Self { pool, begin })
    }

    /// For single statements and reads.
    pub fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Hands out no connection any more, and closes each as it comes back. With its last one SQLite folds its journal
    /// into the database's file.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// Where the database can't be reached or stays locked for ten seconds.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        self.pool.begin_with(self.begin).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_closed_database_is_one_file() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let place = Place::Sqlite(folder.path().to_owned());
        let none = Migrator::DEFAULT;
        let db = Db::open(&place, "some", &none).await?;
        sqlx::query("CREATE TABLE word (word TEXT NOT NULL)").execute(db.pool()).await?;
        let mut open = db.begin().await?;
        sqlx::query("INSERT INTO word VALUES ($1)").bind("kept").execute(&mut *open).await?;
        assert!(folder.path().join("some.db-wal").metadata()?.len() > 0);

        // What is under way ends first.
        let closing = tokio::spawn({
            let db = db.clone();
            async move { db.close().await }
        });
        while !db.pool().is_closed() {
            tokio::task::yield_now().await;
        }
        assert!(matches!(db.begin().await, Err(sqlx::Error::PoolClosed)));
        open.commit().await?;
        closing.await?;

        let mut files: Vec<_> = std::fs::read_dir(folder.path())?
            .map(|file| file.map(|file| file.file_name()))
            .collect::<Result<_, _>>()?;
        files.sort();
        assert_eq!(files, ["some.db"]);
        let db = Db::open(&place, "some", &none).await?;
        let word: (String,) = sqlx::query_as("SELECT word FROM word").fetch_one(db.pool()).await?;
        assert_eq!(word.0, "kept");
        Ok(())
    }
}
