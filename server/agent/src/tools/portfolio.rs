//! `get_portfolio`, `get_portfolio_history`: the person's account.

use foundation::{lang, tr};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    broker::{Portfolio, Range},
    chat::View,
    scope,
};

use super::{
    access,
    answer::{Answer, Stop},
    caller::Caller,
    definition::Definition,
    input, output, schema, series,
};
use crate::{
    broker::{self, API},
    state::Agent,
};

const SCOPES: [&str; 1] = [scope::PORTFOLIO_READ];

/// The path of its history.
const HISTORY: [&str; 2] = ["portfolio", "history"];

/// Since when.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Past {
    /// How far back the history goes: "day", "week", "month" or "year". Without it: "day".
    #[serde(default, deserialize_with = "input::optional")]
    #[schemars(extend("enum" = ["day", "week", "month", "year"]))]
    range: Option<String>,
}

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
            "Returns how the total value of the person's account at {at} has changed over the last day, week, month or \
             year, in US dollars: lowest, highest, change in percent, and up to 24 points. Use it for questions about \
             gains and losses over time. The person sees it as a chart, so don't list the points. Needs the account to be \
             connected."
        ),
        input: schema::input::<Past>(),
        output: schema::output::<output::History>(),
        ..portfolio(at)
    }
}

pub(super) async fn portfolio_of(agent: &Agent, caller: &Caller, arguments: &str) -> Result<Answer, Stop> {
    let input::Nothing { .. } = input::parse(arguments)?;
    let token = access::token(agent, caller, API, &SCOPES).await?;
    let portfolio: Portfolio = broker::get(agent, &["portfolio"], &[], Some(&token)).await?;
    let month = series::beside(agent, caller, &HISTORY, Range::Month, Some(&token)).await;
    let positions = match portfolio.holdings.len() {
        0 => tr!("no positions", "keine Positionen").to_owned(),
        1 => tr!("1 position", "1 Position").to_owned(),
        many => tr!(format!("{many} positions"), format!("{many} Positionen")),
    };
    let [total, cash] = [portfolio.total_value, portfolio.cash_balance].map(|it| it.grouped_in(lang::current()));
    let summary = tr!(
        format!("{total} USD: {cash} USD in cash, {positions}"),
        format!("{total} USD: {cash} USD Guthaben, {positions}")
    );
    let output = output::json(&output::Portfolio::from(&portfolio));
    Ok(Answer { summary, output, view: Some(View::Portfolio { portfolio, month }) })
}

pub(super) async fn history_of(agent: &Agent, caller: &Caller, arguments: &str) -> Result<Answer, Stop> {
    let Past { range } = input::parse(arguments)?;
    let asked = series::range(range.as_deref())?;
    let token = access::token(agent, caller, API, &SCOPES).await?;
    let (ranges, history) = series::all(agent, caller, &HISTORY, asked, Some(&token)).await?;
    let output = output::History::of(&history, asked);
    let summary = match (history.points.last(), &output.change_percent) {
        (Some(last), Some(change)) => {
            let (value, change) = (last.value.grouped_in(lang::current()), lang::current().decimal(change));
            tr!(format!("{value} USD now ({change} %)"), format!("jetzt {value} USD ({change} %)"))
        }
        _ => tr!("No history yet", "Noch kein Verlauf").into(),
    };
    Ok(Answer { summary, output: output::json(&output), view: Some(View::Values { asked, ranges }) })
}
