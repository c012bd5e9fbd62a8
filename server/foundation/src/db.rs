//! Databases: SQLite by default, PostgreSQL by `DATABASE_URL`, one SQL text for both.
//!
//! Tables use only TEXT and BIGINT (times in milliseconds, money in cents, JSON and sealed values as TEXT),
//! placeholders are `$1`, and sums are cast to BIGINT. A check and the write that depends on it are always one
//! conditional statement.

mod pulse;

use std::{
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    Any, AnyConnection, AnyPool, Connection, Transaction, any::AnyPoolOptions, migrate::Migrator, pool::PoolConnection,
};
use tokio::time::timeout;
use url::Url;

pub use self::pulse::Pulse;
use crate::notify::Notices;

/// Where the databases are stored.
#[derive(Clone, Debug)]
pub enum Place {
    /// One file for each instance, in this folder.
    Sqlite(PathBuf),
    /// One schema for each instance.
    Postgres(Url),
}

/// Timeout for getting a connection to SQLite, equal to the `busy_timeout` of a writer.
const LOCKED: Duration = Duration::from_secs(10);

/// Timeout for getting a connection to PostgreSQL, after which the database counts as unreachable.
const AWAY: Duration = Duration::from_secs(2);

pub type Tx = Transaction<'static, Any>;

/// The database of one instance.
#[derive(Clone, Debug)]
pub struct Db {
    pool: AnyPool,
    /// For writes. SQLite has one writer at a time, so this pool has one connection: writers queue in order instead of
    /// sleeping and retrying. On PostgreSQL this is the same as `pool`.
    writers: AnyPool,
    begin: &'static str,
    begin_to_read: &'static str,
    /// On PostgreSQL, which other processes may use.
    notices: Option<Notices>,
    pulse: Pulse,
}

impl Db {
    /// Opens and migrates the database of an instance (`agent`, `tenant`, `broker`, `broker_identity`), and creates it
    /// if it is missing.
    ///
    /// # Errors
    /// When the database can't be reached or migrated.
    pub async fn open(place: &Place, instance: &str, migrator: &Migrator) -> Result<Self, sqlx::Error> {
        Self::open_with(place, instance, migrator, 16).await
    }

