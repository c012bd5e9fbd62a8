//! `make demo-attack`: sends forged orders to the running program, like a compromised agent, and shows every request
//! with its answer. It reads the agent's secrets from `DATA_DIR`, as a thief would.

use std::{io::Write, path::PathBuf, process::ExitCode};

use driver::{ALICE, Agent, Attack, Attempt, Browser, Outcome, Secrets, Sites, kept_secret};
use url::Url;

#[tokio::main]
async fn main() -> ExitCode {
    match attack().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("\nThe attack got no further: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn setting(name: &str, default: &str) -> String {
    std::env::var(name).ok().filter(|text| !text.trim().is_empty()).unwrap_or_else(|| default.to_owned())
}

/// Returns whether every answer was the promised one.
async fn attack() -> Outcome<bool> {
    let _ = dotenvy::dotenv();
    let site = |name: &str, default: &str| Url::parse(&setting(name, default));
    let sites = Sites {
        agent: site("AGENT_URL", "http://localhost:3000")?,
        identity: site("TENANT_URL", "http://localhost:3001")?,
        broker: site("BROKER_URL", "http://localhost:3002")?,
    };
    let data = PathBuf::from(setting("DATA_DIR", "data"));
    let secret = |name: &str| match std::env::var(name).ok().filter(|given| !given.trim().is_empty()) {
        Some(given) => Ok(given),
        None => kept_secret(&data, name),
    };
    sites
        .client()?
        .get(sites.agent.join("healthz")?)
        .send()
        .await
        .map_err(|_| format!("nothing answers at {}: start it first with make run", sites.agent))?;

    say(&format!(
        "The attacker holds the agent's and the identity service's client secrets, Alice's refresh token, and a\n\
         connected StockTrade account. Alice approves one purchase of one share of WAYNE (simulated money).\n\
         Everything else must be refused by {}.\n",
        sites.broker
    ));
    let secrets = Secrets::default();
    let mut browser = Browser::new(secrets.clone(), &sites.hosts())?;
    browser.log_in(&sites, ALICE).await?;
    let agent = Agent::new(&sites, "agent", secret("AGENT_CLIENT_SECRET")?, secrets.clone())?;
    let vault = Agent::new(&sites, "tenant-vault", secret("TENANT_VAULT_CLIENT_SECRET")?, secrets)?;
    let refresh_token = agent.refresh_token(&mut browser, ALICE).await?;
    if !agent.vault_by_refresh_token(&refresh_token).await?.status.is_success() {
        browser.connect(&sites).await?;
    }
    let mut attack = Attack { browser: &mut browser, person: ALICE, agent, vault };
    let mut number = 0;
    let attempts = attack
        .run(|attempt: &Attempt| {
            number += 1;
            tell(number, attempt);
        })
        .await?;
    let surprises = attempts.iter().filter(|attempt| !attempt.is_as_promised()).count();
    if surprises == 0 {
        say(&format!("All {} answers are as promised: one approval, one order.", attempts.len()));
    } else {
        say(&format!("{surprises} of {} answers are NOT as promised.", attempts.len()));
    }
    Ok(surprises == 0)
}

fn tell(number: usize, attempt: &Attempt) {
    let verdict = if attempt.is_as_promised() { "as promised" } else { "NOT AS PROMISED" };
    let request = attempt.request.replace('\n', "\n      ");
    say(&format!(
        "{number:2}. {}\n      {request}\n   →  {} {}\n      {verdict}: {}\n",
        attempt.what,
        attempt.answer.status,
        attempt.answer.body,
        attempt.promise()
    ));
}
