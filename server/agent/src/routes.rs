//! The only route table of the agent's site (its pages aside).

use axum::Router;

use crate::Agent;

pub(crate) fn all(_agent: &Agent) -> Router {
    Router::new()
}
