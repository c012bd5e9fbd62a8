//! Starting and stopping: the program's output, its message when a port is taken, and stopping with open streams.

use std::net::TcpListener;

use driver::{ALICE, BOB, Browser, Outcome, Setup, Sites};
use url::Url;

use crate::support::together;

#[tokio::test]
async fn prints_addresses_and_stops_with_an_open_stream() -> Outcome {
    let setup = together("run").await?;
    let program = setup.serve().await?;
    for url in [&setup.sites.agent, &setup.sites.identity, &setup.sites.broker] {
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
    // Ctrl-C in a terminal.
    let mut program = setup.serve().await?;
    let open = [browser.stream(events.as_str()).await?, browser.stream(prices.as_str()).await?];
    program.interrupt().await?;
    let status = program.ended(5).await?;
    assert!(status.success(), "{status}");
    drop(open);
    Ok(())
}

/// After stopping, there is one file for each database, with no side files to copy.
#[tokio::test]
async fn stopping_leaves_each_database_in_one_file() -> Outcome {
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
    // The files can be used again.
    let program = setup.serve().await?;
    let page = browser.open(setup.sites.agent.as_str()).await?;
    assert!(page.text().contains(ALICE.name), "{}", page.text());
    program.stop().await
}

/// The memory that Argon2 works in (19 MiB for each password) is returned to the system.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn hashing_passwords_leaves_no_memory_behind() -> Outcome {
    let setup = together("memory").await?;
    let program = setup.serve().await?;
    // The demo people's passwords were hashed. Two more logins verify theirs.
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
    // Searches the log from its end, for the last line that mentions it.
    let serve = async |setup: &Setup| {
        let trouble = setup.serve().await.expect_err("the port is taken").to_string();
        trouble.lines().find(|line| line.contains("is taken")).unwrap_or_default().to_owned()
    };
    // If only the URL sets the port, the URL changes it.
    setup.set("TENANT_LISTEN", "");
    let url = setup.setting("TENANT_URL").unwrap_or_default().to_owned();
    setup.set("TENANT_URL", &format!("http://id.localhost:{port}"));
    let trouble = serve(&setup).await;
    assert!(trouble.contains(&format!(":{port} is taken")) && trouble.contains("TENANT_URL=http://"), "{trouble}");
    // If the socket is set, the URL doesn't change it.
    setup.set("TENANT_URL", &url);
    setup.set("TENANT_LISTEN", &format!("127.0.0.1:{port}"));
    let trouble = serve(&setup).await;
    assert!(trouble.contains(&format!(":{port} is taken")), "{trouble}");
    let example = trouble.split("TENANT_LISTEN=").nth(1).and_then(|rest| rest.split_whitespace().next());
    assert!(example.is_some() && !trouble.contains("TENANT_URL"), "{trouble}");
    // The suggested setting works.
    setup.set("TENANT_LISTEN", example.unwrap_or_default());
    let _program = setup.serve().await?;
    Ok(())
}

/// Demo people have a public password. When one of the sites isn't on this machine, the ones from an earlier start
/// can't log in any more.
#[tokio::test]
async fn line_56_demo_people_end_where_a_site_becomes_public() -> Outcome {
    let mut setup = together("demo-people").await?;
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    let trade = setup.sites.broker.clone();
    let log_in = async |browser: &mut Browser| -> Outcome<String> {
        browser.open(trade.join("auth/login")?.as_str()).await?;
        browser.type_credentials(ALICE).await?;
        Ok(browser.page()?.text())
    };
    browser.log_in(&setup.sites, ALICE).await?;
    let trade_too = browser.open(setup.sites.broker.join("auth/login")?.as_str()).await?.text();
    assert!(trade_too.contains(ALICE.name), "{trade_too}");
    program.stop().await?;

    setup.bring_config();
    let port = setup.sites.agent.port().unwrap_or_default();
    let url = setup.setting("AGENT_URL").unwrap_or_default().to_owned();
    setup.set("AGENT_URL", "https://agent.example.org");
    setup.set("AGENT_LISTEN", &format!("127.0.0.1:{port}"));
    let program = setup.serve().await?;
    assert!(!program.said.contains("Demo people"), "{}", program.said);
    let before = browser.open(setup.sites.broker.join("orders")?.as_str()).await?.text();
    assert!(!before.contains(ALICE.name), "StockTrade's session has ended: {before}");
    let refused = log_in(&mut setup.browser()?).await?;
    assert!(!refused.contains(ALICE.name) && refused.contains("password"), "{refused}");
    program.stop().await?;

    setup.set("AGENT_URL", &url);
    let program = setup.serve().await?;
    let before = browser.open(setup.sites.agent.as_str()).await?.text();
    assert!(!before.contains(ALICE.name), "Mandate's session has ended: {before}");
    assert!(log_in(&mut setup.browser()?).await?.contains(ALICE.name));
    program.stop().await
}

