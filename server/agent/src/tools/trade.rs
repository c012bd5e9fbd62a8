//! `create_order`, `cancel_order`: prepared here, approved by the person, and placed by `approval.rs`. Calling these
//! tools changes nothing by itself (THREATS.md line 44).

use foundation::{lang, tr, typed};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    broker::{Order, Status, Stock},
    chat::{View, WORSE, Words},
    money::{Money, Side},
    scope,
};

use super::{
    access,
    answer::{Answer, Stop},
    caller::Caller,
    definition::Definition,
    input, market,
    order::{Currency, Detail, StockOrder, StockOrderCancellation},
    orders, output,
    prepared::Prepared,
    schema,
};
use crate::{
    broker::{self, API},
    state::Agent,
};

mod possible;
mod size;

/// Includes `trade:read`: before saying that an order wasn't placed, the agent asks the broker.
const SCOPES: [&str; 2] = [scope::TRADE_READ, scope::TRADE_WRITE];

/// An order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Create {
    /// The stock's symbol, such as "WAYNE".
    symbol: String,
    /// BUY or SELL.
    #[schemars(extend("enum" = ["BUY", "SELL"]))]
    side: String,
    /// The number of shares, a whole number from 1 to 10000. Leave it out if the person named only an amount of money.
    #[serde(default, deserialize_with = "input::written")]
    #[schemars(with = "Option<i64>", range(min = 1, max = 10_000))]
    quantity: Option<String>,
    /// The amount of the whole order in US dollars, such as "500.00": the most that a purchase may cost, or the least
    /// that a sale must bring. An amount that the person names is this total, unless they say that it is per share.
    /// Without a quantity, the order is for as many whole shares as the total pays for.
    #[serde(default, deserialize_with = "input::written")]
    #[schemars(with = "Option<String>")]
    total: Option<String>,
    /// The worst acceptable price per share in US dollars, above zero, such as "105.49". Give it only if the person
    /// named a price per share ("at 105.49", "105.49 each"), never for an amount of the whole order, which is the
    /// total. Without it, the limit follows from total and quantity, or is 2 % from the market price.
    #[serde(default, deserialize_with = "input::written")]
    #[schemars(with = "Option<String>")]
    limit: Option<String>,
    /// Why you ask for this, in one sentence. The person reads it on the approval page, marked as yours. At most 300
    /// characters.
    #[serde(default, deserialize_with = "input::optional")]
    reason: Option<String>,
}

/// An order to cancel.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Cancel {
    /// The order's id, as get_order_history returns it. It begins with "ord_".
    order: String,
    /// Why you ask for this, in one sentence. The person reads it on the approval page, marked as yours. At most 300
    /// characters.
    #[serde(default, deserialize_with = "input::optional")]
    reason: Option<String>,
}

pub(super) fn create(at: &str) -> Definition {
    Definition {
        name: "create_order".into(),
        title: "Place an order".into(),
        description: format!(
            "Prepares an order to buy or sell a stock at {at}, and asks the person to approve it on a page of their own. \
             Use it only when the person asks for the order. Needs the symbol, the side, and the quantity, the total in \
             US dollars, or both; the account must be connected. Nothing is placed until the person approves; the result \
             says what became of the order. An order that can't succeed now is refused without asking the person. One \
             call is one order: if the person wants several, call it once for each, and tell them about every part that \
             you leave out. If the person denies it, don't ask again unless they say so."
        ),
        input: schema::input::<Create>(),
        output: schema::output::<output::Order>(),
        api: Some(API.into()),
        scopes: SCOPES.map(str::to_owned).to_vec(),
        approval: true,
        read_only: false,
        destructive: true,
        idempotent: false,
    }
}

pub(super) fn cancel(at: &str) -> Definition {
    Definition {
        name: "cancel_order".into(),
        title: "Cancel an order".into(),
        description: format!(
            "Asks the person to approve the cancellation of one of their pending orders at {at}, on a page of their own. \
             Use it only when the person asks for it. Needs the order's id, which get_order_history has; the account must \
             be connected. Nothing is cancelled until the person approves; the result is the order as it is then. If the \
             person denies it, don't ask again unless they say so."
        ),
        input: schema::input::<Cancel>(),
        idempotent: true,
        ..create(at)
    }
}

pub(super) async fn prepare(agent: &Agent, caller: &Caller, arguments: &str) -> Result<Answer, Stop> {
    let wanted: Create = input::parse(arguments)?;
    let symbol = input::symbol(&wanted.symbol)?;
    let side = input::side(&wanted.side)?;
    let wrong = |what: &str, why: String| input::wrong(format!("{what}: {why}"));
    let size = size::Wanted {
        quantity: number(&wanted.quantity, typed::quantity).map_err(|why| wrong("quantity", why))?,
        total: number(&wanted.total, typed::amount).map_err(|why| wrong("total", why))?,
        limit: number(&wanted.limit, typed::limit).map_err(|why| wrong("limit", why))?,
    };
    if size.quantity.is_none() && size.total.is_none() {
        return Err(input::wrong(tr!(
            "Say how many shares (quantity), or how much money for the whole order (total).",
            "Nötig ist, wie viele Aktien (quantity), oder wie viel Geld für den ganzen Auftrag (total)."
        )));
    }
    // First, checks that the order is possible: nobody is asked to approve an order that can't be placed.
    let granted = access::granted(agent, caller, API, &SCOPES).await?;
    let stock = market::stock(agent, &symbol).await?;
    let size::Size { quantity, limit, beside } = size.settle(side, &stock).map_err(input::wrong)?;
    let order = StockOrder { symbol, side, quantity, limit, currency: Currency::Usd };
    possible::order(agent, &granted, &order, &stock).await?;
    let words = lang::in_each(|| Words {
        title: in_words(side, quantity, order.symbol.as_str()),
        facts: facts(agent, &order, &stock, beside),
        undone: tr!("Nothing was placed.", "Nichts wurde aufgegeben.").into(),
    });
    let names = vec![order.symbol.to_string(), stock.name];
    let agent_message = wanted.reason.as_deref().and_then(input::words);
    Err(prepared(Detail::StockOrder(order), words, agent_message, names))
}

