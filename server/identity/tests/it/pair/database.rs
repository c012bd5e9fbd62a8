//! A database for each test: files in its own folder, or, if `TEST_DATABASE_URL` names a PostgreSQL server, a new
//! database there.

use foundation::{db::Place, secret};
use sqlx::Connection;
use tempfile::TempDir;
use url::Url;

pub(crate) enum Databases {
    Files(TempDir),
    Postgres { server: Url, name: String },
}

impl Databases {
    pub(crate) async fn make() -> Self {
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            return Self::Files(TempDir::new().expect("a folder"));
        };
        let server: Url = server.parse().expect("TEST_DATABASE_URL is a URL");
        let name = secret::id("test_");
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(server.as_str()).await.expect("PostgreSQL");
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut connection)
            .await
            .expect("a database");
        Self::Postgres { server, name }
    }

    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Files(folder) => Place::Sqlite(folder.path().to_owned()),
            Self::Postgres { server, name } => {
                let mut url = server.clone();
                url.set_path(name);
                Place::Postgres(url)
            }
        }
    }

    /// All bytes of the databases, if they are files.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Self::Files(folder) = self else { return Vec::new() };
        let files = std::fs::read_dir(folder.path()).expect("a folder");
        files.flat_map(|file| std::fs::read(file.expect("a file").path()).expect("a file")).collect()
    }
}