#[tokio::test]
async fn other_names_of_this_machine_lead_to_the_configured_address() -> Outcome {
    let mut setup = together("names").await?;
    // The default is to listen on both of this machine's loopback addresses.
    setup.set("AGENT_LISTEN", "");
    let _program = setup.serve().await?;
    let port = setup.sites.agent.port().unwrap_or_default();
    let mut names = vec![format!("127.0.0.1:{port}")];
    // A machine without IPv6 has no [::1].
    if TcpListener::bind("[::1]:0").is_ok() {
        names.push(format!("[::1]:{port}"));
    }
    for name in names {
        let answer = setup.sites.client()?.get(format!("http://{name}/accounts?a=b")).send().await?;
        let to = answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
        assert_eq!(answer.status(), 307, "{name}");
        assert_eq!(to, setup.sites.agent.join("accounts?a=b")?.as_str(), "{name}");
    }
    Ok(())
}

/// An unknown address: browsers get a page of the site, programs JSON if they ask for it, and everyone a text.
#[tokio::test]
async fn unknown_address_says_so() -> Outcome {
    let setup = together("nowhere").await?;
    let _program = setup.serve().await?;
    let client = setup.sites.client()?;
    let ask = async |site: &Url, path: &str, accept: &str| -> Outcome<(u16, String, String)> {
        let answer = client.get(site.join(path)?).header("accept", accept).send().await?;
        let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        Ok((answer.status().as_u16(), kind.to_owned(), answer.text().await?))
    };
    let Sites { agent, identity, broker } = &setup.sites;
    for (site, name) in [(agent, "Mandate"), (identity, "Mandate identity"), (broker, "StockTrade")] {
        for path in ["nonexistent", "u/nope", "orders/x", "u/consents"] {
            let (status, kind, page) = ask(site, path, "text/html,application/xhtml+xml,*/*;q=0.8").await?;
            assert!(status == 404 && kind.starts_with("text/html"), "{site}{path}: {status} {kind}");
            assert!(page.contains("<h1>") && page.contains(&format!("{name}</")), "{site}{path}: {page}");
            let (status, _, words) = ask(site, path, "*/*").await?;
            assert!(status == 404 && words.len() > 20, "{site}{path}: {words}");
        }
        for (path, accept) in [
            ("api/nothing", "*/*"),
            ("oauth/nothing", "*/*"),
            (".well-known/nothing", "*/*"),
            ("nonexistent", "application/json"),
        ] {
            let (status, kind, body) = ask(site, path, accept).await?;
            assert_eq!(status, 404, "{site}{path}");
            assert!(kind.starts_with("application/json") && body.starts_with('{'), "{site}{path}: {kind} {body}");
        }
    }
    for site in [agent, broker] {
        let (status, kind, page) = ask(site, "auth/logout", "text/html").await?;
        assert!(status == 405 && kind.starts_with("text/html"), "{site}: {status} {kind}");
        assert!(page.contains("not a page that can be opened"), "{page}");
    }
    Ok(())
}

/// At each site, addresses with a trailing slash or in meaningless case.
#[tokio::test]
async fn slash_or_case_that_means_nothing_redirects() -> Outcome {
    let setup = together("redirects").await?;
    let program = setup.serve().await?;
    let client = setup.sites.client()?;
    let (agent, identity, broker) = (&setup.sites.agent, &setup.sites.identity, &setup.sites.broker);
    for (site, from, to) in [
        (agent, "accounts/", "/accounts"),
        (agent, "Accounts", "/accounts"),
        (agent, "t/AbC/?x=Y", "/t/AbC?x=Y"),
        (agent, "API/threads", "/api/threads"),
        (identity, "approvals/", "/approvals"),
        (identity, "Apps", "/apps"),
        (identity, "u/Login/", "/u/login"),
        (identity, ".well-known/openid-configuration/", "/.well-known/openid-configuration"),
        (broker, "orders/", "/orders"),
        (broker, "Stocks/WAYNE/", "/stocks/WAYNE"),
        (broker, "api/stocks/", "/api/stocks"),
        (broker, "api/Stocks/WAYNE", "/api/stocks/WAYNE"),
    ] {
        let answer = client.get(site.join(from)?).send().await?;
        assert_eq!(answer.status(), 308, "{site}{from}");
        assert_eq!(answer.headers()["location"], to, "{site}{from}");
    }
    for (site, path, status) in
        [(agent, "nothing/", 404), (identity, "nothing/", 404), (broker, "api/nothing/", 404), (broker, "PKG/x", 404)]
    {
        assert_eq!(client.get(site.join(path)?).send().await?.status(), status, "{site}{path}");
    }
    program.stop().await
}