fn number<T>(text: &Option<String>, read: fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    text.as_deref().map(read).transpose()
}

pub(super) async fn prepare_cancellation(agent: &Agent, caller: &Caller, arguments: &str) -> Result<Answer, Stop> {
    let wanted: Cancel = input::parse(arguments)?;
    let id = input::order(&wanted.order)?;
    let token = access::token(agent, caller, API, &SCOPES).await?;
    // This also shows whether the account is still connected.
    let order = orders::find(agent, &id, &token).await?;
    if order.status != Status::Pending {
        let line = orders::line(&order);
        return Err(input::wrong(tr!(
            format!("This order no longer waits, so there is nothing to cancel: {line}."),
            format!("Dieser Auftrag wartet nicht mehr, es gibt also nichts zu stornieren: {line}.")
        )));
    }
    let words = lang::in_each(|| {
        let what = in_words(order.side, order.quantity, order.symbol.as_str());
        Words {
            title: tr!(format!("Cancel: {what}"), format!("Stornieren: {what}")),
            facts: vec![
                (tr!("Order", "Auftrag").into(), id.as_str().to_owned()),
                (tr!("What it is", "Worum es geht").into(), what),
                ("Limit".into(), usd(order.limit.unwrap_or(order.price))),
                (tr!("Account", "Konto").into(), broker::name(agent).to_owned()),
            ],
            undone: tr!("Nothing was cancelled.", "Nichts wurde storniert.").into(),
        }
    });
    let mut names = vec![id.as_str().to_owned(), order.symbol.to_string()];
    // The person may refer to the order by its stock's name, too. If that can't be read, the other names suffice.
    names.extend(market::stock(agent, &order.symbol).await.ok().map(|stock| stock.name));
    let detail = Detail::StockOrderCancellation(StockOrderCancellation { order: id });
    let agent_message = wanted.reason.as_deref().and_then(input::words);
    Err(prepared(detail, words, agent_message, names))
}

/// Stops for the person's approval.
fn prepared(
    detail: Detail,
    [Words { title, facts, undone }, german]: [Words; 2],
    agent_message: Option<String>,
    names: Vec<String>,
) -> Stop {
    let (detail, german) = (output::json(&detail), Some(german));
    Stop::Approval(Box::new(Prepared {
        title,
        detail,
        facts,
        german,
        agent_message,
        names,
        undone,
        same: None,
        tool: None,
    }))
}

/// The facts of the approval request. `beside`: nobody named a limit, so it is 2 % from the market price.
fn facts(agent: &Agent, order: &StockOrder, stock: &Stock, beside: bool) -> Vec<(String, String)> {
    let (estimated, bound, worst, direction) = match order.side {
        Side::Buy => {
            tr!(("Estimated cost", "At most", "or less", "above"), ("Kosten etwa", "Höchstens", "oder weniger", "über"))
        }
        Side::Sell => tr!(
            ("Estimated proceeds", "At least", "or more", "below"),
            ("Erlös etwa", "Mindestens", "oder mehr", "unter")
        ),
    };
    let limit = usd(order.limit.money());
    let limit = if beside {
        tr!(
            format!("{limit} {worst} a share, 2\u{a0}% {direction} the market"),
            format!("{limit} {worst} je Stück, 2\u{a0}% {direction} dem Markt")
        )
    } else {
        tr!(format!("{limit} {worst} a share"), format!("{limit} {worst} je Stück"))
    };
    let about = usd(stock.price.times(order.quantity));
    let mut facts = vec![
        (tr!("Stock", "Aktie").into(), format!("{} ({})", stock.name, stock.symbol)),
        (tr!("Shares", "Stück").into(), order.quantity.to_string()),
        (tr!("Price now", "Preis jetzt").into(), usd(stock.price)),
        (estimated.into(), tr!(format!("about {about}"), about)),
        ("Limit".into(), limit),
        (bound.into(), usd(order.bound())),
        (tr!("Account", "Konto").into(), broker::name(agent).to_owned()),
    ];
    facts.extend(order.worse_than(stock.price).map(|words| (WORSE.into(), words)));
    facts
}

/// An order in a few words: `Buy 5 WAYNE`.
fn in_words(side: Side, quantity: shared::money::Quantity, symbol: &str) -> String {
    tr!(
        format!("{} {quantity} {symbol}", side.word()),
        format!("{quantity} {symbol} {}", if side == Side::Buy { "kaufen" } else { "verkaufen" })
    )
}

fn usd(amount: Money) -> String {
    format!("{} USD", amount.grouped_in(lang::current()))
}

/// The result of an approved order.
pub(super) fn placed(order: &Order) -> Answer {
    Answer {
        summary: orders::line(order),
        output: output::json(&output::Order::from(order)),
        view: Some(View::Orders { orders: vec![order.clone()] }),
    }
}
