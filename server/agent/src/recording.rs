//! Records requests whose person only the sender knows: to the model, and for public prices.

use reqwest::StatusCode;
use shared::recording::{Asked, Party};

use crate::{model::Fault, state::Agent};

/// Records a question to the model, without its text.
pub(crate) fn asked(agent: &Agent, fault: Option<&Fault>, began: i64, shape: Asked) {
    let status = match fault {
        None => StatusCode::OK,
        Some(Fault::Failed(status) | Fault::Refused(status)) => *status,
        Some(_) => return,
    };
    let at = ("POST", "/chat/completions");
    agent.recorder.sent(Party::Model, at, status.as_u16(), began, Some(shape));
}

/// Records a request to StockTrade that names nobody, so that StockTrade can't know whose it is. `failed`: with the
/// status, if there was an answer.
pub(crate) fn public(agent: &Agent, path: &[&str], failed: Option<Option<StatusCode>>, began: i64) {
    let Some(status) = failed.unwrap_or(Some(StatusCode::OK)) else { return };
    let path = format!("/api/{}", path.join("/"));
    agent.recorder.sent(Party::StockTrade, ("GET", &path), status.as_u16(), began, None);
}
