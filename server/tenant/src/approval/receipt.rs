//! What came of an approval that was used, as the account's own API says, so that the page where a person approved
//! can tell it: neither the agent's word nor a guess. Read anew at each look, with the vault's token that reads.

use std::time::Duration;

use base::ExposeSecret;
use serde::de::DeserializeOwned;
use url::Url;
use wire::{
    broker::{Order, Orders},
    details::Detail,
};

use crate::{
    Tenant,
    config::Receipts,
    page::{Receipt, State},
    store::{approval, connected_account},
    vault,
};

/// How long the page waits for it.
const PATIENCE: Duration = Duration::from_secs(2);
/// An approval that was used a moment ago may still be on its way: for so long the page asks again by itself, in
/// milliseconds.
const ON_ITS_WAY: i64 = 30_000;

/// The receipt of a request in this state. Where it can't be had, the page does without.
pub(super) async fn of(tenant: &Tenant, row: &approval::Row, detail: &Detail, state: State) -> Receipt {
    if state != State::Used {
        return Receipt::None;
    }
    let connection = tenant.config.connections.iter().find(|connection| connection.name == row.connection);
    let Some((connection, receipts)) = connection.and_then(|it| Some((it, it.receipts.as_ref()?))) else {
        return Receipt::None;
    };
    match tokio::time::timeout(PATIENCE, read(tenant, row, detail, receipts)).await {
        Ok(Some(order)) => {
            Receipt::Order { order: Box::new(order), at: connection.title.clone(), page: receipts.page.clone() }
        }
        _ if row.used_at.is_some_and(|at| at + ON_ITS_WAY > tenant.clock.now()) => Receipt::OnItsWay,
        _ => Receipt::None,
    }
}

async fn read(tenant: &Tenant, row: &approval::Row, detail: &Detail, receipts: &Receipts) -> Option<Order> {
    let account = connected_account::of_person(tenant.db.pool(), &row.person, &row.connection).await.ok()??;
    if account.id != row.account {
        return None;
    }
    let token = vault::read_token(tenant, &account, &account.scopes).await.ok()?.token;
    let mut url: Url = receipts.orders.parse().ok()?;
    match detail {
        Detail::StockOrder(_) => {
            url.query_pairs_mut().append_pair("txn", &row.id);
            let Orders { orders } = get(tenant, url, token.expose_secret()).await?;
            orders.into_iter().find(|order| order.placed_by.txn.as_deref() == Some(&row.id))
        }
        Detail::StockOrderCancellation(cancellation) => {
            url.path_segments_mut().ok()?.push(cancellation.order.as_str());
            get(tenant, url, token.expose_secret()).await
        }
    }
}

async fn get<T: DeserializeOwned>(tenant: &Tenant, url: Url, token: &str) -> Option<T> {
    match tenant.http.json(tenant.http.client().get(url).bearer_auth(token)).await {
        Ok(answer) => Some(answer),
        Err(error) => {
            base::sparsely!(warn, %error, "what came of an approval can't be read");
            None
        }
    }
}
