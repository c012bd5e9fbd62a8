//! The outcome of a used approval, according to its API, for the page where the person approved: neither the agent's
//! claim nor a guess. Each view reads it again: for an account with the vault's read-only token, at an API of this
//! service with a token of that approval without details.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use details::{Detail, Type};
use foundation::{ExposeSecret, SecretString, tr};
use serde_json::{Map, Value};
use url::Url;

use super::requested::Requested;
use crate::{
    page::Receipt,
    state::Identity,
    store::{self, approval, authorization_grant, connected_account, consent},
    token::issue::{self, AccessToken},
    vault::token,
};

/// Timeout for the receipt on a request's page.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Timeout for all receipts in the inbox.
const LIST_TIMEOUT: Duration = Duration::from_secs(1);
/// Maximum number of receipts that the inbox reads one by one, for a type without a list.
const ONE_BY_ONE: usize = 20;
/// How long the token for an API of this service is valid, in seconds.
const TOKEN_S: i64 = 60;
/// Time after its use during which an approval without a receipt counts as in progress, so the page keeps asking; in
/// milliseconds.
const ON_ITS_WAY: i64 = 30_000;

/// An API that reports outcomes: behind a connection, or of this service.
struct Source<'a> {
    title: &'a str,
    types: &'a [Arc<Type>],
    connection: &'a str,
    /// `None` behind a connection.
    audience: Option<&'a str>,
}

impl Source<'_> {
    fn all(identity: &Identity) -> impl Iterator<Item = Source<'_>> {
        let connections = identity.config.connections.iter().map(|it| Source {
            title: &it.title,
            types: &it.types,
            connection: &it.name,
            audience: None,
        });
        let apis = identity.apis.iter().map(|api| Source {
            title: &api.title,
            types: &api.types,
            connection: "",
            audience: Some(&api.audience),
        });
        connections.chain(apis)
    }

    fn has(&self, row: &approval::Row) -> bool {
        self.connection == row.connection && self.audience == row.audience.as_deref()
    }
}

/// When a request's token was handed on: when it was used or, at an API of this service, when the client redeemed the
/// approval.
pub(super) fn handed_on(row: &approval::Row) -> Option<i64> {
    row.used_at.or(row.redeemed_at.filter(|_| row.audience.is_some()))
}

/// The receipt of a request. The page works without it if it can't be read.
pub(super) async fn of(identity: &Identity, row: &approval::Row, detail: &Detail) -> Receipt {
    let source = Source::all(identity).find(|source| source.has(row));
    let (Some(_), Some(source), Some(_)) = (handed_on(row), source, &detail.kind().receipt) else {
        return Receipt::None;
    };
    match tokio::time::timeout(TIMEOUT, read(identity, row, detail)).await {
        Ok(Some(outcome)) => came(outcome, detail, source.title),
        _ if is_on_its_way(identity, row) => Receipt::OnItsWay,
        _ => Receipt::None,
    }
}

/// The receipts of one person's requests, by request id. A type with a list needs one call. Omits receipts that can't
/// be read.
pub(super) async fn of_all(identity: &Identity, rows: &[approval::Row]) -> HashMap<String, Receipt> {
    let mut found = HashMap::new();
    for source in Source::all(identity) {
        let used = rows.iter().filter(|row| source.has(row) && handed_on(row).is_some());
        let used: Vec<_> = used.filter_map(|row| Some((row, detail_of(identity, row)?))).collect();
        for kind in source.types.iter().filter(|kind| kind.receipt.is_some()) {
            let of_kind: Vec<_> = used.iter().filter(|(_, detail)| detail.kind() == kind).collect();
            let Some((first, _)) = of_kind.first() else { continue };
            let list = kind.receipt.as_ref().and_then(|receipt| receipt.list());
            if let Some(url) = list {
                let asked = tokio::time::timeout(LIST_TIMEOUT, get(identity, first, url)).await;
                let Some(answer) = asked.ok().flatten() else { continue };
                for (row, detail) in of_kind {
                    let outcome = detail.outcome_in_list(&row.id, &answer);
                    found.extend(outcome.map(|outcome| (row.id.clone(), came(outcome, detail, source.title))));
                }
                continue;
            }
            let one_by_one = async {
                for (row, detail) in of_kind.into_iter().take(ONE_BY_ONE) {
                    let outcome = read(identity, row, detail).await;
                    found.extend(outcome.map(|outcome| (row.id.clone(), came(outcome, detail, source.title))));
                }
            };
            // On a timeout, the receipts read so far are shown.
            let _ = tokio::time::timeout(LIST_TIMEOUT, one_by_one).await;
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
    handed_on(row).is_some_and(|at| at + ON_ITS_WAY > identity.clock.now())
}

fn came(outcome: details::Outcome, detail: &Detail, api: &str) -> Receipt {
    let page = detail.kind().receipt.as_ref().and_then(|receipt| receipt.page());
    let page =
        page.map(|(label, url)| (tr!(format!("{label} at {api}"), format!("{label} bei {api}")), url.to_string()));
    Receipt::Came { says: outcome.says, short: outcome.short, page }
}

/// The vault's read-only token.
async fn vaults_token(identity: &Identity, row: &approval::Row) -> Option<SecretString> {
    let account = connected_account::of_person(identity.db.pool(), &row.person, &row.connection).await.ok()??;
    if account.id != row.account {
        return None;
    }
    Some(token::read(identity, &account, &account.scopes).await.ok()?.token)
}

/// A short-lived token of the approval, like the client's but without the details, so it can only read. It has the
/// scope of the request and the API's scopes that the person has allowed the client, or for a caller at `/mcp`, granted
/// that caller.
async fn own_token(identity: &Identity, row: &approval::Row, audience: &str) -> Option<SecretString> {
    let api = identity.api(audience)?;
    let mut db = identity.db.pool().acquire().await.ok()?;
    let client = store::client::find(&mut db, &row.client, identity.clock.now()).await.ok()??;
    let given = match &row.caller_grant {
        Some(grant) => authorization_grant::find_active(&mut db, grant).await.ok()?.map_or(vec![], |it| it.scopes),
        None => consent::given(&mut db, &row.person, &row.client, audience).await.ok()?,
    };
    drop(db);
    let given = given
        .iter()
        .map(String::as_str)
        .filter(|scope| api.offers(scope) && client.scopes.iter().any(|it| it == scope));
    let scopes: BTreeSet<&str> = row.scope.split(' ').chain(given).collect();
    let scope = scopes.into_iter().collect::<Vec<_>>().join(" ");
    let mut extra = Map::new();
    extra.insert("txn".into(), row.id.as_str().into());
    let token =
        AccessToken { sub: &row.person, audience, client: &client, scope: &scope, ttl: TOKEN_S, grant: None, extra };
    Some(issue::access_token(identity, token).ok()?.into())
}

async fn read(identity: &Identity, row: &approval::Row, detail: &Detail) -> Option<details::Outcome> {
    detail.outcome(&row.id, &get(identity, row, detail.receipt_url(&row.id)?).await?)
}

/// The API's answer at this URL. `None` if it can't be read.
async fn get(identity: &Identity, row: &approval::Row, url: Url) -> Option<Value> {
    let token = match &row.audience {
        Some(audience) => own_token(identity, row, audience).await?,
        None => vaults_token(identity, row).await?,
    };
    match identity.http.json(identity.http.client().get(url).bearer_auth(token.expose_secret())).await {
        Ok(answer) => Some(answer),
        Err(error) => {
            foundation::sparsely!(warn, %error, "an approval's outcome can't be read");
            None
        }
    }
}
