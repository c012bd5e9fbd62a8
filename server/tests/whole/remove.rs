//! `mandate people remove`, beside a program that serves: nothing of the person is left in any table.

use driver::{ALICE, BOB, Outcome, Setup, until_ok};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Column, Row};

use crate::support::{database, together, waiting};

/// The columns (`table.column`) of all tables of a database that contain these texts.
async fn found(setup: &Setup, name: &str, texts: &[&str]) -> Outcome<Vec<String>> {
    let (mut db, prefix) = database(setup, name).await?;
    let tables: Vec<String> = if prefix.is_empty() {
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'").fetch_all(&mut db).await?
    } else {
        let sql = "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = $1";
        sqlx::query_scalar(sql).bind(name).fetch_all(&mut db).await?
    };
    let mut places = Vec::new();
    // The migrations' table has columns of other types.
    for table in tables.iter().filter(|table| !table.starts_with("_sqlx")) {
        // The search index has a type that sqlx's `Any` can't read.
        let columns = if prefix.is_empty() { "*".to_owned() } else { readable(&mut db, name, table).await? };
        let sql = format!("SELECT {columns} FROM {prefix}\"{table}\"");
        for row in sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut db).await? {
            for column in row.columns() {
                let text = row.try_get::<Option<String>, _>(column.ordinal()).ok().flatten().unwrap_or_default();
                let place = format!("{table}.{}", column.name());
                if texts.iter().any(|wanted| text.contains(wanted)) && !places.contains(&place) {
                    places.push(place);
                }
            }
        }
    }
    places.sort();
    Ok(places)
}

/// A table's columns in PostgreSQL.
async fn readable(db: &mut AnyConnection, schema: &str, table: &str) -> Outcome<String> {
    let columns: Vec<String> = sqlx::query_scalar(
        "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
         WHERE table_schema = $1 AND table_name = $2 AND data_type <> 'tsvector'",
    )
    .bind(schema)
    .bind(table)
    .fetch_all(db)
    .await?;
    Ok(columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", "))
}

async fn id_of(setup: &Setup, email: &str, site: &str) -> Outcome<Option<String>> {
    let listed = setup.run(&["people", "list", "--json", "--site", site]).await?;
    let people: Value = serde_json::from_str(&listed.out)?;
    let person = people.as_array().into_iter().flatten().find(|person| person["e-mail"] == email);
    Ok(person.and_then(|person| person["id"].as_str()).map(str::to_owned))
}

#[tokio::test]
async fn removed_person_is_in_no_table_and_others_stay() -> Outcome {
    let setup = together("remove").await?;
    let program = setup.serve().await?;
    let (mut browser, mut other) = (setup.browser()?, setup.browser()?);
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    other.log_in(&setup.sites, BOB).await?;
    other.say(&setup.sites, "Who am I?").await?;
    let mut thread = browser.say(&setup.sites, "Buy 5 WAYNE").await?;
    let card = waiting(&mut thread, &browser).await?;
    browser.decide(&card.page, "approve").await?;
    let mut thread = browser.say(&setup.sites, "Buy 6 WAYNE").await?;
    waiting(&mut thread, &browser).await?;
    let id = id_of(&setup, "alice@example.com", "identity").await?.ok_or("Alice isn't listed")?;
    let at_stocktrade = id_of(&setup, "alice@example.com", "stocktrade").await?.ok_or("nor at StockTrade")?;
    let hers = [id.as_str(), "Alice", "alice@example.com", "6 WAYNE"];
    let (identity, chat) = (found(&setup, "tenant", &hers).await?, found(&setup, "agent", &hers).await?);
    for (places, place) in [(&identity, "person.email"), (&identity, "approval.account_label"), (&chat, "message.text")]
    {
        assert!(places.iter().any(|known| known == place), "the search finds {place}: {places:?}");
    }

    // Without a confirmation, nothing is removed.
    let asked = setup.run(&["people", "remove", "alice@example.com"]).await?;
    assert!(asked.code == Some(1) && asked.err.contains("not confirmed, so nothing was changed"), "{asked:?}");
    for words in ["This deletes alice@example.com (usr_", "1 connected account", "Mandate chat: 1 session, 2 chats"] {
        assert!(asked.out.contains(words), "{words}: {asked:?}");
    }
    assert_eq!(found(&setup, "tenant", &hers).await?, identity);

    let removed = setup.run(&["people", "remove", "Alice@Example.com", "--yes", "--json"]).await?;
    assert_eq!(removed.code, Some(0), "{removed:?}");
    let removed: Value = serde_json::from_str(&removed.out)?;
    assert_eq!((&removed["person"], &removed["state"]), (&json!(id), &json!("removed")), "{removed}");
    assert_eq!(removed["deleted"]["Mandate chat"]["chats"], 2, "{removed}");
    assert_eq!(removed["deleted"]["Mandate identity"]["connected_accounts"], 1, "{removed}");
    assert_eq!(removed["elsewhere"], Value::Null, "{removed}");
    assert_eq!(found(&setup, "agent", &hers).await?, Vec::<String>::new());
    assert_eq!(found(&setup, "tenant", &hers).await?, ["audit.person"], "the audit log names the id only");
    let again = setup.run(&["people", "remove", &id, "--yes"]).await?;
    assert!(again.code == Some(1) && again.err.contains("there is no person"), "{again:?}");
    let log = setup.run(&["audit", "export", "--json", "--person", &id]).await?.out;
    assert!(log.contains("\"person_removed\"") && log.contains("operator, command line"), "{log}");

    // Her grant at StockTrade is revoked, by the program that serves.
    let listed = ["grants", "list", "--json", "--site", "stocktrade", "--client", "tenant-vault"];
    let none = async || Ok((setup.run(&listed).await?.out.trim() == "[]").then_some(()));
    until_ok("the grant is revoked", none).await?;
    let page = browser.open(setup.sites.agent.as_str()).await?;
    assert!(!page.text().contains("Alice"), "{}", page.text());
    let page = other.open(setup.sites.agent.as_str()).await?;
    assert!(page.text().contains("Bob") && page.text().contains("Who am I?"), "{}", page.text());

    let removed = setup.run(&["people", "remove", &at_stocktrade, "--yes", "--site", "stocktrade"]).await?;
    assert!(removed.code == Some(0) && removed.out.contains("1 account"), "{removed:?}");
    let hers = [at_stocktrade.as_str(), "Alice", "alice@example.com"];
    assert_eq!(found(&setup, "broker", &hers).await?, Vec::<String>::new());
    assert_eq!(found(&setup, "broker_identity", &hers).await?, ["audit.person"]);
    assert!(id_of(&setup, "bob@example.com", "stocktrade").await?.is_some());
    program.stop().await
}
