//! Databases on the tests' PostgreSQL server, which `TEST_DATABASE_URL` names.

use foundation::{db::Place, secret};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use url::Url;

/// A new database's name with this prefix, if there is a server.
pub fn new_name(prefix: &str) -> Option<String> {
    std::env::var_os("TEST_DATABASE_URL").map(|_| secret::id(prefix))
}

/// Creates an empty database.
pub async fn create(name: &str) -> Place {
    made(name, None).await
}

/// Creates a copy of a database, to which nobody may be connected.
pub async fn copy(template: &str) -> Place {
    made(&secret::id("copy_"), Some(template)).await
}

async fn made(name: &str, template: Option<&str>) -> Place {
    let mut url: Url = std::env::var("TEST_DATABASE_URL").unwrap().parse().unwrap();
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url.as_str()).await.unwrap();
    let version: String = sqlx::query_scalar("SHOW server_version_num").fetch_one(&mut connection).await.unwrap();
    let how = match template {
        None => String::new(),
        // By default, PostgreSQL 15 and later write each page of the copy to their log.
        Some(template) if version.as_str() >= "150000" => format!(" TEMPLATE {template} STRATEGY FILE_COPY"),
        Some(template) => format!(" TEMPLATE {template}"),
    };
    let create = format!("CREATE DATABASE {name}{how}");
    sqlx::query(AssertSqlSafe(create)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    url.set_path(name);
    Place::Postgres(url)
}
