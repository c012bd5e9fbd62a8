//! `POST /ciba/ping`: the identity service announces a decision (OpenID Connect CIBA Core §10.2). The ping decides
//! nothing: the agent asks the identity service for the decision.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use foundation::{bearer::bearer, secret, trace};

use crate::{error::Error, state::Agent, store};

/// Finds the request by the token alone, since a ping may arrive before the answer that names the request is stored.
/// Unknown: 401. Known: 204, however often it arrives.
pub(crate) async fn ping(State(agent): State<Agent>, headers: HeaderMap) -> Result<StatusCode, Error> {
    let Ok(token) = bearer(&headers) else { return Ok(StatusCode::UNAUTHORIZED) };
    let Some(person) = store::approval::wake(agent.db.pool(), &secret::hash(token.token())).await? else {
        return Ok(StatusCode::UNAUTHORIZED);
    };
    trace::person(&person);
    agent.approvals.queue.notify();
    Ok(StatusCode::NO_CONTENT)
}
