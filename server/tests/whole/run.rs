//! Starting and stopping: what the program prints, what it says when a port is taken, and that it stops with streams
//! open.

use std::net::TcpListener;

use drive::Outcome;

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
