//! `mandate backup DIR` copies the databases, also while the program runs. `mandate restore DIR` puts them back while
//! it doesn't run.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use foundation::{
    clock::Clock,
    db::{Db, Place},
    seal::Sealer,
    time,
};
use serde_json::{Value, json};

use crate::{
    lock::{self, LockError},
    secrets::{self, SecretsError},
    settings::Settings,
    words,
};

/// StockTrade's comes last: if an agent's copy waits for an order placed by then, the order is in StockTrade's copy.
pub const INSTANCES: [&str; 4] = ["agent", "tenant", "broker_identity", "broker"];
/// The backup's description: its time, its databases, and a check of the master key.
const MANIFEST: &str = "backup.json";

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error("{0} isn't empty: name a folder that doesn't exist yet")]
    NotEmpty(String),
    #[error("there is no database in {0}: nothing to back up. Is DATA_DIR right?")]
    Nothing(String),
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    #[error("{0} can't be copied: {1}")]
    Copy(String, sqlx::Error),
    #[error("{0} isn't a whole backup (it has no {MANIFEST} that can be read)")]
    NoBackup(String),
    #[error("the backup has no whole copy of {0}. Nothing was changed")]
    Damaged(String),
    #[error("there is no database {0} in this backup; it has {1}")]
    NotIn(String, String),
    #[error(
        "the master key is not the one that this backup was made with, so nothing in it could be read. Put the right \
         one in DATA_DIR/master.key or in MASTER_KEY. Nothing was changed"
    )]
    OtherKey,
}

/// Copies every database of `DATA_DIR` into a new folder.
pub async fn backup(settings: &Settings, to: &Path) -> Result<(), BackupError> {
    let Place::Sqlite(folder) = &settings.database else {
        words::say(&dump_lines(to));
        return Ok(());
    };
    let there: Vec<&str> = INSTANCES.into_iter().filter(|name| folder.join(format!("{name}.db")).is_file()).collect();
    if there.is_empty() {
        return Err(BackupError::Nothing(folder.display().to_string()));
    }
    let fail = |error| BackupError::File(to.display().to_string(), error);
    DirBuilder::new().recursive(true).mode(0o700).create(to).map_err(fail)?;
    if fs::read_dir(to).map_err(fail)?.next().is_some() {
        return Err(BackupError::NotEmpty(to.display().to_string()));
    }
    for name in &there {
        let (from, copy) = (folder.join(format!("{name}.db")), to.join(format!("{name}.db")));
        let wrong = |error| BackupError::Copy(from.display().to_string(), error);
        // Created first with mode 0600, so that nobody else can read it; SQLite fills an empty file.
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&copy).map_err(fail)?;
        Db::copy(&from, &copy).await.map_err(wrong)?;
        words::say(&format!("  {name}"));
    }
    let made = json!({
        "made_at": time::iso(Clock::system().now()),
        "version": env!("CARGO_PKG_VERSION"),
        "databases": there,
        "key": key_check(settings)?,
    });
    // Written last: a folder without it isn't a backup.
    write(&to.join(MANIFEST), made.to_string().as_bytes()).map_err(fail)?;
    File::open(to).and_then(|folder| folder.sync_all()).map_err(fail)?;
    words::say(&format!(
        "Backed up to {}.\nIt holds no secrets. To use it you also need {} or what MASTER_KEY was, and {}: keep copies \
         of them, but not beside the backup.",
        to.display(),
        settings.data_dir.join("master.key").display(),
        settings.data_dir.join("secrets.json").display(),
    ));
    Ok(())
}

