//! `POST /ciba/ping`: the identity service says that a request was decided (OpenID Connect CIBA Core §10.2). It
//! decides nothing, it wakes: what was decided is asked for at the identity service.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use foundation::secret;

use crate::{error::Error, mcp, state::Agent, store, turn};

/// Found by the token alone: a ping may come before the answer that names the request is stored. Unknown: 401.
/// Known: 204, as often as it comes.
pub(crate) async fn ping(State(agent): State<Agent>, headers: HeaderMap) -> Result<StatusCode, Error> {
    let Some(token) = bearer(&headers) else { return Ok(StatusCode::UNAUTHORIZED) };
    if mcp::wake(&agent, token) {
        return Ok(StatusCode::NO_CONTENT);
    }
    let Some((call, turn)) = store::call::find_by_ping(agent.db.pool(), &secret::hash(token)).await? else {
        // A call at `/mcp` waits in memory alone.
        let known = mcp::wake(&agent, token);
        return Ok(if known { StatusCode::NO_CONTENT } else { StatusCode::UNAUTHORIZED });
    };
    let mut db = agent.db.begin().await?;
    store::turn::wake(&mut db, &turn).await?;
    store::call::poke(&mut db, &call).await?;
    db.commit().await?;
    turn::run(&agent, &turn);
    Ok(StatusCode::NO_CONTENT)
}

/// The bearer token of a request (RFC 6750 §2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
