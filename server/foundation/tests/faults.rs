//! Databases under faults: a full disk, a failed write, too little memory, a cut connection. Later writes must succeed
//! without a restart (THREATS.md line 48).

use std::{path::Path, process::Command};

use driver::{Outcome, database};
use foundation::db::{Db, Place};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, migrate::Migrator};
use tempfile::TempDir;

async fn sqlite() -> Outcome<(TempDir, Db)> {
    let folder = tempfile::tempdir()?;
    let db = Db::open(&Place::Sqlite(folder.path().to_owned()), "broker", &Migrator::DEFAULT).await?;
    sqlx::query("CREATE TABLE word (word TEXT NOT NULL)").execute(db.pool()).await?;
    Ok((folder, db))
}

/// A new database on the tests' PostgreSQL, if there is one, with a second connection to it.
async fn postgres() -> Outcome<Option<(AnyConnection, Db)>> {
    let Place::Postgres(url) = database::empty(Path::new("")).await? else { return Ok(None) };
    let beside = AnyConnection::connect(url.as_str()).await?;
    let db = Db::open(&Place::Postgres(url), "broker", &Migrator::DEFAULT).await?;
    sqlx::query("CREATE TABLE word (word TEXT NOT NULL)").execute(db.pool()).await?;
    Ok(Some((beside, db)))
}

/// In a transaction, writes more than the limits allow, and returns the error.
async fn write_too_much(db: &Db, before: &str) -> Result<String, sqlx::Error> {
    let mut tx = db.begin().await?;
    sqlx::query(AssertSqlSafe(before.to_owned())).execute(&mut *tx).await?;
    let many = "INSERT INTO word VALUES (hex(zeroblob(8000000)))";
    let failed = sqlx::query(many).execute(&mut *tx).await.expect_err("too much");
    Ok(failed.to_string())
}

/// Writes more often than the pool has connections, so that a broken one is noticed.
async fn writes_again(db: &Db) -> Outcome {
    for n in 0..20 {
        let mut tx = db.begin().await?;
        sqlx::query("INSERT INTO word VALUES ($1)").bind(format!("{n}")).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    let count: (i64,) = sqlx::query_as("SELECT COUNT(*) FROM word").fetch_one(db.pool()).await?;
    assert_eq!(count.0, 20, "failed writes left nothing, and committed ones are stored");
    Ok(())
}

/// Runs this test in a process of its own, whose limits may be changed. `false` in that process.
fn elsewhere(test: &str, limits: &str) -> Result<bool, std::io::Error> {
    const INSIDE: &str = "MANDATE_TEST_INSIDE";
    if std::env::var(INSIDE).is_ok() {
        return Ok(false);
    }
    let script = format!("{limits}; exec \"$0\" --exact {test}");
    let run = Command::new("sh").args(["-c", &script]).arg(std::env::current_exe()?).env(INSIDE, "1").output()?;
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    Ok(true)
}

#[tokio::test]
async fn line_48_writes_go_on_after_a_full_disk() -> Outcome {
    let (_folder, db) = sqlite().await?;
    let failed = write_too_much(&db, "PRAGMA max_page_count = 20").await?;
    assert!(failed.contains("full"), "{failed}");
    writes_again(&db).await
}

#[tokio::test]
async fn line_48_writes_go_on_after_an_io_error() -> Outcome {
    // A file may grow to 4 MB. Without the trap, the signal would end the process.
    if elsewhere("line_48_writes_go_on_after_an_io_error", "trap '' XFSZ; ulimit -f 4096")? {
        return Ok(());
    }
    let (_folder, db) = sqlite().await?;
    let failed = write_too_much(&db, "SELECT 1").await?;
    assert!(failed.contains("I/O"), "{failed}");
    writes_again(&db).await
}

#[tokio::test]
async fn line_48_writes_go_on_after_no_memory() -> Outcome {
    if elsewhere("line_48_writes_go_on_after_no_memory", "true")? {
        return Ok(());
    }
    let (_folder, db) = sqlite().await?;
    let failed = write_too_much(&db, "PRAGMA hard_heap_limit = 6000000").await?;
    assert!(failed.contains("memory"), "{failed}");
    writes_again(&db).await
}

#[tokio::test]
async fn line_48_writes_go_on_after_cut_connections() -> Outcome {
    let Some((mut beside, db)) = postgres().await? else { return Ok(()) };
    // Some connections are in a transaction, some are idle.
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(db.begin().await?);
    }
    let mut cut = open.split_off(2);
    drop(open);
    sqlx::query("INSERT INTO word VALUES ('lost')").execute(&mut *cut[0]).await?;
    let others = "datname = current_database() AND pid <> pg_backend_pid()";
    let end = format!("SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others}");
    let ended: (i64,) = sqlx::query_as(AssertSqlSafe(end)).fetch_one(&mut beside).await?;
    assert!(ended.0 >= 3, "{ended:?}");
    assert!(cut.remove(0).commit().await.is_err(), "a lost write isn't acknowledged");
    drop(cut);
    writes_again(&db).await
}

