//! Ends the accounts of connections that the configuration no longer has, or has with another provider.

use sqlx::AnyConnection;

use super::{
    gone::{Gone, Retired},
    rules::{Rules, split},
};
use crate::{
    config::Config,
    connection::removed::{Held, Left},
    store::{connect_session, connected_account, provider, upstream_token},
    vault::{client::Reach, stored},
};

/// Ends the accounts, in the caller's transaction.
pub(super) async fn run(
    db: &mut AnyConnection,
    rules: &Rules<'_>,
    retired: &mut Retired,
    now: i64,
) -> Result<(), sqlx::Error> {
    let mut gone = provider::current(&mut *db).await?;
    gone.retain(|row| !is_left(rules.config, row));
    for row in &gone {
        provider::remove(&mut *db, row, now).await?;
        let sessions = connect_session::take_of(&mut *db, &row.connection).await?.into_iter();
        retired.left.extend(sessions.map(|it| Left { provider: row.id.clone(), held_by: Held::Session(it) }));
    }
    for account in connected_account::all(&mut *db).await? {
        let provider = gone.iter().find(|row| row.connection == account.connection);
        let connection = rules.config.connections.iter().find(|it| it.name == account.connection);
        match connection {
            Some(connection) if provider.is_none() => {
                let allowed = connection.scopes.iter().map(|(scope, _)| scope.as_str()).collect();
                let (kept, cut) = split(&scopes(&account), &allowed);
                if cut.is_empty() {
                    continue;
                }
                let whole = connection.keeps_access_token();
                for scope in cut {
                    let gone = Gone::ConnectionScope { connection: account.connection.clone(), scope };
                    let ends = retired.ends.entry(gone).or_default();
                    ends.accounts += 1;
                    ends.revoked += u64::from(whole);
                }
                upstream_token::delete_of(&mut *db, &account.id).await?;
                if whole {
                    // The account's token has the removed scope, and can't be narrowed.
                    connected_account::take(&mut *db, &account.id, &account.person).await?;
                    retired.left.push(Left { provider: connection.name.clone(), held_by: Held::Account(account) });
                } else {
                    connected_account::narrow(&mut *db, &account.id, &kept.join(" ")).await?;
                }
            }
            _ => {
                upstream_token::delete_of(&mut *db, &account.id).await?;
                connected_account::take(&mut *db, &account.id, &account.person).await?;
                let name = account.connection.clone();
                let what = if connection.is_some() { Gone::Provider(name) } else { Gone::Connection(name) };
                let ends = retired.ends.entry(what).or_default();
                ends.accounts += 1;
                if let Some(row) = provider {
                    ends.revoked += 1;
                    retired.left.push(Left { provider: row.id.clone(), held_by: Held::Account(account) });
                }
            }
        }
    }
    Ok(())
}

/// Whether the configuration still has this connection, at this provider.
fn is_left(config: &Config, row: &provider::Row) -> bool {
    let connection = config.connections.iter().find(|it| it.name == row.connection);
    connection.is_some_and(|it| stored::reach(row).is_none_or(|reach| reach.is_same(&Reach::of(it))))
}

fn scopes(account: &connected_account::Row) -> Vec<String> {
    account.scopes.split_whitespace().map(str::to_owned).collect()
}
