//! The program refuses to start on data that another process uses or that is incomplete.

use driver::{ALICE, Outcome, Setup};
use sqlx::{AssertSqlSafe, Connection};

use crate::support::together;

#[tokio::test]
async fn line_70_second_serve_on_the_same_data_refuses() -> Outcome {
    let mut setup = together("lock").await?;
    let program = setup.serve().await?;
    // Different ports, so that only the data is in the way.
    for name in ["AGENT_LISTEN", "TENANT_LISTEN", "BROKER_LISTEN"] {
        setup.set(name, &format!("127.0.0.1:{}", driver::free_port()?));
    }
    let (started, said) = setup.command(&["serve"]).await?;
    assert!(!started, "{said}");
    for part in [&format!("process {}", program.id()), "mandate serve agent, tenant, broker", "DATA_DIR"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    program.kill().await?;
    // A stale lock of a killed process blocks nothing.
    setup.serve().await?.stop().await
}

#[tokio::test]
async fn line_70_database_behind_its_neighbours_refuses() -> Outcome {
    let setup = together("lacks").await?;
    if let Some(url) = setup.setting("DATABASE_URL").filter(|url| !url.is_empty()) {
        return schema_behind_its_neighbours_refuses(&setup, url).await;
    }
    let program = setup.serve().await?;
    program.stop().await?;
    let folder = setup.data_dir("serve");
    let away = |name: &str| folder.join(format!("{name}.db.away"));
    let there = |name: &str| folder.join(format!("{name}.db"));
    // Fresh databases, as a first start creates them.
    let fresh = |name: &str| folder.join(format!("{name}.db.fresh"));
    for name in ["broker", "agent"] {
        std::fs::copy(there(name), fresh(name))?;
    }
    // While there are no people yet, the next start creates a database that the first one didn't get to.
    std::fs::remove_file(there("broker"))?;
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    program.stop().await?;
    for lacking in ["broker", "broker_identity", "tenant", "agent"] {
        std::fs::rename(there(lacking), away(lacking))?;
        for empty in [false, true] {
            if empty {
                std::fs::write(there(lacking), "")?;
            }
            let (started, said) = setup.command(&["serve"]).await?;
            assert!(!started && said.contains(&format!("{lacking}.db) is missing or empty")), "{lacking}: {said}");
            assert!(said.contains(&format!("mandate restore DIR {lacking}")), "{said}");
            assert_eq!(there(lacking).exists(), empty, "nothing is made");
        }
        std::fs::rename(away(lacking), there(lacking))?;
    }
    // Migrated, and without the rows that an approved order of the chat left behind.
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}?mode=rw", there("tenant").display());
    let mut tenant = sqlx::AnyConnection::connect(&url).await?;
    let approval =
        "INSERT INTO approval (id, auth_req_hash, client, client_name, idempotency_key, request_digest, person,
            connection, account, account_label, detail, digest, code, scope, asked_at, expires_at, state, used_at,
            poll_interval)
        VALUES ('a', 'h', 'agent', 'Mandate', 'k', 'd', 'p', 'stocktrade', 'c', 'l', '{}', 'd', 'K7 QD', 'openid', 1, 2,
            'approved', 2, 5)";
    sqlx::query(approval).execute(&mut tenant).await?;
    tenant.close().await?;
    for lacking in ["broker", "agent"] {
        std::fs::rename(there(lacking), away(lacking))?;
        std::fs::copy(fresh(lacking), there(lacking))?;
        let (started, said) = setup.command(&["serve"]).await?;
        assert!(!started && said.contains(&format!("{lacking}.db) is without any of its rows")), "{lacking}: {said}");
        std::fs::rename(away(lacking), there(lacking))?;
    }
    // The approval needs an account at StockTrade. Without one, the approval is removed again.
    let url = format!("sqlite://{}?mode=rw", there("broker").display());
    let mut broker = sqlx::AnyConnection::connect(&url).await?;
    let accounts: (i64,) = sqlx::query_as("SELECT COUNT(*) FROM account").fetch_one(&mut broker).await?;
    broker.close().await?;
    if accounts.0 == 0 {
        let mut tenant = sqlx::AnyConnection::connect(&format!("sqlite://{}", there("tenant").display())).await?;
        sqlx::query("DELETE FROM approval").execute(&mut tenant).await?;
        tenant.close().await?;
    }
    setup.serve().await?.stop().await
}

/// The same on PostgreSQL, where a database is a schema.
async fn schema_behind_its_neighbours_refuses(setup: &Setup, url: &str) -> Outcome {
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    program.stop().await?;
    let mut database = sqlx::AnyConnection::connect(url).await?;
    for lacking in ["broker", "broker_identity", "tenant", "agent"] {
        let away = format!("ALTER SCHEMA {lacking} RENAME TO away");
        sqlx::query(AssertSqlSafe(away)).execute(&mut database).await?;
        for empty in [false, true] {
            if empty {
                sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {lacking}"))).execute(&mut database).await?;
            }
            let (started, said) = setup.command(&["serve"]).await?;
            assert!(!started && said.contains(&format!("(schema {lacking}) is missing or empty")), "{lacking}: {said}");
        }
        for back in [format!("DROP SCHEMA {lacking}"), format!("ALTER SCHEMA away RENAME TO {lacking}")] {
            sqlx::query(AssertSqlSafe(back)).execute(&mut database).await?;
        }
    }
    setup.serve().await?.stop().await
}
