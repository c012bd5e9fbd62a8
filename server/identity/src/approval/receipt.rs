//! The outcome of a used approval, according to the account's own API, for the page where the person approved: neither
//! the agent's claim nor a guess. Each view reads it again, with the vault's read-only token.

use std::{collections::HashMap, time::Duration};

use foundation::ExposeSecret;
use serde::de::DeserializeOwned;
use shared::{
    broker::{Order, Orders},
    details::Detail,
};
use url::Url;

use crate::{
    config::Receipts,
    page::{Receipt, State},
    state::Identity,
    store::{approval, connected_account},
    vault::token,
};

/// How long a request's page waits for it.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the inbox waits for all of them.
const PATIENCE_OF_LIST: Duration = Duration::from_secs(1);
/// A recently used approval may not be visible in the account yet: for this many milliseconds, the page asks again by
/// itself.
const ON_ITS_WAY: i64 = 30_000;

/// The receipt of a request in this state. The page works without it if it can't be read.
pub(super) async fn of(identity: &Identity, row: &approval::Row, detail: &Detail, state: State) -> Receipt {
    if state != State::Used {
        return Receipt::None;
    }
    let connection = identity.config.connections.iter().find(|connection| connection.name == row.connection);
    let Some((connection, receipts)) = connection.and_then(|it| Some((it, it.receipts.as_ref()?))) else {
        return Receipt::None;
    };
    match tokio::time::timeout(PATIENCE, read(identity, row, detail, receipts)).await {
        Ok(Some(order)) => {
            Receipt::Order { order: Box::new(order), at: connection.title.clone(), page: receipts.page.clone() }
        }
        _ if row.used_at.is_some_and(|at| at + ON_ITS_WAY > identity.clock.now()) => Receipt::OnItsWay,
        _ => Receipt::None,
    }
}

/// The receipts of these requests of one person, by request id, with one query for each account. Omits those that can't
/// be read.
pub(super) async fn of_all(identity: &Identity, rows: &[approval::Row]) -> HashMap<String, Receipt> {
    let mut found = HashMap::new();
    for connection in &identity.config.connections {
        let used = |row: &&approval::Row| row.connection == connection.name && row.used_at.is_some();
        let (Some(first), Some(receipts)) = (rows.iter().find(used), &connection.receipts) else { continue };
        let asked = tokio::time::timeout(PATIENCE_OF_LIST, list(identity, first, receipts)).await;
        for order in asked.ok().flatten().unwrap_or_default() {
            let Some(txn) = order.placed_by.txn.clone() else { continue };
            let (order, at, page) = (Box::new(order), connection.title.clone(), receipts.page.clone());
            found.insert(txn, Receipt::Order { order, at, page });
        }
        let since = identity.clock.now() - ON_ITS_WAY;
        for row in rows.iter().filter(used).filter(|row| row.used_at.is_some_and(|at| at > since)) {
            found.entry(row.id.clone()).or_insert(Receipt::OnItsWay);
        }
    }
    found
}

/// The newest orders of the person's account.
async fn list(identity: &Identity, row: &approval::Row, receipts: &Receipts) -> Option<Vec<Order>> {
    let account = connected_account::of_person(identity.db.pool(), &row.person, &row.connection).await.ok()??;
    let token = token::read(identity, &account, &account.scopes).await.ok()?.token;
    let Orders { orders } = get(identity, receipts.orders.parse().ok()?, token.expose_secret()).await?;
    Some(orders)
}

async fn read(identity: &Identity, row: &approval::Row, detail: &Detail, receipts: &Receipts) -> Option<Order> {
    let account = connected_account::of_person(identity.db.pool(), &row.person, &row.connection).await.ok()??;
    if account.id != row.account {
        return None;
    }
    let token = token::read(identity, &account, &account.scopes).await.ok()?.token;
    let mut url: Url = receipts.orders.parse().ok()?;
    match detail {
        Detail::StockOrder(_) => {
            url.query_pairs_mut().append_pair("txn", &row.id);
            let Orders { orders } = get(identity, url, token.expose_secret()).await?;
            orders.into_iter().find(|order| order.placed_by.txn.as_deref() == Some(&row.id))
        }
        Detail::StockOrderCancellation(cancellation) => {
            url.path_segments_mut().ok()?.push(cancellation.order.as_str());
            get(identity, url, token.expose_secret()).await
        }
    }
}

async fn get<T: DeserializeOwned>(identity: &Identity, url: Url, token: &str) -> Option<T> {
    match identity.http.json(identity.http.client().get(url).bearer_auth(token)).await {
        Ok(answer) => Some(answer),
        Err(error) => {
            foundation::sparsely!(warn, %error, "an approval's outcome can't be read");
            None
        }
    }
}
