//! Databases that a process's first test makes and all its tests copy: files in a folder or, with `TEST_DATABASE_URL`, a
//! PostgreSQL database.

use std::path::Path;

use foundation::{db::Place, secret};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use url::Url;

/// What to copy: files by name, and the place if it is on PostgreSQL.
pub struct Template {
    files: Vec<(String, Vec<u8>)>,
    place: Place,
}

impl Template {
    /// The content of this folder, and of the databases that [`empty`] made for it. Nobody may be connected to them.
    pub fn of(folder: &Path, place: Place) -> Self {
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        // The instance's name is each process's own.
        let files = files.filter(|file| file.path().is_file() && file.file_name() != "agent.instance");
        let files = files.map(|file| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap()));
        Self { files: files.collect(), place }
    }

    /// Copies it into a folder; returns where the databases are.
    pub async fn copy(&self, folder: &Path) -> Place {
        for (name, bytes) in &self.files {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
        match &self.place {
            Place::Sqlite(_) => Place::Sqlite(folder.to_owned()),
            Place::Postgres(url) => create(server().unwrap(), Some(url.path().trim_start_matches('/'))).await,
        }
    }
}

/// A place without databases: this folder, or a new PostgreSQL database.
pub async fn empty(folder: &Path) -> Place {
    match server() {
        Some(server) => create(server, None).await,
        None => Place::Sqlite(folder.to_owned()),
    }
}

/// The tests' PostgreSQL server, if there is one.
fn server() -> Option<Url> {
    std::env::var("TEST_DATABASE_URL").ok().map(|url| url.parse().unwrap())
}

async fn create(mut server: Url, template: Option<&str>) -> Place {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(server.as_str()).await.unwrap();
    let version: String = sqlx::query_scalar("SHOW server_version_num").fetch_one(&mut connection).await.unwrap();
    let how = match template {
        None => String::new(),
        // By default, PostgreSQL 15 and later write each page of the copy to their log.
        Some(template) if version.as_str() >= "150000" => format!(" TEMPLATE {template} STRATEGY FILE_COPY"),
        Some(template) => format!(" TEMPLATE {template}"),
    };
    let name = secret::id("test_");
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}{how}"))).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    server.set_path(&name);
    Place::Postgres(server)
}
