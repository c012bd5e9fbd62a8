//! Starting and stopping: what the program prints, what it says when a port is taken, and that it stops with streams
//! open.

use std::net::TcpListener;

use drive::{ALICE, BOB, Outcome};

use crate::support::together;

#[tokio::test]
async fn it_prints_its_addresses_and_stops_with_a_stream_open() -> Outcome {
    let setup = together("run").await?;
    let program = setup.serve().await?;
    for url in [&setup.sites.agent, &setup.sites.tenant, &setup.sites.broker] {
        assert!(program.said.contains(url.as_str()), "{}", program.said);
    }
    let mut browser = setup.browser()?;
    for url in [&setup.sites.agent, &setup.sites.broker] {
        let page = browser.open(url.as_str()).await?;
        assert_eq!(page.status, 200, "{}", page.text());
    }
    browser.open(setup.sites.agent.as_str()).await?;
    let thread = browser.say(&setup.sites, "Hello").await?;
    let events = setup.sites.agent.join(&format!("api/threads/{}/events?after=0", thread.id))?;
    let prices = setup.sites.broker.join("api/prices")?;
    let open = [browser.stream(events.as_str()).await?, browser.stream(prices.as_str()).await?];
    program.stop().await?;
    drop(open);
    Ok(())
}

/// Stopped, it leaves a file per database, with nothing beside it that would have to be copied along.
#[tokio::test]
async fn stopped_it_leaves_the_databases_in_one_file_each() -> Outcome {
    if std::env::var("TEST_DATABASE_URL").is_ok() {
        return Ok(());
    }
    let setup = together("closed").await?;
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    let files = || -> Outcome<Vec<String>> {
        let mut names = Vec::new();
        for file in std::fs::read_dir(setup.data_dir("serve"))? {
            names.push(file?.file_name().to_string_lossy().into_owned());
        }
        names.retain(|name| name.contains(".db"));
        names.sort();
        Ok(names)
    };
    assert!(files()?.iter().any(|name| name.ends_with("-wal")), "{:?}", files()?);
    program.stop().await?;
    assert_eq!(files()?, ["agent.db", "broker.db", "broker_identity.db", "tenant.db"]);
    // And they can be used again.
    let program = setup.serve().await?;
    let page = browser.open(setup.sites.agent.as_str()).await?;
    assert!(page.text().contains(ALICE.name), "{}", page.text());
    program.stop().await
}

/// What Argon2 works in (19 MiB for each password) goes back to the system.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn hashing_passwords_leaves_no_memory_behind() -> Outcome {
    let setup = together("memory").await?;
    let program = setup.serve().await?;
    // The demo people's passwords were hashed, two more logins compare theirs.
    for person in [ALICE, BOB] {
        setup.browser()?.log_in(&setup.sites, person).await?;
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id()))?;
    let kilobytes: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .and_then(|value| value.trim().trim_end_matches(" kB").parse().ok())
        .ok_or("no RssAnon")?;
    assert!(kilobytes < 30_000, "{kilobytes} kB");
    program.stop().await
}

#[tokio::test]
async fn a_taken_port_is_named_with_the_setting_that_moves_it() -> Outcome {
    let mut setup = together("taken").await?;
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port();
    setup.set("TENANT_LISTEN", &format!("127.0.0.1:{port}"));
    let trouble = setup.serve().await.expect_err("the port is taken").to_string();
    assert!(trouble.contains(&port.to_string()) && trouble.contains("TENANT_URL"), "{trouble}");
    Ok(())
}

#[tokio::test]
async fn other_names_of_this_machine_lead_to_the_configured_address() -> Outcome {
    let setup = together("names").await?;
    let _program = setup.serve().await?;
    let port = setup.sites.agent.port().unwrap_or_default();
    let answer = setup.sites.client()?.get(format!("http://127.0.0.1:{port}/accounts")).send().await?;
    let to = answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
    assert!(answer.status().is_redirection(), "{}", answer.status());
    assert_eq!(to, setup.sites.agent.join("accounts")?.as_str());
    Ok(())
}
