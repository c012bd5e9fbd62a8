//! Checks the steps: each is done, lacks something, or is impossible here.

use super::{
    attempt::{Attempted, Kind},
    break_it,
    reader::{Person, Reader},
};
use crate::{
    broker,
    state::Agent,
    store::{approval::Approval, mcp_call, state::ApprovalState, workshop},
    tools::order::Detail,
};

/// Number of steps.
pub const STEPS: usize = 7;

/// The name of the workshop's own client at `/mcp`, which doesn't count as another client.
pub const CLIENT: &str = "Workshop page";

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// The state of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    Missing(Missing),
    Done {
        at: i64,
        /// The chat in which it happened.
        thread: Option<String>,
        /// The app that did it.
        app: Option<String>,
    },
    Impossible(Impossible),
}

/// The reason why a step isn't done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Login,
    /// No question in a chat without tools.
    BareAnswer,
    /// The model hasn't answered there yet.
    BareWaits,
    /// It failed, or was stopped.
    BareFailed,
    Price,
    /// The tool was called, but for an unknown stock.
    PriceFailed,
    WhoAmI,
    /// It was asked before the login, so the answer was that nobody is logged in.
    WhoAmIAsVisitor,
    Account,
    Portfolio,
    /// The portfolio was asked for, but couldn't be read.
    PortfolioFailed,
    /// The reading token hasn't been tried for buying.
    Attempt,
    /// It was tried, and StockTrade didn't refuse it as it should.
    AttemptNotRefused,
    McpCall,
    /// An app called, but not this tool.
    McpOtherCall,
    /// An app called, and there was no account to read.
    McpAccount,
    Order,
    OrderWaits,
    OrderDenied,
    OrderExpired,
    OrderWithdrawn,
    /// Approved, and StockTrade rejected it: too little cash, for example.
    OrderRejected,
    OrderEnded,
    OtherApp,
    /// An app is connected, and used no tool.
    OtherAppUnused,
    /// Only the workshop's own client used one.
    OtherAppOwn,
    /// The identity service doesn't answer, so it isn't known.
    Unknown,
}

/// The reason why a step can't be done here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impossible {
    /// The operator left StockTrade out.
    NoStockTrade,
    /// Apps that call from their own servers don't reach this machine.
    OnThisMachine,
}

/// Facts about a person that several checks need, read once.
pub(super) struct Known {
    /// Whether the vault holds a grant of the person at StockTrade, unless the identity service doesn't say.
    pub(super) connected: Option<bool>,
    /// In the chat, the newest first.
    pub(super) approvals: Vec<Approval>,
    pub(super) attempts: Vec<Attempted>,
}

/// The check of one step. Without a reader (no session yet), nothing has happened.
pub(super) async fn of(
    agent: &Agent,
    step: usize,
    reader: Option<&Reader>,
    known: &Known,
) -> Result<Check, sqlx::Error> {
    let stocktrade = agent.config.api(broker::API).is_some();
    if !stocktrade && !matches!(step, 1 | 3 | 7) {
        return Ok(Check::Impossible(Impossible::NoStockTrade));
    }
    match (step, reader) {
        (1, Some(reader)) => bare(agent, reader).await,
        (1, None) => Ok(Check::Missing(Missing::BareAnswer)),
        (2, Some(reader)) => price(agent, reader).await,
        (2, None) => Ok(Check::Missing(Missing::Price)),
        (_, reader) => match reader.and_then(|reader| Some((reader, reader.person.as_ref()?))) {
            None => Ok(match step {
                3 => visitor(agent, reader).await?,
                7 => other_app_missing(agent),
                _ => Check::Missing(Missing::Login),
            }),
            Some((reader, person)) => match step {
                3 => who_am_i(agent, reader).await,
                4 => portfolio(agent, reader, known).await,
                5 => over_mcp(agent, reader, person, known).await,
                6 => Ok(order(known)),
                _ => other_app(agent, reader, person).await,
            },
        },
    }
}

async fn bare(agent: &Agent, reader: &Reader) -> Result<Check, sqlx::Error> {
    let Some(turn) = workshop::bare_turn(agent.db.pool(), &reader.owner, reader.since).await? else {
        return Ok(Check::Missing(Missing::BareAnswer));
    };
    Ok(match turn.state.as_str() {
        "done" => done(turn.at, turn.thread),
        "running" | "waiting" => Check::Missing(Missing::BareWaits),
        _ => Check::Missing(Missing::BareFailed),
    })
}

async fn price(agent: &Agent, reader: &Reader) -> Result<Check, sqlx::Error> {
    let called = workshop::called(agent.db.pool(), &reader.owner, "get_stock_price", reader.since).await?;
    Ok(match called.iter().find(|call| is_ok(&call.answer)) {
        Some(call) => done(call.at, call.thread.clone()),
        None if called.is_empty() => Check::Missing(Missing::Price),
        None => Check::Missing(Missing::PriceFailed),
    })
}

async fn visitor(agent: &Agent, reader: Option<&Reader>) -> Result<Check, sqlx::Error> {
    let Some(reader) = reader else { return Ok(Check::Missing(Missing::Login)) };
    let called = workshop::called(agent.db.pool(), &reader.owner, "whoami", reader.since).await?;
    Ok(Check::Missing(if called.is_empty() { Missing::Login } else { Missing::WhoAmIAsVisitor }))
}