/// A request that ends while its transaction begins leaves no transaction open.
#[tokio::test]
async fn dropped_begin_leaves_no_transaction() -> Outcome {
    let Some((_, db)) = postgres().await? else { return Ok(()) };
    for polls in 0..40 {
        let mut begin = Box::pin(db.begin());
        for _ in 0..polls {
            if futures::poll!(&mut begin).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(begin);
        sqlx::query("INSERT INTO word VALUES ('kept')").execute(db.pool()).await?;
        // A row in an uncommitted transaction is visible only to its own connection.
        let mut other = db.begin().await?;
        let seen: (i64,) = sqlx::query_as("SELECT COUNT(*) FROM word").fetch_one(&mut *other).await?;
        assert_eq!(seen.0, polls + 1, "after {polls} polls");
    }
    Ok(())
}

/// On SQLite, any number of writers get their turns in the order in which they asked.
#[tokio::test]
async fn writers_get_their_turn_in_order() -> Outcome {
    let (_folder, db) = sqlite().await?;
    let first = db.begin().await?;
    let done = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut writers = Vec::new();
    for n in 0..30 {
        let (db, done) = (db.clone(), done.clone());
        writers.push(tokio::spawn(async move {
            let mut tx = db.begin().await?;
            sqlx::query("INSERT INTO word VALUES ($1)").bind(n).execute(&mut *tx).await?;
            done.lock().expect("a lock").push(n);
            tx.commit().await
        }));
        // The writer joins the queue before the next one starts.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
    first.commit().await?;
    for writer in writers {
        writer.await??;
    }
    assert_eq!(*done.lock().expect("a lock"), (0..30).collect::<Vec<i64>>());
    Ok(())
}

/// An acknowledged order or decision survives a power cut.
#[tokio::test]
async fn line_48_acknowledged_writes_are_synced() -> Outcome {
    let folder = tempfile::tempdir()?;
    for (instance, wanted) in [("tenant", 2), ("broker", 2), ("broker_identity", 2), ("agent", 1)] {
        let db = Db::open(&Place::Sqlite(folder.path().to_owned()), instance, &Migrator::DEFAULT).await?;
        let mode: (i64,) = sqlx::query_as("PRAGMA synchronous").fetch_one(db.pool()).await?;
        assert_eq!(mode.0, wanted, "{instance}");
    }
    Ok(())
}

#[tokio::test]
async fn closed_database_is_one_file() -> Outcome {
    let folder = tempfile::tempdir()?;
    let place = Place::Sqlite(folder.path().to_owned());
    let none = Migrator::DEFAULT;
    let db = Db::open(&place, "some", &none).await?;
    sqlx::query("CREATE TABLE word (word TEXT NOT NULL)").execute(db.pool()).await?;
    let mut open = db.begin().await?;
    sqlx::query("INSERT INTO word VALUES ($1)").bind("kept").execute(&mut *open).await?;
    assert!(folder.path().join("some.db-wal").metadata()?.len() > 0);

    // Statements in progress finish first.
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

    let mut files: Vec<_> =
        std::fs::read_dir(folder.path())?.map(|file| file.map(|file| file.file_name())).collect::<Result<_, _>>()?;
    files.sort();
    assert_eq!(files, ["some.db"]);
    let db = Db::open(&place, "some", &none).await?;
    let word: (String,) = sqlx::query_as("SELECT word FROM word").fetch_one(db.pool()).await?;
    assert_eq!(word.0, "kept");
    Ok(())
}
