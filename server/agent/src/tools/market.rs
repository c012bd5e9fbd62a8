//! `get_stock_price`, `get_stock_info`, `search_stocks`: the public market data.

use foundation::{lang, tr};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    broker::{Range, Stock, Stocks},
    chat::View,
    money::Symbol,
};

use super::{
    answer::{Answer, Stop},
    caller::Caller,
    definition::Definition,
    input, output, schema, series,
};
use crate::{
    api::ApiError,
    broker::{self, API},
    state::Agent,
};

/// Which stock.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// The stock's symbol, such as "WAYNE".
    symbol: String,
}

/// Which stock, and since when.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Past {
    /// The stock's symbol, such as "WAYNE".
    symbol: String,
    /// How far back the history goes: "day", "week", "month" or "year". Without it: "day".
    #[serde(default, deserialize_with = "input::optional")]
    #[schemars(extend("enum" = ["day", "week", "month", "year"]))]
    range: Option<String>,
}

/// What to look for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Search {
    /// Part of the name or symbol, in any case. Without it, all stocks are returned.
    #[serde(default, deserialize_with = "input::optional")]
    query: Option<String>,
}

/// A stock with its price's history.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Info {
    #[serde(flatten)]
    quote: output::Quote,
    history: output::History,
}

/// The stocks found.
#[derive(Serialize, JsonSchema)]
struct Found {
    stocks: Vec<output::Quote>,
}

/// A definition of a tool that reads public data and needs no scopes.
fn public(name: &str, title: &str, description: String) -> Definition {
    Definition {
        name: name.into(),
        title: title.into(),
        description,
        input: schema::input::<Which>(),
        output: schema::output::<output::Quote>(),
        api: Some(API.into()),
        scopes: Vec::new(),
        approval: false,
        read_only: true,
        destructive: false,
        idempotent: true,
    }
}

pub(super) fn price(at: &str) -> Definition {
    public(
        "get_stock_price",
        "Stock price",
        format!(
            "Returns the current price of one stock at {at} in US dollars, with the day's opening price and the change \
             in percent. Use it for a single price; get_stock_info also has the price's history. Needs the stock's \
             symbol, which search_stocks finds by name. Needs no login."
        ),
    )
}

pub(super) fn info(at: &str) -> Definition {
    Definition {
        input: schema::input::<Past>(),
        output: schema::output::<Info>(),
        ..public(
            "get_stock_info",
            "Stock details",
            format!(
                "Returns one stock at {at}: its name, its current price in US dollars, and its price history over the \
                 last day, week, month or year, with lowest, highest and change in percent. Use it for questions about how \
                 a price has moved. The person sees it as a chart, so don't list the points. Needs the stock's symbol, \
                 which search_stocks finds by name. Needs no login."
            ),
        )
    }
}

pub(super) fn search(at: &str) -> Definition {
    Definition {
        input: schema::input::<Search>(),
        output: schema::output::<Found>(),
        ..public(
            "search_stocks",
            "Find stocks",
            format!(
                "Finds stocks at {at} by part of their name or symbol, and returns each with its symbol and current price \
                 in US dollars. Use it to find a symbol, to compare stocks, or without a query to list all of them. Needs \
                 no login."
            ),
        )
    }
}

/// A stock at its current price.
pub(super) async fn stock(agent: &Agent, symbol: &Symbol) -> Result<Stock, Stop> {
    let found = broker::get(agent, &["stocks", symbol.as_str()], &[], None).await;
    found.map_err(|error| not_found(agent, error, symbol))
}

/// The path of its history.
fn history(symbol: &Symbol) -> [&str; 3] {
    ["stocks", symbol.as_str(), "history"]
}

fn not_found(agent: &Agent, error: ApiError, symbol: &Symbol) -> Stop {
    if error.is_not_found() {
        let at = broker::name(agent);
        input::wrong(tr!(
            format!("{at} has no stock {symbol}. search_stocks finds symbols by name."),
            format!("{at} hat keine Aktie {symbol}. search_stocks findet Symbole nach dem Namen.")
        ))
    } else {
        error.into()
    }
}

pub(super) async fn price_of(agent: &Agent, caller: &Caller, arguments: &str) -> Result<Answer, Stop> {
    let Which { symbol } = input::parse(arguments)?;
    let symbol = input::symbol(&symbol)?;
    let stock = stock(agent, &symbol).await?;
    let day = series::beside(agent, caller, &history(&symbol), Range::Day, None).await;
    let output = output::json(&output::Quote::from(&stock));
    Ok(Answer { summary: line(&stock), output, view: Some(View::Quote { stock, day }) })
}

pub(super) async fn info_of(agent: &Agent, caller: &Caller, arguments: &str) -> Result<Answer, Stop> {
    let Past { symbol, range } = input::parse(arguments)?;
    let (symbol, asked) = (input::symbol(&symbol)?, series::range(range.as_deref())?);
    let stock = stock(agent, &symbol).await?;
    let found = series::all(agent, caller, &history(&symbol), asked, None).await;
    let (ranges, past) = found.map_err(|error| not_found(agent, error, &symbol))?;
    let info = Info { quote: (&stock).into(), history: output::History::of(&past, asked) };
    Ok(Answer { summary: line(&stock), output: output::json(&info), view: Some(View::Prices { stock, asked, ranges }) })
}

pub(super) async fn search_for(agent: &Agent, arguments: &str) -> Result<Answer, Stop> {
    let Search { query } = input::parse(arguments)?;
    let query: String = query.unwrap_or_default().trim().chars().take(100).collect();
    let stocks = if query.is_empty() {
        broker::get::<Stocks>(agent, &["stocks"], &[], None).await
    } else {
        broker::get::<Stocks>(agent, &["stocks", "search"], &[("q", &query)], None).await
    };
    let Stocks { stocks } = stocks.map_err(Stop::from)?;
    let summary = match stocks.as_slice() {
        [] => tr!("No stocks found", "Keine Aktien gefunden").to_owned(),
        [one] => line(one),
        many => tr!(format!("{} stocks", many.len()), format!("{} Aktien", many.len())),
    };
    let found = Found { stocks: stocks.iter().map(Into::into).collect() };
    Ok(Answer { summary, output: output::json(&found), view: Some(View::Stocks { stocks }) })
}

/// `WAYNE · 103.42 USD (+0.84 %)`
fn line(stock: &Stock) -> String {
    let change = output::percent(stock.open.cents(), stock.price.cents());
    let price = stock.price.grouped_in(lang::current());
    format!("{} · {price} USD ({} %)", stock.symbol, lang::current().decimal(&change))
}
