//! Data of an earlier commit, kept as SQL text so that a test can see it migrate.

use std::{fs, path::Path};

use crate::Outcome;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};

const DATABASES: [&str; 4] = ["agent", "tenant", "broker", "broker_identity"];
/// Where the sites are (agent, tenant, broker) when data is kept, and when it migrates: it holds its addresses, in
/// tokens too. Below the ports that other tests take.
pub const PORTS: [u16; 3] = [14_511, 14_512, 14_513];

/// Besides the databases: what `DATA_DIR` holds, needed to read what is sealed in them.
const FILES: [&str; 2] = ["master.key", "secrets.json"];

/// Writes the databases of a stopped program as SQL text into a folder.
///
/// # Errors
/// Where a database or file can't be read or written.
pub async fn write(data_dir: &Path, folder: &Path) -> Outcome {
    fs::create_dir_all(folder)?;
    for database in DATABASES {
        let options = SqliteConnectOptions::new().filename(data_dir.join(format!("{database}.db")));
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let mut text = String::new();
        let made = "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' \
                    ORDER BY type = 'index', name";
        for row in sqlx::query(made).fetch_all(&mut connection).await? {
            let (name, kind, sql): (String, String, String) = (row.get(0), row.get(1), row.get(2));
            text += &format!("{sql};\n");
            if kind != "table" {
                continue;
            }
            let columns = sqlx::query(AssertSqlSafe(format!("SELECT name FROM pragma_table_info('{name}')")))
                .fetch_all(&mut connection)
                .await?;
            let quoted: Vec<String> =
                columns.iter().map(|column| format!("quote(\"{}\")", column.get::<String, _>(0))).collect();
            let values = format!("SELECT {} FROM \"{name}\"", quoted.join(" || ',' || "));
            for row in sqlx::query(AssertSqlSafe(values)).fetch_all(&mut connection).await? {
                text += &format!("INSERT INTO \"{name}\" VALUES ({});\n", row.get::<String, _>(0));
            }
        }
        connection.close().await?;
        fs::write(folder.join(format!("{database}.sql")), text)?;
    }
    for file in FILES {
        fs::copy(data_dir.join(file), folder.join(file))?;
    }
    Ok(())
}

/// Makes the databases of a program that has not been started yet from what was kept.
///
/// # Errors
/// Where a file can't be read, or its SQL doesn't run.
pub async fn read(folder: &Path, data_dir: &Path) -> Outcome {
    fs::create_dir_all(data_dir)?;
    for database in DATABASES {
        let text = fs::read_to_string(folder.join(format!("{database}.sql")))?;
        let path = data_dir.join(format!("{database}.db"));
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true).foreign_keys(false);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("BEGIN;\n{text}COMMIT;"))).execute(&mut connection).await?;
        connection.close().await?;
    }
    for file in FILES {
        fs::copy(folder.join(file), data_dir.join(file))?;
    }
    Ok(())
}