async fn who_am_i(agent: &Agent, reader: &Reader) -> Result<Check, sqlx::Error> {
    let called = workshop::called(agent.db.pool(), &reader.owner, "whoami", reader.since).await?;
    // The turn ran for the person: the identity service's id_token was accepted before it.
    Ok(match called.iter().find(|call| call.person.is_some() && is_ok(&call.answer)) {
        Some(call) => done(call.at, call.thread.clone()),
        None if called.is_empty() => Check::Missing(Missing::WhoAmI),
        None => Check::Missing(Missing::WhoAmIAsVisitor),
    })
}

async fn portfolio(agent: &Agent, reader: &Reader, known: &Known) -> Result<Check, sqlx::Error> {
    let pool = agent.db.pool();
    let called = workshop::called(pool, &reader.owner, "get_portfolio", reader.since).await?;
    let Some(read) = called.iter().find(|call| call.person.is_some() && is_ok(&call.answer)) else {
        return Ok(Check::Missing(match known.connected {
            Some(false) => Missing::Account,
            None => Missing::Unknown,
            Some(true) if called.is_empty() => Missing::Portfolio,
            Some(true) => Missing::PortfolioFailed,
        }));
    };
    let attempt = known.attempts.iter().find(|it| it.kind == Kind::BuyWithReadingToken);
    Ok(match (attempt, known.connected) {
        (_, None) => Check::Missing(Missing::Unknown),
        (_, Some(false)) => Check::Missing(Missing::Account),
        (None, Some(true)) => Check::Missing(Missing::Attempt),
        (Some(attempt), Some(true)) if attempt.held => done(attempt.at.max(read.at), read.thread.clone()),
        (Some(_), Some(true)) => Check::Missing(Missing::AttemptNotRefused),
    })
}

async fn over_mcp(agent: &Agent, reader: &Reader, person: &Person, known: &Known) -> Result<Check, sqlx::Error> {
    let pool = agent.db.pool();
    if let Some(call) = mcp_call::last(pool, &person.subject, "get_portfolio", reader.since).await? {
        let named = mcp_call::name(pool, &person.subject, &call.client).await?;
        return Ok(Check::Done { at: call.last_at, thread: None, app: Some(named.unwrap_or(call.client)) });
    }
    let any = mcp_call::last(pool, &person.subject, "", reader.since).await?;
    Ok(Check::Missing(match (any, known.connected) {
        (None, _) => Missing::McpCall,
        (Some(_), Some(false)) => Missing::McpAccount,
        (Some(_), _) => Missing::McpOtherCall,
    }))
}

fn order(known: &Known) -> Check {
    if let Some((placed, _)) = break_it::last_order(&known.approvals) {
        return done(placed.ended_at.unwrap_or(placed.asked_at), placed.asker.clone());
    }
    // A cancellation doesn't count as an order.
    let newest = known
        .approvals
        .iter()
        .find(|row| matches!(row.prepared().and_then(|prepared| prepared.order()), Some(Detail::StockOrder(_))));
    Check::Missing(match newest.map(|row| row.state) {
        None if known.connected == Some(false) => Missing::Account,
        None => Missing::Order,
        Some(ApprovalState::Asking | ApprovalState::Waiting | ApprovalState::Approved) => Missing::OrderWaits,
        Some(ApprovalState::Denied) => Missing::OrderDenied,
        Some(ApprovalState::Expired) => Missing::OrderExpired,
        Some(ApprovalState::Withdrawn) => Missing::OrderWithdrawn,
        Some(ApprovalState::Rejected) => Missing::OrderRejected,
        Some(ApprovalState::Placed | ApprovalState::Refused | ApprovalState::Unknown) => Missing::OrderEnded,
    })
}

async fn other_app(agent: &Agent, reader: &Reader, person: &Person) -> Result<Check, sqlx::Error> {
    let since = reader.since.max(agent.clock.now() - DAY);
    let pool = agent.db.pool();
    if let Some(call) = mcp_call::tools_of_others(pool, &person.subject, CLIENT, since).await? {
        return Ok(Check::Done { at: call.last_at, thread: None, app: Some(call.name.unwrap_or(call.client)) });
    }
    let apps = mcp_call::apps(pool, &person.subject).await?;
    let mut called = apps.iter().filter(|app| app.last_at >= since).peekable();
    let own = called.peek().is_some();
    Ok(match called.any(|app| app.name.as_deref() != Some(CLIENT)) {
        true => Check::Missing(Missing::OtherAppUnused),
        false if own && !agent.config.site.is_loopback() => Check::Missing(Missing::OtherAppOwn),
        false => other_app_missing(agent),
    })
}

fn other_app_missing(agent: &Agent) -> Check {
    if agent.config.site.is_loopback() {
        Check::Impossible(Impossible::OnThisMachine)
    } else {
        Check::Missing(Missing::OtherApp)
    }
}

fn done(at: i64, thread: String) -> Check {
    Check::Done { at, thread: Some(thread), app: None }
}

fn is_ok(answer: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(answer).is_ok_and(|answer| answer["status"] == "ok")
}
