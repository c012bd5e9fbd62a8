//! Building blocks of the identity service's made-up pages.

mod access;
mod consent;
mod recording;
mod tests;
mod variants;
pub(super) mod views;

use details::{Answer, Apis, Detail};
use foundation::tr;
use identity::page::{Accent, App, Approval, Consent, Frame, Receipt, Said, Sheet, State, View};
use serde_json::{Value, json};

use super::clock::{MINUTE, NOW};

fn frame(accent: Accent, person: Option<&str>) -> Frame {
    let identity = accent == Accent::Identity;
    Frame {
        site: if identity { "Mandate identity" } else { "StockTrade" }.into(),
        host: if identity { "localhost:3001" } else { "localhost:3002" }.into(),
        accent,
        person: person.map(str::to_owned),
        has_approvals: identity,
    }
}

/// A request of one of the program's own types.
fn detail(entry: &str) -> Detail {
    let text = include_str!("../../../server/src/config/builtin/stocktrade_api.toml");
    let types = Apis::parse(&text.replace("{broker}", "http://localhost:3002")).expect("types");
    let detail = types.iter().next().expect("an API").read_one(&format!("[{entry}]")).expect("a request");
    detail.in_language(tr!(details::Language::English, details::Language::German))
}

fn order(side: &str, quantity: u32, symbol: &str, limit: &str) -> Detail {
    detail(&format!(
        r#"{{"type":"stock_order","symbol":"{symbol}","side":"{side}","quantity":{quantity},"limit":"{limit}","currency":"USD"}}"#
    ))
}

/// StockTrade's answer about an approved order.
fn record(status: &str) -> Value {
    json!({ "orders": [{
        "placedBy": { "txn": "apr_1" }, "status": status, "price": "105.12", "amount": "525.60",
        "reason": "WAYNE costs 106.00 now, more than the limit of 105.49.",
    }] })
}

fn receipt(detail: &Detail, record: &Value) -> Receipt {
    let outcome = detail.outcome("apr_1", record).expect("one record");
    let page = Some(("Your orders at StockTrade".into(), "http://localhost:3002/orders".into()));
    Receipt::Came { says: outcome.says, short: outcome.short, page }
}

fn approval(id: &str, detail: &Detail, state: State) -> Approval {
    let waiting = state == State::Waiting;
    let kind = detail.kind();
    let has_facts = waiting && kind.has_facts();
    Approval {
        id: id.into(),
        title: detail.title(),
        noun: kind.noun.clone(),
        undone: kind.undone.clone(),
        message: None,
        handed_on: state == State::Used,
        may_approve: true,
        about: kind.about.clone(),
        bound: detail.bound(),
        sheet: if has_facts { with_facts(detail, "103.42") } else { detail.sheet(Answer::NotAsked) },
        digest: "5b0c".repeat(16),
        account: "StockTrade · Alice".into(),
        client: "Mandate chat".into(),
        through: None,
        app: "Mandate chat".into(),
        code: "K7 QD".into(),
        agent_message: Some("You asked me to buy five shares of Wayne in ‘Buy five shares of Wayne’.".into()),
        asked_at: NOW - 36_000,
        expires_at: if state == State::Expired { NOW - 20 * MINUTE } else { NOW + 204_000 },
        more_time: waiting,
        extended_at: None,
        state,
        receipt: if state == State::Used { receipt(detail, &record("FILLED")) } else { Receipt::None },
        said: if has_facts { Said::By { by: "StockTrade".into(), at: NOW } } else { Said::NotAsked },
        same: vec![],
        decided_at: (!waiting && state != State::Expired).then_some(NOW - 12_000),
        back: Some("http://localhost:3000/".into()),
    }
}

/// The request with StockTrade's facts about Wayne.
fn with_facts(detail: &Detail, price: &str) -> Sheet {
    detail.sheet(Answer::This(&json!({ "name": "Wayne Enterprises", "price": price })))
}

fn login(accent: Accent, error: Option<&str>) -> View {
    View::Login {
        csrf_token: "csrf-token".into(),
        request: "req_1&x".into(),
        email: if error.is_some() { "alice@example.com".into() } else { String::new() },
        error: error.map(str::to_owned),
        signup: accent == Accent::Broker,
        demo: vec!["alice@example.com".into(), "bob@example.com".into()],
        demo_password: "mandate-demo".into(),
        client: Some("Mandate identity".into()),
    }
}

fn consents(stranger: bool) -> View {
    View::Consent(Consent {
        api: None,
        csrf_token: "csrf-token".into(),
        request: "req_1".into(),
        client: if stranger { "Claude Code".into() } else { "Mandate identity".into() },
        unverified: stranger,
        redirect_host: if stranger { "127.0.0.1:51234".into() } else { "localhost:3001".into() },
        loopback: stranger,
        again: false,
        account: if stranger { "Mandate identity · Alice".into() } else { "StockTrade · Alice".into() },
        scopes: vec![
            "See your cash, positions and their value".into(),
            "See your orders".into(),
            "Prepare orders, which you approve one by one".into(),
        ],
        approved_at: Some("localhost:3001".into()),
    })
}

fn again() -> View {
    match consents(false) {
        View::Consent(consent) => View::Consent(Consent { again: true, approved_at: None, ..consent }),
        other => other,
    }
}

fn app(id: &str, name: &str, unverified: bool, host: &str) -> App {
    App {
        id: id.into(),
        name: name.into(),
        unverified,
        redirect_hosts: vec![host.into()],
        allowed_at: NOW - 3 * 24 * 60 * MINUTE,
        used_at: unverified.then_some(NOW - 5 * MINUTE),
        scopes: vec!["See your cash, positions and their value".into(), "See your orders".into()],
    }
}

fn apps(apps: Vec<App>, notice: Option<&str>) -> View {
    View::Apps { apps, csrf_token: "csrf-token".into(), now: NOW, waiting: 1, notice: notice.map(str::to_owned) }
}

fn one(approval: Approval, notice: Option<&str>) -> View {
    several(approval, vec![], &[], notice)
}

fn several(approval: Approval, together: Vec<Approval>, totals: &[&str], notice: Option<&str>) -> View {
    let (csrf_token, notice) = ("csrf-token".into(), notice.map(str::to_owned));
    let totals = totals.iter().map(|total| (*total).to_owned()).collect();
    View::Approval { approval, together, totals, csrf_token, now: NOW, notice }
}
