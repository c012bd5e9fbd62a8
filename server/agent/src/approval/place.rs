//! Steps 7 to 10: carries out an approved request. Before reporting that nothing was done, it asks the API. Crash
//! points here: `agent:5` and `agent:7`.

use foundation::{SecretString, crash, tr};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use shared::broker::{Order, OrderRequest, Orders, Status};

use super::state::{ApprovalError, Outcome};
use crate::{
    api::{self, ApiError},
    broker,
    identity::{IdentityError, vault},
    state::Agent,
    tools::{
        Caller, Prepared, Tool, access,
        configured::call,
        order::Detail::{self, StockOrder, StockOrderCancellation},
    },
};

/// The approved action: an order at StockTrade, by the agent's own types, or the call of a configured tool.
enum Target<'a> {
    Order(Detail),
    Tool(&'a Tool, details::Detail),
}

/// Steps 7 to 9: the vault exchange with the approval token, then the order; an API of the identity service takes the
/// approval token itself. A repetition returns the result of the first call. Before it reports that nothing was done,
/// it asks the API.
///
/// # Errors
/// See [`ApprovalError`].
pub async fn place(
    agent: &Agent,
    caller: &Caller,
    token: &SecretString,
    txn: &str,
    prepared: &Prepared,
) -> Result<Outcome, ApprovalError> {
    let refused = async |reason: String| {
        let outcome = Outcome::Refused { reason: reason.clone(), approved: true };
        not_placed(agent, caller, (txn, prepared), Some(&reason), outcome).await
    };
    let Some(target) = Target::of(agent, prepared) else {
        let reason = tr!(
            "What was approved is no longer set up here, so it could not be done.",
            "Was du freigegeben hast, ist hier nicht mehr eingerichtet."
        );
        return refused(reason.into()).await;
    };
    let (api, name) = (target.api(), agent.config.name_of(target.api()));
    let exchanged = match agent.config.connection_to(api) {
        Some(_) => vault::exchange_approval(agent, caller, api, token).await,
        None => Ok(token.clone()),
    };
    let token = match exchanged {
        Ok(token) => token,
        Err(IdentityError::Retry(message)) => return Err(ApprovalError::Retry(message)),
        Err(IdentityError::NotConnected) => {
            let reason = tr!(
                format!("{name} is no longer connected, so the approval could not be used."),
                format!("{name} ist nicht mehr verbunden, deshalb war die Freigabe nicht mehr nutzbar.")
            );
            return refused(reason).await;
        }
        Err(other) => return refused(other.text()).await,
    };
    crash::point("agent:5");
    let done = target.send(agent, txn, &token).await;
    crash::point("agent:7");
    match done {
        Ok(outcome) => Ok(outcome),
        // The token is short-lived: the next attempt gets a new one while the approval is active.
        Err(error) if error.is_trouble() || error.status() == Some(StatusCode::UNAUTHORIZED) => {
            Err(ApprovalError::Retry(error.to_string()))
        }
        Err(error) => refused(error.text()).await,
    }
}

/// Returns `outcome`, unless the API did it after all (step 10). `approved` (the reason, for the person): the person
/// had approved, so the API may have done it and the answer was lost. Then the outcome is unknown if the API can no
/// longer be asked, for example because the account was disconnected.
///
/// # Errors
/// If the API can't be asked right now: then the outcome stays open.
pub(super) async fn not_placed(
    agent: &Agent,
    caller: &Caller,
    (txn, prepared): (&str, &Prepared),
    approved: Option<&str>,
    outcome: Outcome,
) -> Result<Outcome, ApprovalError> {
    let cancels = matches!(prepared.order(), Some(StockOrderCancellation(_)));
    // Without an id no record can be found. An order is cancelled in other ways, too, than by this approval.
    let has_record = if cancels { approved.is_some() } else { !txn.is_empty() };
    let found = if has_record { find(agent, caller, txn, prepared).await } else { Ok(None) };
    match (found, approved) {
        (Ok(Some(found)), _) => Ok(found),
        (Err(ApprovalError::Final(_)), Some(why)) => {
            let tool = prepared.tool.as_deref().map(|tool| call::find(agent, tool).map_or(tool, |tool| &tool.api));
            let name = agent.config.name_of(tool.unwrap_or(broker::API));
            let unknown = match tool {
                Some(_) => tr!(
                    format!("{why} {name} can’t be asked any more whether it did it. Look there before you ask again."),
                    format!(
                        "{why} Ob {name} es ausgeführt hat, lässt sich nicht mehr abfragen. Sieh dort nach, bevor du noch einmal fragst."
                    )
                ),
                None => {
                    let has = if cancels {
                        tr!("cancelled the order", "den Auftrag storniert hat")
                    } else {
                        tr!("has the order", "den Auftrag hat")
                    };
                    tr!(
                        format!(
                            "{why} {name} can’t be asked any more whether it {has}. Look at your orders there before you ask again."
                        ),
                        format!(
                            "{why} Ob {name} {has}, lässt sich nicht mehr abfragen. Sieh dort in deinen Aufträgen nach, bevor du noch einmal fragst."
                        )
                    )
                }
            };
            Ok(Outcome::Unknown(unknown))
        }
        (Ok(None) | Err(ApprovalError::Final(_)), _) => Ok(outcome),
        (Err(error), _) => Err(error),
    }
}

