//! The operator's changes: who may log in, and which grants are active.

use foundation::db::Db;
use identity::{
    operator::Ended,
    store::{authorization_grant::Of, person::Listed},
};
use serde_json::{Value, json};

use super::{
    arguments::{Arguments, Site},
    columns,
    site::{OpenSite, OperatorError, client_site, open_existing},
};
use crate::{clients, settings::Settings, words};

pub(super) async fn disable(
    site: &OpenSite<'_>,
    settings: &Settings,
    arguments: &Arguments,
) -> Result<(), OperatorError> {
    let person = site.person(&arguments.operands[0]).await?;
    let ended = site.operator.disable(&person.id).await.map_err(|error| site.database(error))?;
    // Also if the person was disabled before: the other site's sessions may have been unreachable then.
    let elsewhere = end_sessions(site.site, settings, &person.id).await?;
    let was = ended.is_none();
    let Ended { sessions, grants, requests } = ended.unwrap_or_default();
    let text = if was {
        format!("{} was already disabled.", called(&person))
    } else {
        format!(
            "Disabled {}. Ended: {}, {}, {}.",
            called(&person),
            many(sessions + elsewhere, "session"),
            many(grants, "grant"),
            many(requests as u64, "waiting request"),
        )
    };
    say(arguments, &text, || {
        json!({
            "person": person.id, "state": "disabled", "changed": !was, "sessions": sessions + elsewhere,
            "grants": grants, "requests": requests,
        })
    });
    Ok(())
}

pub(super) async fn enable(
    site: &OpenSite<'_>,
    settings: &Settings,
    arguments: &Arguments,
) -> Result<(), OperatorError> {
    let person = site.person(&arguments.operands[0]).await?;
    let shut_out = clients::shut_out(settings);
    let email = person.login.as_ref().or(person.email.as_ref()).map(|email| email.to_lowercase());
    if email.is_some_and(|email| shut_out.contains(&email)) {
        return Err(OperatorError::DemoPerson(called(&person)));
    }
    let changed = site.operator.enable(&person.id).await.map_err(|error| site.database(error))?;
    let text = if changed {
        format!("Enabled {}: they can log in again.", called(&person))
    } else {
        format!("{} wasn't disabled. Nothing was changed.", called(&person))
    };
    say(arguments, &text, || json!({ "person": person.id, "state": "active", "changed": changed }));
    Ok(())
}

pub(super) async fn revoke(site: &OpenSite<'_>, arguments: &Arguments) -> Result<(), OperatorError> {
    let failed = |error| site.database(error);
    let mut grants = Vec::new();
    if arguments.operands.is_empty() {
        grants = site.operator.grants(&site.grants_of(arguments).await?).await.map_err(failed)?;
    }
    // Checks that all of them exist before revoking any.
    for id in &arguments.operands {
        let of = Of { id: Some(id.clone()), revoked: true, ..Of::default() };
        let mut found = site.operator.grants(&of).await.map_err(failed)?;
        grants.push(found.pop().ok_or_else(|| OperatorError::NoGrant(id.clone(), site.site.title()))?);
    }
    let ended = site.operator.revoke(&grants).await.map_err(failed)?;
    let text = match (ended.grants, ended.requests) {
        (0, _) => "There was nothing to revoke.".to_owned(),
        (1, 0) => "Revoked 1 grant, with its tokens.".to_owned(),
        (grants, 0) => format!("Revoked {grants} grants, with their tokens."),
        (grants, requests) => {
            format!("Revoked {}, and denied {}.", many(grants, "grant"), many(requests as u64, "waiting request"))
        }
    };
    say(arguments, &text, || json!({ "grants": ended.grants, "requests": ended.requests }));
    Ok(())
}

/// Ends the person's sessions at the site that uses this login, if its database is in the same place.
async fn end_sessions(site: Site, settings: &Settings, person: &str) -> Result<u64, OperatorError> {
    let (name, instance, migrator) = client_site(site);
    let failed = |error| OperatorError::Database(name, error);
    let Some(db) = open_existing(settings, instance, migrator).await.map_err(failed)? else { return Ok(0) };
    let ended = log_out(site, &db, person).await.map_err(failed);
    db.close().await;
    ended
}

async fn log_out(site: Site, db: &Db, person: &str) -> Result<u64, sqlx::Error> {
    match site {
        Site::Identity => agent::log_out(db, person).await,
        Site::StockTrade => broker::log_out(db, person).await,
    }
}

/// How to name a person to the operator.
pub(super) fn called(person: &Listed) -> String {
    match &person.email {
        Some(email) => format!("{} ({})", columns::text(&json!(email)), person.id),
        None => person.id.clone(),
    }
}

pub(super) fn many(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn say(arguments: &Arguments, text: &str, json: impl FnOnce() -> Value) {
    if arguments.json { words::say(&json().to_string()) } else { words::say(text) }
}