    /// As [`Self::open`], with at most this many connections to PostgreSQL.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_with(
        place: &Place,
        instance: &str,
        migrator: &Migrator,
        connections: u32,
    ) -> Result<Self, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let options = AnyPoolOptions::new()
            .acquire_timeout(if matches!(place, Place::Sqlite(_)) { LOCKED } else { AWAY })
            .before_acquire(|connection, _| Box::pin(has_no_transaction(connection)))
            .after_release(|connection, _| Box::pin(has_no_transaction(connection)));
        let (pool, writers, begin, begin_to_read) = match place {
            Place::Sqlite(folder) => {
                std::fs::create_dir_all(folder)?;
                let file = folder.join(format!("{instance}.db"));
                // Created here with mode 600. SQLite gives its journals the same mode.
                std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&file)?;
                let synchronous = synchronous(instance);
                let options = options.max_connections(8).after_connect(move |connection, _| {
                    Box::pin(async move {
                        for pragma in [
                            "PRAGMA journal_mode = WAL",
                            synchronous,
                            "PRAGMA busy_timeout = 10000",
                            "PRAGMA foreign_keys = ON",
                        ] {
                            sqlx::query(pragma).execute(&mut *connection).await?;
                        }
                        Ok(())
                    })
                });
                let url = format!("sqlite://{}?mode=rwc", file.display());
                // A file needs no ping before each use.
                let options = options.test_before_acquire(false);
                let writers = options.clone().max_connections(1).connect(&url).await?;
                (options.connect(&url).await?, writers, "BEGIN IMMEDIATE", "BEGIN")
            }
            Place::Postgres(url) => {
                let schema = instance.to_owned();
                let options = options.after_release(|connection, _| Box::pin(answers_in_time(connection)));
                let options = options.max_connections(connections).after_connect(move |connection, _| {
                    let statements = [
                        format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\""),
                        format!("SET search_path TO \"{schema}\""),
                    ];
                    Box::pin(async move {
                        for statement in statements {
                            let done = sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *connection).await;
                            match done {
                                Ok(_) => {}
                                // Two connections may create the schema at the same time. The slower one gets this
                                // error.
                                Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {}
                                Err(error) => return Err(error),
                            }
                        }
                        Ok(())
                    })
                });
                let pool = connect_patiently(&options, url).await?;
                (pool.clone(), pool, "BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            }
        };
        migrator.run(&pool).await.map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
        let notices = match place {
            Place::Sqlite(_) => None,
            Place::Postgres(url) => Some(Notices::of(url)),
        };
        Ok(Self { pool, writers, begin, begin_to_read, notices, pulse: Pulse::default() })
    }

    /// The same, with the pulse of its server, which all databases on the server share.
    #[must_use]
    pub fn watched_by(self, pulse: &Pulse) -> Self {
        Self { pulse: pulse.clone(), ..self }
    }

    /// Runs work on this database until it ends, or until the server falls silent. See [`Pulse::while_answering`].
    ///
    /// # Errors
    /// If the server is silent.
    pub async fn while_answering<T>(&self, work: impl Future<Output = T>) -> Result<T, sqlx::Error> {
        self.pulse.while_answering(work).await
    }

    /// Counts these rows, each a table with or without its `WHERE`, without creating or migrating anything. `None` if
    /// the database doesn't exist or has no tables yet.
    ///
    /// # Errors
    /// When the database exists and can't be read.
    pub async fn peek(place: &Place, instance: &str, rows: &[&'static str]) -> Result<Option<Vec<i64>>, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let tables = match place {
            Place::Sqlite(_) => "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
            Place::Postgres(_) => {
                "SELECT CAST(COUNT(*) AS BIGINT) FROM information_schema.tables \
                 WHERE table_schema = $1 AND table_name = '_sqlx_migrations'"
            }
        };
        let mut connection = match place {
            Place::Sqlite(folder) => {
                let file = folder.join(format!("{instance}.db"));
                if !file.metadata().is_ok_and(|file| file.len() > 0) {
                    return Ok(None);
                }
                connect(&file).await?
            }
            Place::Postgres(url) => AnyConnection::connect(url.as_str()).await?,
        };
        let tables = sqlx::query_scalar::<_, i64>(tables);
        let tables = if matches!(place, Place::Postgres(_)) { tables.bind(instance.to_owned()) } else { tables };
        if tables.fetch_one(&mut connection).await? == 0 {
            return Ok(None);
        }
        if matches!(place, Place::Postgres(_)) {
            let path = format!("SET search_path TO \"{instance}\"");
            sqlx::query(sqlx::AssertSqlSafe(path)).execute(&mut connection).await?;
        }
        let mut counts = Vec::new();
        for rows in rows {
            let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {rows}");
            let counted = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut connection).await;
            counts.push(match counted {
                // An earlier version had no such table or column.
                Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| is_missing(&code)) => 0,
                counted => counted?,
            });
        }
        connection.close().await?;
        Ok(Some(counts))
    }

    /// Copies an SQLite database, as it is at one moment, into a new file. Others may keep writing.
    ///
    /// # Errors
    /// When the source can't be read or the file can't be written.
    pub async fn copy(from: &Path, to: &Path) -> Result<(), sqlx::Error> {
        let mut connection = connect(from).await?;
        sqlx::query("VACUUM INTO $1").bind(to.display().to_string()).execute(&mut connection).await?;
        connection.close().await?;
        std::fs::File::open(to)?.sync_all()?;
        Ok(())
    }

    /// Whether SQLite's integrity check passes for this file.
    ///
    /// # Errors
    /// When the file isn't an SQLite database.
    pub async fn is_whole(file: &Path) -> Result<bool, sqlx::Error> {
        let mut connection = connect(file).await?;
        let found: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(found == "ok")
    }

    /// Whether other processes may use this database. An SQLite file belongs to the one process that holds its
    /// `DATA_DIR`.
    pub fn is_shared(&self) -> bool {
        self.notices.is_some()
    }

    /// Notifications of the other processes that may use this database.
    pub fn notices(&self) -> Option<Notices> {
        self.notices.clone()
    }

    /// Whether the database answers.
    pub async fn is_reachable(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.pool).await.is_ok()
    }

    /// The pool for reads and single statements.
    pub fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Stops handing out connections, and closes each one when it is returned. SQLite merges its journal into the
    /// database file when the last one closes, unless two close at once, so the writer's comes last.
    pub async fn close(&self) {
        self.pool.close().await;
        self.writers.close().await;
    }

    /// A connection for a single write statement that runs often. Return it before waiting for anything else: on SQLite
    /// it is the only one, and [`Self::begin`] needs it.
    ///
    /// # Errors
    /// When the database can't be reached, or other writers hold it for ten seconds.
    pub async fn writer(&self) -> Result<PoolConnection<Any>, sqlx::Error> {
        self.writers.acquire().await
    }

    /// Begins a transaction that writes. On SQLite, writers take turns in the order in which they asked.
    ///
    /// # Errors
    /// When the database can't be reached, or stays locked for ten seconds.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        begin(self.writers.clone(), self.begin).await
    }

    /// Begins a transaction that reads. All its statements see the database as it was at the first one.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn snapshot(&self) -> Result<Tx, sqlx::Error> {
        begin(self.pool.clone(), self.begin_to_read).await
    }
}

