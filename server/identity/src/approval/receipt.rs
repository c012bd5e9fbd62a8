//! The outcome of a used approval, according to the account's own API, for the page where the person approved: neither
//! the agent's claim nor a guess. Each view reads it again, with the vault's read-only token.

use std::{collections::HashMap, time::Duration};

use details::Detail;
use foundation::ExposeSecret;
use serde_json::Value;
use url::Url;

use super::requested::Requested;
use crate::{
    config::Connection,
    page::{Receipt, State},
    state::Identity,
    store::{approval, connected_account},
    vault::token,
};

/// How long a request's page waits for it.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the inbox waits for all of them.
const PATIENCE_OF_LIST: Duration = Duration::from_secs(1);
/// Of how many requests the inbox asks one by one, where their type has no list.
const ONE_BY_ONE: usize = 20;
/// An approval that was used a moment ago may still be on its way: for so long the page asks again by itself, in
/// milliseconds.
const ON_ITS_WAY: i64 = 30_000;

/// The receipt of a request in this state. The page works without it if it can't be read.
pub(super) async fn of(identity: &Identity, row: &approval::Row, detail: &Detail, state: State) -> Receipt {
    let connection = identity.config.connections.iter().find(|connection| connection.name == row.connection);
    let (State::Used, Some(connection), Some(_)) = (state, connection, &detail.kind().receipt) else {
        return Receipt::None;
    };
    match tokio::time::timeout(PATIENCE, read(identity, row, detail)).await {
        Ok(Some(outcome)) => came(outcome, detail, connection),
        _ if is_on_its_way(identity, row) => Receipt::OnItsWay,
        _ => Receipt::None,
    }
}

/// The receipts among these requests of one person, by the requests' ids: one question for all of a type where it has
/// a list. Those that can't be had are left out.
pub(super) async fn of_all(identity: &Identity, rows: &[approval::Row]) -> HashMap<String, Receipt> {
    let mut found = HashMap::new();
    for connection in &identity.config.connections {
        let used = rows.iter().filter(|row| row.connection == connection.name && row.used_at.is_some());
        let used: Vec<_> = used.filter_map(|row| Some((row, detail_of(identity, row)?))).collect();
        for kind in connection.types.iter().filter(|kind| kind.receipt.is_some()) {
            let of_kind: Vec<_> = used.iter().filter(|(_, detail)| detail.kind() == kind).collect();
            let Some((first, _)) = of_kind.first() else { continue };
            let list = kind.receipt.as_ref().and_then(|receipt| receipt.list());
            if let Some(url) = list {
                let asked = tokio::time::timeout(PATIENCE_OF_LIST, get(identity, first, url)).await;
                let Some(answer) = asked.ok().flatten() else { continue };
                for (row, detail) in of_kind {
                    let outcome = detail.outcome_in_list(&row.id, &answer);
                    found.extend(outcome.map(|outcome| (row.id.clone(), came(outcome, detail, connection))));
                }
                continue;
            }
            let one_by_one = async {
                for (row, detail) in of_kind.into_iter().take(ONE_BY_ONE) {
                    let outcome = read(identity, row, detail).await;
                    found.extend(outcome.map(|outcome| (row.id.clone(), came(outcome, detail, connection))));
                }
            };
            // Those that came in time are shown.
            let _ = tokio::time::timeout(PATIENCE_OF_LIST, one_by_one).await;
        }
        let has_receipt = |detail: &Detail| detail.kind().receipt.is_some();
        for (row, _) in used.iter().filter(|(row, detail)| has_receipt(detail) && is_on_its_way(identity, row)) {
            found.entry(row.id.clone()).or_insert(Receipt::OnItsWay);
        }
    }
    found
}

fn detail_of(identity: &Identity, row: &approval::Row) -> Option<Detail> {
    Requested::of(identity, row).ok()?.detail().cloned()
}

fn is_on_its_way(identity: &Identity, row: &approval::Row) -> bool {
    row.used_at.is_some_and(|at| at + ON_ITS_WAY > identity.clock.now())
}

fn came(outcome: details::Outcome, detail: &Detail, connection: &Connection) -> Receipt {
    let page = detail.kind().receipt.as_ref().and_then(|receipt| receipt.page());
    let page = page.map(|(label, url)| (format!("{label} at {}", connection.title), url.to_string()));
    Receipt::Came { says: outcome.says, short: outcome.short, page }
}

async fn read(identity: &Identity, row: &approval::Row, detail: &Detail) -> Option<details::Outcome> {
    detail.outcome(&row.id, &get(identity, row, detail.receipt_url(&row.id)?).await?)
}

/// What the account's API answers there, with the vault's token that reads.
async fn get(identity: &Identity, row: &approval::Row, url: Url) -> Option<Value> {
    let account = connected_account::of_person(identity.db.pool(), &row.person, &row.connection).await.ok()??;
    if account.id != row.account {
        return None;
    }
    let token = token::read(identity, &account, &account.scopes).await.ok()?.token;
    match identity.http.json(identity.http.client().get(url).bearer_auth(token.expose_secret())).await {
        Ok(answer) => Some(answer),
        Err(error) => {
            foundation::sparsely!(warn, %error, "an approval's outcome can't be read");
            None
        }
    }
}