/// Asks the API for the outcome of this approval, with all scopes that the caller has there.
async fn find(
    agent: &Agent,
    caller: &Caller,
    txn: &str,
    prepared: &Prepared,
) -> Result<Option<Outcome>, ApprovalError> {
    let target = Target::of(agent, prepared).ok_or_else(|| ApprovalError::Final("It can't be asked.".into()))?;
    let scopes = agent.config.api(target.api()).into_iter().flat_map(|api| api.scopes.keys());
    let scopes: Vec<_> = scopes.map(String::as_str).collect();
    let token = access::to_read(agent, caller, target.api(), &scopes).await?.access_token;
    Ok(target.look(agent, txn, &token).await?)
}

impl<'a> Target<'a> {
    /// `None` if the configuration no longer has it.
    fn of(agent: &'a Agent, prepared: &Prepared) -> Option<Self> {
        let Some(name) = &prepared.tool else {
            return agent.config.connection_to(broker::API).and(prepared.order()).map(Self::Order);
        };
        let tool = call::find(agent, name)?;
        Some(Self::Tool(tool, tool.reread(prepared)?))
    }

    /// The id of its API.
    fn api(&self) -> &'a str {
        match self {
            Self::Order(_) => broker::API,
            Self::Tool(tool, _) => &tool.api,
        }
    }

    /// Sends the order, or the tool's request.
    async fn send(&self, agent: &Agent, txn: &str, token: &SecretString) -> Result<Outcome, ApiError> {
        let request = match self {
            Self::Tool(tool, detail) => {
                let (receipt, data) = tool.send(agent, detail, txn, token).await?;
                return Ok(Outcome::Done { receipt, data });
            }
            Self::Order(StockOrder(order)) => {
                let (symbol, side, quantity) = (order.symbol.clone(), order.side, order.quantity);
                let order = OrderRequest { symbol, side, quantity, price: Some(order.limit) };
                broker::request(agent, Method::POST, &["orders"], &[], Some(token))?.json(&order)
            }
            Self::Order(StockOrderCancellation(cancel)) => {
                broker::request(agent, Method::DELETE, &["orders", cancel.order.as_str()], &[], Some(token))?
            }
        };
        broker::answer(agent, request).await.map(Outcome::of)
    }

    /// Reads the outcome from the API. A tool's answer must hold exactly one record, of this approval.
    async fn look(&self, agent: &Agent, txn: &str, token: &SecretString) -> Result<Option<Outcome>, ApiError> {
        Ok(match self {
            Self::Tool(tool, detail) => {
                let url = detail.receipt_url(txn).ok_or_else(|| tool.no_address(agent))?;
                let request = api::with(agent.http.client().get(url), token);
                let found: Option<Value> = api::found(agent, agent.config.name_of(&tool.api), request).await?;
                let read = |data| Some((detail.receipt(txn, &data)?, call::bounded(data)));
                found.and_then(read).map(|(receipt, data)| Outcome::Done { receipt, data })
            }
            Self::Order(StockOrder(_)) => {
                let Orders { orders } = broker::get(agent, &["orders"], &[("txn", txn)], Some(token)).await?;
                orders.into_iter().find(|order| order.placed_by.txn.as_deref() == Some(txn)).map(Outcome::of)
            }
            Self::Order(StockOrderCancellation(cancel)) => {
                let request =
                    broker::request(agent, Method::GET, &["orders", cancel.order.as_str()], &[], Some(token))?;
                let order: Option<Order> = api::found(agent, broker::name(agent), request).await?;
                order.filter(|order| order.status == Status::Cancelled).map(Outcome::of)
            }
        })
    }
}
