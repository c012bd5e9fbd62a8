//! Ends what was granted for something that the configuration no longer has: a client, an API, a scope, a type, a
//! connection. Configuring it again restores nothing: the person is asked again.

mod accounts;
mod gone;
mod rules;

use std::collections::BTreeSet;

use sqlx::AnyConnection;

use crate::{
    approval::end,
    config::Config,
    store::{approval, approver, authorization_grant, client, consent, person},
};
pub use gone::{Ends, Gone, Retired};
use rules::{Rules, split};

/// Ends it, in the caller's transaction, and returns what ended.
///
/// # Errors
/// If the database fails.
pub async fn run(db: &mut AnyConnection, config: &Config, now: i64) -> Result<Retired, sqlx::Error> {
    let rules = Rules { config, apis: config.all_apis(), registered: client::registered(&mut *db).await? };
    let mut retired = Retired::default();
    for id in client::configured(&mut *db).await? {
        if !rules.is_configured(&id) {
            retired.ends.entry(Gone::Client(id)).or_default();
        }
    }
    grants(db, &rules, &mut retired, now).await?;
    consents(db, &rules, &mut retired).await?;
    requests(db, &rules, &mut retired, now).await?;
    accounts::run(db, &rules, &mut retired, now).await?;
    Ok(retired)
}

/// The people who have approved for an API and may no longer do so with this configuration: the API's name, and the
/// person's e-mail address or id.
///
/// # Errors
/// If the database fails.
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
                retired.ends.entry(gone).or_default().grants += 1;
            }
            Ok(allowed) => {
                let (kept, cut) = split(&grant.scopes, &allowed);
                if !cut.is_empty() {
                    authorization_grant::narrow(&mut *db, &grant.id, &kept).await?;
                }
                for scope in cut {
                    retired.ends.entry(Gone::Scope { client: grant.client.clone(), scope }).or_default().grants += 1;
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
                retired.ends.entry(gone).or_default().consents += 1;
            }
            Ok(allowed) => {
                let (kept, cut) = split(&given.scopes, &allowed);
                if !cut.is_empty() {
                    consent::narrow(&mut *db, &given, &kept).await?;
                }
                for scope in cut {
                    retired.ends.entry(Gone::Scope { client: given.client.clone(), scope }).or_default().consents += 1;
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
            retired.ends.entry(gone).or_default().requests += 1;
        }
    }
    Ok(())
}
