//! `POST /ciba/ping`: the identity service says that a request was decided (OpenID Connect CIBA Core §10.2). It
//! decides nothing: what was decided is asked for at the identity service.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use foundation::{bearer::bearer, secret};

use crate::{error::Error, state::Agent, store};

/// Found by the token alone: a ping may come before the answer that names the request is stored. Unknown: 401.
/// Known: 204, as often as it comes.
pub(crate) async fn ping(State(agent): State<Agent>, headers: HeaderMap) -> Result<StatusCode, Error> {
    let Ok(token) = bearer(&headers) else { return Ok(StatusCode::UNAUTHORIZED) };
    if !store::approval::wake(agent.db.pool(), &secret::hash(token.token())).await? {
        return Ok(StatusCode::UNAUTHORIZED);
    }
    agent.approvals.queue.notify();
    Ok(StatusCode::NO_CONTENT)
}
