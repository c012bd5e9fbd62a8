//! The states of an approval, and the contents of its row.

use foundation::{SecretString, tr};
use serde::{Deserialize, Serialize};
use shared::broker::{Order, Status};

use crate::{
    api::ApiError,
    identity::IdentityError,
    state::Agent,
    store::{self, approval::Approval, state::ApprovalState},
    tools::{Caller, Prepared},
};

/// The state of an approval.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    /// Stored; the identity service hasn't accepted it yet.
    Asking,
    /// The person is being asked.
    Waiting,
    /// The person approved it; it is being done.
    Approved,
    Over(Outcome),
}

/// The outcome of an approval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// The broker has the order.
    Placed(Order),
    /// A configured tool did it: the outcome in a few words, and the API's answer.
    Done {
        receipt: String,
        data: serde_json::Value,
    },
    /// It was approved, and the broker rejected the order.
    Rejected(Order),
    /// Nothing was done: the reason, for people, and whether the person had approved.
    Refused {
        reason: String,
        approved: bool,
    },
    /// Approved and perhaps done, but the API can't be asked. For people.
    Unknown(String),
    Denied,
    Expired,
    Withdrawn,
}

impl Outcome {
    pub(crate) fn of(order: Order) -> Self {
        if order.status == Status::Rejected { Self::Rejected(order) } else { Self::Placed(order) }
    }
}

impl State {
    /// Without the outcome's contents, as it is stored.
    fn kind(&self) -> ApprovalState {
        match self {
            Self::Asking => ApprovalState::Asking,
            Self::Waiting => ApprovalState::Waiting,
            Self::Approved => ApprovalState::Approved,
            Self::Over(Outcome::Placed(_) | Outcome::Done { .. }) => ApprovalState::Placed,
            Self::Over(Outcome::Rejected(_)) => ApprovalState::Rejected,
            Self::Over(Outcome::Refused { .. }) => ApprovalState::Refused,
            Self::Over(Outcome::Unknown(_)) => ApprovalState::Unknown,
            Self::Over(Outcome::Denied) => ApprovalState::Denied,
            Self::Over(Outcome::Expired) => ApprovalState::Expired,
            Self::Over(Outcome::Withdrawn) => ApprovalState::Withdrawn,
        }
    }
}

impl Approval {
    pub(crate) fn state(&self) -> State {
        match self.state {
            ApprovalState::Asking => State::Asking,
            ApprovalState::Waiting => State::Waiting,
            ApprovalState::Approved => State::Approved,
            _ => State::Over(self.outcome().unwrap_or_else(unreadable)),
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        serde_json::from_str(self.result.as_deref()?).ok()
    }

    /// Enters a state. The holder of the lease stores it.
    pub(crate) fn enter(&mut self, state: &State, now: i64) {
        self.state = state.kind();
        if let State::Over(outcome) = state {
            self.result = serde_json::to_string(outcome).ok();
            self.ended_at = Some(now);
            self.token = None;
            // If nobody was asked, the next call may ask.
            self.same = self.same.take().filter(|_| self.expires_at.is_some());
        }
    }

    /// The prepared request.
    pub(crate) fn prepared(&self) -> Option<Prepared> {
        serde_json::from_str(&self.prepared).ok()
    }

    /// The token that the ping carries.
    pub(crate) fn ping_token(&self, agent: &Agent) -> Option<SecretString> {
        open(agent, &ping_place(&self.id), Some(&self.ping_token))
    }

    /// The request's id at the identity service.
    pub(crate) fn request(&self, agent: &Agent) -> Option<SecretString> {
        open(agent, &request_place(&self.id), self.auth_req_id.as_deref())
    }

    /// The caller it asks for. If the caller is unknown by now, the identity service refuses.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn caller(&self, agent: &Agent) -> Result<Caller, sqlx::Error> {
        if let (Some(subject), Some(client)) = (&self.subject, &self.client) {
            let token = open(agent, &token_place(&self.id), self.token.as_deref());
            return Ok(token.map_or(Caller::Visitor, |token| Caller::Mcp {
                token,
                subject: subject.clone(),
                client: client.clone(),
                scopes: Vec::new(),
            }));
        }
        let person = self.person.as_deref().unwrap_or_default();
        Ok(Caller::of(store::person::find(agent.db.pool(), person).await?))
    }
}

/// The sealed secrets of a row are bound to the row and to the column. Two keep the names they had in the table `call`,
/// so that waiting requests survive the upgrade.
pub(super) fn ping_place(id: &str) -> String {
    format!("call.ping_token:{id}")
}

pub(super) fn request_place(id: &str) -> String {
    format!("call.auth_req_id:{id}")
}

pub(super) fn token_place(id: &str) -> String {
    format!("approval.token:{id}")
}

fn open(agent: &Agent, place: &str, sealed: Option<&str>) -> Option<SecretString> {
    agent.sealer.open(place, sealed?).ok().map(SecretString::from)
}

pub(super) fn unreadable() -> Outcome {
    let reason = tr!(
        "What was kept of this request can’t be read any more, so it was given up. Look at what was done before you ask \
         again.",
        "Was von dieser Anfrage gespeichert war, ist nicht mehr lesbar, deshalb wurde sie aufgegeben. Sieh nach, was \
         getan wurde, bevor du noch einmal fragst."
    );
    Outcome::Unknown(reason.into())
}

/// Why a step failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ApprovalError {
    /// The other side failed or can't be reached: the step may be repeated.
    #[error("{0}")]
    Retry(String),
    /// The other side refused: repeating changes nothing. For people.
    #[error("{0}")]
    Final(String),
}

impl From<IdentityError> for ApprovalError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Retry(message) => Self::Retry(message),
            other => Self::Final(other.text()),
        }
    }
}

impl From<ApiError> for ApprovalError {
    fn from(error: ApiError) -> Self {
        let message = error.text();
        match error {
            ApiError::Trouble { .. } => Self::Retry(message),
            ApiError::Refused { .. } => Self::Final(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An order may have been placed, so an unreadable outcome counts as unknown.
    #[test]
    fn unreadable_outcome_is_called_unknown() {
        for result in [None, Some("{\"Placed\":{\"of\":\"a later version\"}}".to_owned())] {
            let row = Approval { state: ApprovalState::Placed, result, ..Approval::default() };
            let State::Over(Outcome::Unknown(said)) = row.state() else { panic!("{:?}", row.state()) };
            assert!(said.contains("Look at what was done"), "{said}");
        }
    }
}