/// Begins a transaction in a task of its own, so that BEGIN completes even if the caller is dropped. On PostgreSQL,
/// sqlx doesn't roll back when the BEGIN was sent and its answer wasn't read, and the next user of the connection would
/// never commit.
async fn begin(pool: AnyPool, statement: &'static str) -> Result<Tx, sqlx::Error> {
    let begun = tokio::spawn(async move { pool.begin_with(statement).await });
    begun.await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

/// Ends a transaction: commits it, or rolls back a `rehearsal` that only says what it would do.
///
/// # Errors
/// When the database fails.
pub async fn end(tx: Tx, rehearsal: bool) -> Result<(), sqlx::Error> {
    if rehearsal { tx.rollback().await } else { tx.commit().await }
}

async fn connect(file: &Path) -> Result<AnyConnection, sqlx::Error> {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(&format!("sqlite://{}?mode=rw", file.display())).await
}

/// Connects with five attempts, for a start of the machine at which the database starts too.
async fn connect_patiently(options: &AnyPoolOptions, url: &Url) -> Result<AnyPool, sqlx::Error> {
    for _ in 1..5 {
        match options.clone().connect(url.as_str()).await {
            Err(sqlx::Error::PoolTimedOut) => {}
            done => return done,
        }
    }
    options.clone().connect(url.as_str()).await
}

/// Whether the database is unreachable, full or busy, so that a retry may succeed. Any other error is a fault of this
/// program.
pub fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        // The connection ended while it was being made.
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_away_code(&code)),
        _ => false,
    }
}

/// Whether the code says that a table or a column doesn't exist. SQLite has only its general error for that.
fn is_missing(code: &str) -> bool {
    matches!(code, "42P01" | "42703" | "1")
}

/// PostgreSQL: SQLSTATE (appendix A of its manual). SQLite: a result code, extended or not.
fn is_away_code(code: &str) -> bool {
    // Connection exceptions, insufficient resources, operator intervention, system errors.
    let postgres = code.len() == 5 && ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class));
    // BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN.
    let sqlite =
        code.len() < 5 && code.parse::<u32>().is_ok_and(|code| [5, 6, 7, 8, 10, 13, 14].contains(&(code & 0xff)));
    postgres || sqlite
}

/// Whether a connection may be used again. After an error such as a full disk, SQLite rolls back by itself. The
/// ROLLBACK that follows then fails, and sqlx still counts an open transaction, so every later BEGIN on the connection
/// would fail. Such a connection is dropped.
async fn has_no_transaction(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // The ping also sends the queued rollback of a dropped transaction.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// Whether a connection to PostgreSQL may go back to the pool. Work that was dropped while the server was silent may
/// have left a statement running: without a timeout, a dead connection would keep its place in the pool for minutes.
async fn answers_in_time(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    timeout(AWAY, connection.ping()).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    Ok(!connection.is_in_transaction())
}

/// Acknowledged writes survive a power cut (FULL). Only the agent's database may lose its last moments, because it
/// stores a chat's answer many times a second. After a loss, the agent asks the other two sites again.
fn synchronous(instance: &str) -> &'static str {
    if instance == "agent" { "PRAGMA synchronous = NORMAL" } else { "PRAGMA synchronous = FULL" }
}

#[cfg(test)]
mod tests {
    use super::is_away_code;

    #[test]
    fn database_away_is_known_by_its_codes() {
        for away in ["08006", "53300", "57P01", "57P03", "58030", "5", "13", "10", "778", "3338", "14", "8"] {
            assert!(is_away_code(away), "{away}");
        }
        for ours in ["23505", "42P01", "40001", "1", "19", "2067", "1555", "", "x"] {
            assert!(!is_away_code(ours), "{ours}");
        }
    }
}
