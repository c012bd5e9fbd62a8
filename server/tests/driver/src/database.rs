//! Creates databases for tests, empty or copied from a template: files in a folder or, with `TEST_DATABASE_URL`, a
//! PostgreSQL database.

use std::path::Path;

use foundation::{db::Place, secret};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use url::Url;

use crate::outcome::Outcome;

/// The databases that each test of a process copies: files by name or, if `place` is on PostgreSQL, a database.
pub struct Template {
    files: Vec<(String, Vec<u8>)>,
    place: Place,
}

impl Template {
    /// The content of this folder, and of the databases that [`empty`] made for it. No connection to them may be open.
    ///
    /// # Errors
    /// A file can't be read.
    pub fn of(folder: &Path, place: Place) -> Outcome<Self> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            // Each process has its own instance name.
            if entry.path().is_file() && entry.file_name() != "agent.instance" {
                let name = entry.file_name().into_string().map_err(|name| format!("{name:?} isn't UTF-8"))?;
                files.push((name, std::fs::read(entry.path())?));
            }
        }
        Ok(Self { files, place })
    }

    /// Copies it into a folder; returns where the databases are.
    ///
    /// # Errors
    /// A file can't be written, or PostgreSQL refuses.
    pub async fn copy(&self, folder: &Path) -> Outcome<Place> {
        for (name, bytes) in &self.files {
            std::fs::write(folder.join(name), bytes)?;
        }
        match &self.place {
            Place::Sqlite(_) => Ok(Place::Sqlite(folder.to_owned())),
            Place::Postgres(url) => {
                let server = server()?.ok_or("TEST_DATABASE_URL is missing")?;
                create(server, Some(url.path().trim_start_matches('/'))).await
            }
        }
    }
}

/// A place without databases: this folder, or a new PostgreSQL database.
///
/// # Errors
/// PostgreSQL refuses, or `TEST_DATABASE_URL` isn't a URL.
pub async fn empty(folder: &Path) -> Outcome<Place> {
    match server()? {
        Some(server) => create(server, None).await,
        None => Ok(Place::Sqlite(folder.to_owned())),
    }
}

/// The tests' PostgreSQL server, if there is one.
fn server() -> Outcome<Option<Url>> {
    Ok(std::env::var("TEST_DATABASE_URL").ok().map(|url| url.parse()).transpose()?)
}

async fn create(mut server: Url, template: Option<&str>) -> Outcome<Place> {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(server.as_str()).await?;
    let version: String = sqlx::query_scalar("SHOW server_version_num").fetch_one(&mut connection).await?;
    let how = match template {
        None => String::new(),
        // By default, PostgreSQL 15 and later write each page of the copy to the write-ahead log.
        Some(template) if version.as_str() >= "150000" => format!(" TEMPLATE {template} STRATEGY FILE_COPY"),
        Some(template) => format!(" TEMPLATE {template}"),
    };
    let name = secret::id("test_");
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}{how}"))).execute(&mut connection).await?;
    connection.close().await?;
    server.set_path(&name);
    Ok(Place::Postgres(server))
}
