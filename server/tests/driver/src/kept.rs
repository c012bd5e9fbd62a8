//! Data of an earlier commit, kept as SQL for the migration test.

use std::{fs, path::Path};

use crate::outcome::Outcome;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection, sqlite::SqliteConnectOptions};

const DATABASES: [&str; 4] = ["agent", "tenant", "broker", "broker_identity"];
/// The ports of the sites (agent, tenant, broker) for keeping and migrating data, which contains its addresses, even in
/// tokens. They are below the ports of other tests.
pub const PORTS: [u16; 3] = [14_511, 14_512, 14_513];

/// The files in `DATA_DIR` that are needed to read sealed values in the databases.
const FILES: [&str; 2] = ["master.key", "secrets.json"];

/// Dumps the databases of a stopped program as SQL into a folder.
///
/// # Errors
/// When a database or file can't be read or written.
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

/// Creates the databases of a program that has never started from a dump: SQLite files in its `DATA_DIR`, or schemas of
/// the given PostgreSQL database.
///
/// # Errors
/// When a file can't be read or its SQL fails.
pub async fn read(folder: &Path, data_dir: &Path, postgres: Option<&str>) -> Outcome {
    fs::create_dir_all(data_dir)?;
    for database in DATABASES {
        let text = fs::read_to_string(folder.join(format!("{database}.sql")))?;
        match postgres {
            Some(url) => into_postgres(&text, database, url).await?,
            None => into_sqlite(&text, &data_dir.join(format!("{database}.db"))).await?,
        }
    }
    for file in FILES {
        fs::copy(folder.join(file), data_dir.join(file))?;
    }
    Ok(())
}

async fn into_sqlite(text: &str, file: &Path) -> Outcome {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true).foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("BEGIN;\n{text}COMMIT;"))).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Runs the same statements on PostgreSQL. sqlx's own table differs between the two databases.
async fn into_postgres(text: &str, schema: &str, url: &str) -> Outcome {
    let mut connection = PgConnection::connect(url).await?;
    // Inserts rows in any order, without foreign-key checks.
    let begin = format!(
        "CREATE SCHEMA \"{schema}\"; SET search_path TO \"{schema}\"; SET session_replication_role = replica;
         CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
         installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL,
         execution_time BIGINT NOT NULL);"
    );
    sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut connection).await?;
    let (tables, rest): (Vec<_>, Vec<_>) =
        statements(text).into_iter().partition(|statement| statement.starts_with("CREATE TABLE"));
    let mut tables: Vec<_> =
        tables.into_iter().filter(|table| !table.starts_with("CREATE TABLE _sqlx_migrations")).collect();
    // A table comes after those that it references.
    while !tables.is_empty() {
        let (mut left, before) = (Vec::new(), tables.len());
        let mut wrong = None;
        for table in tables {
            if let Err(error) = sqlx::raw_sql(AssertSqlSafe(table.clone())).execute(&mut connection).await {
                wrong = Some(error);
                left.push(table);
            }
        }
        match wrong {
            Some(error) if left.len() == before => return Err(error.into()),
            _ => tables = left,
        }
    }
    for statement in rest {
        let statement = match statement.strip_prefix("INSERT INTO \"_sqlx_migrations\"") {
            Some(_) => statement.replace(",1,X'", ",TRUE,'\\x"),
            None => statement,
        };
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
    }
    Ok(connection.close().await?)
}

/// Splits SQL into statements. A semicolon within a text or a comment doesn't end one.
fn statements(text: &str) -> Vec<String> {
    let (mut all, mut one, mut quoted, mut comment) = (Vec::new(), String::new(), false, false);
    for letter in text.chars() {
        match letter {
            '\'' if !comment => quoted = !quoted,
            '-' if !quoted && one.ends_with('-') => comment = true,
            '\n' => comment = false,
            ';' if !quoted && !comment => {
                all.push(std::mem::take(&mut one).trim().to_owned());
                continue;
            }
            _ => {}
        }
        one.push(letter);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_split_at_their_end() {
        let text =
            "CREATE TABLE a (\n    -- one; it's a comment\n    b TEXT\n);\nINSERT INTO a VALUES ('x;\n''y--');\n";
        let wanted =
            ["CREATE TABLE a (\n    -- one; it's a comment\n    b TEXT\n)", "INSERT INTO a VALUES ('x;\n''y--')"];
        assert_eq!(statements(text), wanted);
    }
}
