//! `get_portfolio`, `get_portfolio_history`: the person's account.

use shared::{
    broker::{History, Portfolio},
    chat::View,
    scope,
};

use super::{
    access,
    answer::{Answer, Stop},
    caller::Caller,
    definition::Definition,
    input, output, schema,
};
use crate::{
    broker::{self, API},
    state::Agent,
};

const SCOPES: [&str; 1] = [scope::PORTFOLIO_READ];

pub(super) fn portfolio(at: &str) -> Definition {
    Definition {
        name: "get_portfolio".into(),
        title: "Portfolio".into(),
        description: format!(
            "Returns the person's account at {at} in US dollars: cash, each position with its cost and current value, and \
             the total value. Use it for questions about what the person owns or can afford. Needs the account to be \
             connected. Takes no arguments."
        ),
        input: schema::input::<input::Nothing>(),
        output: schema::output::<output::Portfolio>(),
        api: Some(API.into()),
        scopes: SCOPES.map(str::to_owned).to_vec(),
        approval: false,
        read_only: true,
        destructive: false,
        idempotent: true,
    }
}

pub(super) fn history(at: &str) -> Definition {
    Definition {
        name: "get_portfolio_history".into(),
        title: "Portfolio history".into(),
        description: format!(
            "Returns how the total value of the person's account at {at} has changed, in US dollars: lowest, highest, \
             change in percent, and up to 24 points. Use it for questions about gains and losses over time. Needs the \
             account to be connected. Takes no arguments."
        ),
        output: schema::output::<output::History>(),
        ..portfolio(at)
    }
}

pub(super) async fn portfolio_of(agent: &Agent, caller: &Caller, arguments: &str) -> Result<Answer, Stop> {
    let input::Nothing { .. } = input::parse(arguments)?;
    let token = access::token(agent, caller, API, &SCOPES).await?;
    let portfolio: Portfolio = broker::get(agent, &["portfolio"], &[], Some(&token)).await?;
    let positions = match portfolio.holdings.len() {
        0 => "no positions".to_owned(),
        1 => "1 position".to_owned(),
        many => format!("{many} positions"),
    };
    let summary = format!(
        "{} USD: {} USD in cash, {positions}",
        portfolio.total_value.grouped(),
        portfolio.cash_balance.grouped()
    );
    let output = output::json(&output::Portfolio::from(&portfolio));
    Ok(Answer { summary, output, view: Some(View::Portfolio { portfolio }) })
}

pub(super) async fn history_of(agent: &Agent, caller: &Caller, arguments: &str) -> Result<Answer, Stop> {
    let input::Nothing { .. } = input::parse(arguments)?;
    let token = access::token(agent, caller, API, &SCOPES).await?;
    let history: History = broker::get(agent, &["portfolio", "history"], &[], Some(&token)).await?;
    let history_output = output::History::from(&history);
    let summary = match (history.points.last(), &history_output.change_percent) {
        (Some(last), Some(change)) => format!("{} USD now ({change} %)", last.value.grouped()),
        _ => "No history yet".into(),
    };
    Ok(Answer { summary, output: output::json(&history_output), view: None })
}