/// Restores all or the named databases, and moves the current files aside.
pub async fn restore(settings: &Settings, from: &Path, named: &[&str]) -> Result<(), BackupError> {
    let Place::Sqlite(folder) = &settings.database else {
        words::say(&restore_lines(from));
        return Ok(());
    };
    let _lock = lock::hold(&settings.data_dir, "mandate restore")?;
    let manifest: Value = fs::read(from.join(MANIFEST))
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .ok_or_else(|| BackupError::NoBackup(from.display().to_string()))?;
    let kept: Vec<&str> = manifest["databases"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let kept: Vec<&str> = INSTANCES.into_iter().filter(|name| kept.contains(name)).collect();
    if let Some(other) = named.iter().find(|name| !kept.contains(name)) {
        return Err(BackupError::NotIn((*other).to_owned(), kept.join(", ")));
    }
    let wanted: Vec<&str> = kept.into_iter().filter(|name| named.is_empty() || named.contains(name)).collect();
    if manifest["key"].as_str() != Some(key_check(settings)?.as_str()) {
        return Err(BackupError::OtherKey);
    }
    for name in &wanted {
        if !Db::is_whole(&from.join(format!("{name}.db"))).await.unwrap_or(false) {
            return Err(BackupError::Damaged((*name).to_owned()));
        }
    }
    let aside = folder.join(format!("before-restore-{}", time::iso(Clock::system().now()).replace(':', "")));
    let fail = |path: &Path| {
        let path = path.display().to_string();
        move |error| BackupError::File(path, error)
    };
    for name in &wanted {
        let (copy, new) = (from.join(format!("{name}.db")), folder.join(format!("{name}.db")));
        let beside = folder.join(format!("{name}.db.new"));
        fs::copy(&copy, &beside).map_err(fail(&copy))?;
        fs::set_permissions(&beside, Permissions::from_mode(0o600)).map_err(fail(&beside))?;
        give_to_owner_of(folder, &beside).map_err(fail(&beside))?;
        File::open(&beside).and_then(|file| file.sync_all()).map_err(fail(&beside))?;
        // The journals too: SQLite would apply the old file's journal to the new one.
        for end in ["db", "db-wal", "db-shm"] {
            let old = folder.join(format!("{name}.{end}"));
            if old.exists() {
                DirBuilder::new().recursive(true).mode(0o700).create(&aside).map_err(fail(&aside))?;
                give_to_owner_of(folder, &aside).map_err(fail(&aside))?;
                fs::rename(&old, aside.join(format!("{name}.{end}"))).map_err(fail(&old))?;
            }
        }
        fs::rename(&beside, &new).map_err(fail(&new))?;
        words::say(&format!("  {name}"));
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(fail(folder))?;
    let made = manifest["made_at"].as_str().unwrap_or("an unknown time");
    let mut said = format!("Restored from the backup of {made}.");
    if aside.exists() {
        said += &format!("\nWhat was there before is in {}; remove it when you no longer need it.", aside.display());
    }
    words::say(&said);
    Ok(())
}

/// Gives what root restores to the user that the program runs as: `DATA_DIR` is theirs.
fn give_to_owner_of(folder: &Path, path: &Path) -> std::io::Result<()> {
    let (owner, made) = (fs::metadata(folder)?, fs::metadata(path)?);
    if owner.uid() == made.uid() { Ok(()) } else { chown(path, Some(owner.uid()), Some(owner.gid())) }
}

/// Detects another master key, and reveals nothing about this one.
fn key_check(settings: &Settings) -> Result<String, BackupError> {
    if settings.master_key.is_none() && !settings.data_dir.join("master.key").exists() {
        return Err(BackupError::OtherKey);
    }
    Ok(Sealer::new(&secrets::master_key(settings)?, "backup").mac("backup", "master key"))
}

fn write(path: &PathBuf, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn dump_lines(to: &Path) -> String {
    let line = |name| {
        format!("  pg_dump --format=custom --schema={name} --file={}/{name}.dump \"$DATABASE_URL\"", to.display())
    };
    format!(
        "The databases are on PostgreSQL, so its own program copies them, in this order, while everything runs:\n\n  \
         mkdir -m 700 -p {}\n{}\n\nTo use the copies you also need the master key (MASTER_KEY, or master.key in \
         DATA_DIR) and secrets.json: keep them, but not beside the copies.",
        to.display(),
        INSTANCES.map(line).join("\n"),
    )
}

fn restore_lines(from: &Path) -> String {
    let line = |name| {
        format!(
            "  psql \"$DATABASE_URL\" -c 'DROP SCHEMA IF EXISTS {name} CASCADE' && pg_restore --exit-on-error \
             --dbname=\"$DATABASE_URL\" {}/{name}.dump",
            from.display()
        )
    };
    format!(
        "The databases are on PostgreSQL, so its own program puts them back. Stop every instance first, then, for those \
         that you want back:\n\n{}",
        INSTANCES.map(line).join("\n"),
    )
}
