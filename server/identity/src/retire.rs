//! Ends what was granted for something that the configuration no longer has: a client, an API, a scope, a type, a
//! connection. Nothing comes back where it is configured again: the person is asked again.

mod gone;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AnyConnection;

use crate::{
    approval::end,
    authorize::audience::IDENTITY,
    config::Config,
    store::{approval, approver, authorization_grant, client, connected_account, consent, person, upstream_token},
};
pub use gone::{Ends, Gone};
use rules::Rules;

/// What is gone, and what ends with it.
pub type Retired = BTreeMap<Gone, Ends>;

/// Ends it, in the caller's transaction, and says what ended.
///
/// # Errors
/// Where the database fails.
pub async fn run(db: &mut AnyConnection, config: &Config, now: i64) -> Result<Retired, sqlx::Error> {
    let rules = Rules { config, apis: config.all_apis(), registered: client::registered(&mut *db).await? };
    let mut retired = Retired::new();
    for id in client::configured(&mut *db).await? {
        if !rules.is_configured(&id) {
            retired.entry(Gone::Client(id)).or_default();
        }
    }
    grants(db, &rules, &mut retired, now).await?;
    consents(db, &rules, &mut retired).await?;
    requests(db, &rules, &mut retired, now).await?;
    accounts(db, &rules, &mut retired).await?;
    Ok(retired)
}

/// The people who have approved for an API before, and may not with this configuration: by the API's name.
///
/// # Errors
/// Where the database fails.
pub async fn lost_approvers(
    db: &mut AnyConnection,
    config: &Config,
) -> Result<BTreeSet<(String, String)>, sqlx::Error> {
    let mut lost = BTreeSet::new();
    for (at, person) in approver::all(db).await? {
        if let Some((name, approvers)) = config.approvers(at.audience.as_deref(), &at.connection)
            && !approvers.include(&person)
        {
            lost.insert((name.to_owned(), person.email.unwrap_or(person.id)));
        }
    }
    Ok(lost)
}

async fn grants(db: &mut AnyConnection, rules: &Rules<'_>, retired: &mut Retired, now: i64) -> Result<(), sqlx::Error> {
    for grant in authorization_grant::active(&mut *db).await? {
        match rules.allowed(&grant.client, &grant.audience) {
            Err(gone) => {
                authorization_grant::revoke(&mut *db, &grant.id, now).await?;
                retired.entry(gone).or_default().grants += 1;
            }
            Ok(allowed) => {
                let (kept, cut) = split(&grant.scopes, &allowed);
                if !cut.is_empty() {
                    authorization_grant::narrow(&mut *db, &grant.id, &kept).await?;
                }
                for scope in cut {
                    retired.entry(Gone::Scope { client: grant.client.clone(), scope }).or_default().grants += 1;
                }
            }
        }
    }
    Ok(())
}

async fn consents(db: &mut AnyConnection, rules: &Rules<'_>, retired: &mut Retired) -> Result<(), sqlx::Error> {
    for given in consent::all(&mut *db).await? {
        match rules.allowed(&given.client, &given.audience) {
            Err(gone) => {
                consent::narrow(&mut *db, &given, &[]).await?;
                retired.entry(gone).or_default().consents += 1;
            }
            Ok(allowed) => {
                let (kept, cut) = split(&given.scopes, &allowed);
                if !cut.is_empty() {
                    consent::narrow(&mut *db, &given, &kept).await?;
                }
                for scope in cut {
                    retired.entry(Gone::Scope { client: given.client.clone(), scope }).or_default().consents += 1;
                }
            }
        }
    }
    Ok(())
}

async fn requests(
    db: &mut AnyConnection,
    rules: &Rules<'_>,
    retired: &mut Retired,
    now: i64,
) -> Result<(), sqlx::Error> {
    for row in approval::open(&mut *db, now).await? {
        let person = person::find(&mut *db, &row.person).await?;
        let gone = rules.gone_under(&row).or_else(|| rules.approver_gone(&row, person.as_ref()?));
        let Some(gone) = gone else { continue };
        if end::one(&mut *db, &row, now).await? {
            retired.entry(gone).or_default().requests += 1;
        }
    }
    Ok(())
}

async fn accounts(db: &mut AnyConnection, rules: &Rules<'_>, retired: &mut Retired) -> Result<(), sqlx::Error> {
    for account in connected_account::all(&mut *db).await? {
        let connection = rules.config.connections.iter().find(|connection| connection.name == account.connection);
        let Some(connection) = connection else {
            // Its provider isn't configured any more, so its grant can't be revoked there.
            upstream_token::delete_of(&mut *db, &account.id).await?;
            connected_account::take(&mut *db, &account.id, &account.person).await?;
            retired.entry(Gone::Connection(account.connection)).or_default().accounts += 1;
            continue;
        };
        let scopes: Vec<String> = account.scopes.split_whitespace().map(str::to_owned).collect();
        let allowed = connection.scopes.iter().map(|(scope, _)| scope.as_str()).collect();
        let (kept, cut) = split(&scopes, &allowed);
        if !cut.is_empty() {
            upstream_token::delete_of(&mut *db, &account.id).await?;
            connected_account::narrow(&mut *db, &account.id, &kept.join(" ")).await?;
        }
        for scope in cut {
            let gone = Gone::ConnectionScope { connection: account.connection.clone(), scope };
            retired.entry(gone).or_default().accounts += 1;
        }
    }
    Ok(())
}

/// The scopes that stay, and those that don't.
fn split(scopes: &[String], allowed: &BTreeSet<&str>) -> (Vec<String>, Vec<String>) {
    let stays = |scope: &&String| IDENTITY.contains(&scope.as_str()) || allowed.contains(scope.as_str());
    scopes.iter().cloned().partition(|scope| stays(&scope))
}
