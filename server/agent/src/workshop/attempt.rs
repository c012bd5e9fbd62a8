//! A reader's attempts at things that must fail: their kinds, and the sites' real answers. Only the members listed here
//! are kept of an answer: no token, and no code.

use reqwest::{RequestBuilder, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::Error,
    state::Agent,
    store::workshop::{self, Attempt},
};

/// The longest text of an answer that is shown, in characters.
const SAYS: usize = 300;

/// The kinds of attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Step 3: an authorization code, used a second time.
    ReplayCode,
    /// Step 4: an order with a token that only reads.
    BuyWithReadingToken,
    /// Step 5: a token for `/mcp` at StockTrade.
    AppTokenElsewhere,
    /// Step 6: the approved order twice more, with one token.
    SameTokenAgain,
    /// Step 6: one share more than was approved.
    OtherQuantity,
    /// Step 6: the decision, from this server.
    ApproveAsAgent,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::ReplayCode,
        Self::BuyWithReadingToken,
        Self::AppTokenElsewhere,
        Self::SameTokenAgain,
        Self::OtherQuantity,
        Self::ApproveAsAgent,
    ];

    /// The stored word, which forms send.
    pub fn word(self) -> &'static str {
        match self {
            Self::ReplayCode => "replay_code",
            Self::BuyWithReadingToken => "buy_with_reading_token",
            Self::AppTokenElsewhere => "app_token_elsewhere",
            Self::SameTokenAgain => "same_token_again",
            Self::OtherQuantity => "other_quantity",
            Self::ApproveAsAgent => "approve_as_agent",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether the sites refused it with these answers, as the step promises.
    fn is_held(self, answers: &[Answer]) -> bool {
        let Some(last) = answers.last() else { return false };
        // The approval can no longer be used, so there is no token to try it with.
        let late = last.site == Asked::Identity && last.status == 400;
        match self {
            Self::ReplayCode => late,
            Self::BuyWithReadingToken => last.status == 403,
            Self::AppTokenElsewhere => last.status == 401,
            Self::SameTokenAgain => late || answers.iter().all(|it| it.status == 201 && it.says == last.says),
            Self::OtherQuantity => late || last.status == 403,
            Self::ApproveAsAgent => matches!(last.status, 401 | 403),
        }
    }
}

/// The site that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    Identity,
    StockTrade,
}

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub site: Asked,
    /// `POST /oauth/token`
    pub request: String,
    pub status: u16,
    /// The error in the site's words, or the order.
    pub says: String,
}

/// The latest attempt of a kind.
#[derive(Clone, Debug)]
pub struct Attempted {
    pub kind: Kind,
    pub answers: Vec<Answer>,
    /// Whether it failed, as it must.
    pub held: bool,
    pub at: i64,
}

/// Sends a request, and reads the members of its answer that are shown.
///
/// # Errors
/// When the site can't be reached, or fails.
pub(super) async fn send(agent: &Agent, site: Asked, what: &str, request: RequestBuilder) -> Result<Answer, Error> {
    let sent = agent.http.send(request).await.map_err(|error| Error::Unavailable(error.to_string()))?;
    let (status, _, body) = sent;
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Error::Unavailable(format!("{what} was answered with {status}. Nothing was changed; try again.")));
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let members: &[&str] = if status.is_success() { &["id", "status"] } else { &["error", "error_description"] };
    // A token's answer has neither member, an order's has both.
    let says: Vec<&str> = members.iter().filter_map(|member| body[*member].as_str()).collect();
    let says = says.join(": ").chars().take(SAYS).collect();
    Ok(Answer { site, request: what.into(), status: status.as_u16(), says })
}

/// Keeps the answers in the place of earlier ones.
pub(super) async fn keep(agent: &Agent, person: &str, kind: Kind, answers: &[Answer]) -> Result<(), Error> {
    let held = i64::from(kind.is_held(answers));
    let answers = serde_json::to_string(answers).unwrap_or_default();
    let tried = Attempt { what: kind.word().into(), held, answers, at: agent.clock.now() };
    Ok(workshop::attempted(agent.db.pool(), person, &tried).await?)
}

/// The person's attempts, one of each kind.
pub(super) async fn all(agent: &Agent, person: &str, since: i64) -> Result<Vec<Attempted>, sqlx::Error> {
    let read = |tried: Attempt| {
        let answers = serde_json::from_str(&tried.answers).unwrap_or_default();
        Some(Attempted { kind: Kind::of(&tried.what)?, answers, held: tried.held != 0, at: tried.at })
    };
    Ok(workshop::attempts(agent.db.pool(), person, since).await?.into_iter().filter_map(read).collect())
}
