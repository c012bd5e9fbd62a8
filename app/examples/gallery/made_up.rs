//! Made-up data for every page of the agent's site.

#[path = "chosen.rs"]
mod chosen;
#[path = "made_up/data.rs"]
mod data;
#[path = "made_up/edges.rs"]
mod edges;
#[path = "found.rs"]
mod found;

use std::time::{SystemTime, UNIX_EPOCH};

use agent::page::{Accounts, Chat, Frame, Next};
use shared::{
    broker::{Order, PlacedBy, Status, Stock},
    chat::{
        Approval, ApprovalState, Call, CallState, Card, CardBody, ConnectState, ConnectedAccount, Item, MoreTime,
        ThreadState, ThreadSummary, Transcript, View, Words,
    },
    money::{Money, Quantity, Side},
};

pub(crate) use chosen::{removal, settings};
pub(crate) use data::{data, line};
pub(crate) use edges::{chats, deleted, earlier, edit, keys, limited, long, versions, workshop};
pub(crate) use found::{begin, no_words, search};

const HOUR: i64 = 3_600_000;

pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or_default()
}

pub(crate) fn threads() -> Vec<ThreadSummary> {
    let thread = |id: &str, title: &str, age: i64, state| ThreadSummary {
        id: id.into(),
        title: title.into(),
        updated_at: now() - age,
        state,
    };
    vec![
        thread("live", "Buy 5 WAYNE", 0, ThreadState::Running),
        thread("waiting", "Buy five shares of Wayne", 60_000, ThreadState::Waiting),
        thread("data", "What is in my portfolio?", 2 * 60_000, ThreadState::Quiet),
        thread("cards", "Compare STARK and LEX", 25 * HOUR, ThreadState::Quiet),
        thread("orders", "Everything an order can become", 26 * HOUR, ThreadState::Quiet),
        thread(
            "troubles",
            "A title that is so long that it has no place in the sidebar",
            80 * HOUR,
            ThreadState::Quiet,
        ),
    ]
}

fn frame(person: bool) -> Frame {
    Frame {
        person: person.then(|| "Alice".into()),
        who: person.then(|| "alice".into()),
        email: person.then(|| "alice@example.com".into()),
        threads: if person { threads() } else { Vec::new() },
        waiting: i64::from(person),
        rehearsal: true,
        csrf_token: "csrf-token".into(),
        approvals: ("localhost:3001".into(), "http://localhost:3001/approvals".into()),
        orders: "http://localhost:3002/orders".into(),
    }
}

pub(crate) fn mcp(person: bool, app: Option<&str>) -> agent::page::Mcp {
    let app = app.map(|name| agent::page::McpApp { name: name.into(), first_at: now(), last_at: now() });
    agent::page::Mcp {
        frame: frame(person),
        address: "http://localhost:3000/mcp".into(),
        is_public: false,
        app,
        now: now(),
    }
}

fn chat(id: &str, items: Vec<Item>) -> Chat {
    let title = threads().into_iter().find(|thread| thread.id == id).map(|thread| thread.title).unwrap_or_default();
    let places = (1..).take(items.len()).collect();
    let transcript = Transcript { seq: 100, title, items, places, ..Transcript::default() };
    Chat {
        frame: frame(true),
        thread: Some(id.into()),
        transcript,
        deleted: None,
        suggestions: Vec::new(),
        next: Next::Nothing,
        notice: None,
        resume: false,
        now: now(),
    }
}

pub(crate) fn around() -> agent::page::Around {
    agent::page::Around { live: true, ..waiting().around() }
}

pub(crate) fn new_chat(person: bool) -> Chat {
    Chat { frame: frame(person), thread: None, transcript: Transcript::default(), ..chat("", Vec::new()) }
}

pub(crate) fn waiting() -> Chat {
    let approval = Approval { state: ApprovalState::Waiting, ..approval() };
    let mut page = chat(
        "waiting",
        vec![
            wrote("1", "What is WAYNE at, and can I afford five?"),
            quote(),
            text(
                "a",
                "<p>Wayne trades at <strong>103.42 USD</strong>, so five shares cost about <strong>517.10 USD</strong>. You have 10,000.00 USD in cash.</p>",
            ),
            wrote("2", "Buy 5 WAYNE"),
            text(
                "b",
                "<p>I’ve asked for your approval. Nothing is bought until you say so. Check that the code matches.</p>",
            ),
            card("order", CardBody::Approval(approval)),
        ],
    );
    page.transcript.seq = 100;
    page
}

pub(crate) fn cards() -> Chat {
    let scopes = || {
        ["See your cash, positions and their value", "See your orders", "Prepare orders, which you approve one by one"]
            .map(str::to_owned)
            .to_vec()
    };
    let connect = |state| CardBody::Connect {
        name: "StockTrade".into(),
        scopes: scopes(),
        german: [
            "Guthaben, Positionen und ihren Wert sehen",
            "Aufträge sehen",
            "Aufträge vorbereiten, die du einzeln freigibst",
        ]
        .map(str::to_owned)
        .to_vec(),
        href: "/accounts/connect".into(),
        state,
    };
    chat(
        "cards",
        vec![
            wrote("1", "Show my portfolio"),
            card("l", CardBody::Login { href: "/auth/login".into(), done: false }),
            card("l2", CardBody::Login { href: "/auth/login".into(), done: true }),
            card("c", connect(ConnectState::Waiting)),
            card("c2", connect(ConnectState::Done)),
            card("c3", connect(ConnectState::Given)),
        ],
    )
}

pub(crate) fn orders() -> Chat {
    let rejected = Order { status: Status::Rejected, reason: Some("Insufficient funds".into()), ..order() };
    let states = [
        ApprovalState::Asking,
        ApprovalState::Approved,
        ApprovalState::Placed { order: order() },
        ApprovalState::Placed { order: rejected },
        ApprovalState::Refused {
            reason: "the approval’s time ran out before the order was placed. Ask again.".into()
        },
        ApprovalState::Done { receipt: "2 of 3 rooms are booked.".into() },
        ApprovalState::Unknown { reason: "StockTrade is disconnected, so it can’t be asked.".into() },
        ApprovalState::Denied,
        ApprovalState::Expired,
        ApprovalState::Withdrawn,
    ];
    let mut items = vec![wrote("1", "Buy 5 WAYNE, again and again")];
    for (at, state) in states.into_iter().enumerate() {
        let code = if state == ApprovalState::Asking { String::new() } else { approval().code };
        let more_time = if at % 2 == 0 { MoreTime::Given } else { MoreTime::None };
        items.push(card(&at.to_string(), CardBody::Approval(Approval { state, code, more_time, ..approval() })));
    }
    chat("orders", items)
}

pub(crate) fn troubles() -> Chat {
    let failed = CallState::Failed {
        summary: "StockTrade can’t be reached. Try again in a moment.".into(),
        output: "{\n  \"error\": \"unavailable\"\n}".into(),
        ms: 10_012,
    };
    let mut page = chat(
        "troubles",
        vec![
            wrote(
                "1",
                "What is the price of WAYNE?\nAnd of everything else, please: I would like to know all there is to know about each of them, in one answer.",
            ),
            called("f", "get_stock_price", failed),
            Item::Text {
                turn: "a".into(),
                part: 0,
                html: "<p>I could not look that up.</p>".into(),
                tail: "It may help to".into(),
                blocks: vec!["<p>I could not look that up.</p>".into()],
            },
            Item::Failed {
                turn: "a".into(),
                message: "The answer was cut off at the model’s limit.".into(),
                retry: true,
                continues: true,
            },
            text(
                "r",
                "<details class=\"reasoning\"><summary>Reasoning</summary><p>They ask for a price. I look it up.</p></details>",
            ),
            text(
                "r2",
                "<div class=\"refusal\"><p><strong>The model refused to answer.</strong></p><p>I can’t help with that.</p></div>",
            ),
            Item::Failed {
                turn: "a2".into(),
                message: "The model asked for a tool that doesn’t exist.".into(),
                retry: false,
                continues: false,
            },
            Item::Cancelled { turn: "a3".into(), continues: false },
            wrote("2", "Who am I?"),
            called("w", "whoami", CallState::Running),
        ],
    );
    page.transcript.running = vec!["r".into()];
    page
}

pub(crate) fn accounts(count: usize) -> Accounts {
    let account = ConnectedAccount {
        id: "cac_1".into(),
        connection: "stocktrade".into(),
        name: "StockTrade".into(),
        account: Some("Alice".into()),
        scopes: ["See your cash, positions and their value", "See your orders", "Prepare orders"]
            .map(Into::into)
            .into(),
        connected_at: now() - 3 * HOUR,
    };
    let offer = ("StockTrade".to_owned(), account.scopes.clone(), "/accounts/connect".to_owned());
    Accounts {
        frame: frame(true),
        available: if count == 0 { vec![offer] } else { Vec::new() },
        accounts: vec![account; count],
        notice: (count > 0).then(|| "StockTrade is connected.".into()),
        back: None,
        unavailable: None,
        now: now(),
    }
}

pub(crate) fn accounts_unavailable() -> Accounts {
    let why = "Mandate identity can’t be reached, so your accounts can’t be shown. They are unchanged.".into();
    Accounts { unavailable: Some(why), available: Vec::new(), ..accounts(0) }
}

pub(crate) fn accounts_visitor() -> Accounts {
    Accounts { frame: frame(false), available: Vec::new(), ..accounts(0) }
}

pub(crate) fn approval() -> Approval {
    Approval {
        title: "Buy 5 WAYNE".into(),
        facts: [
            ("Shares", "5"),
            ("Estimated cost", "517.10 USD"),
            ("Limit", "105.49 USD a share"),
            ("At most", "527.45 USD"),
            ("From", "StockTrade · cash"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        undone: "Nothing was placed.".into(),
        german: Some(Box::new(german())),
        code: "K7 QD".into(),
        page: "http://localhost:3001/approvals/1".into(),
        asked_at: now() - 96_000,
        expires_at: now() + 204_000,
        more_time: MoreTime::Possible,
        state: ApprovalState::Waiting,
    }
}

fn german() -> Words {
    Words {
        title: "5 WAYNE kaufen".into(),
        facts: [
            ("Stück", "5"),
            ("Kosten etwa", "517,10 USD"),
            ("Limit", "105,49 USD oder weniger je Stück"),
            ("Höchstens", "527,45 USD"),
            ("Konto", "StockTrade"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        undone: "Nichts wurde aufgegeben.".into(),
    }
}

fn order() -> Order {
    Order {
        id: "ord_1".into(),
        symbol: "WAYNE".parse().expect("a symbol"),
        side: Side::Buy,
        quantity: Quantity::new(5).expect("a quantity"),
        price: money("103.42"),
        amount: Some(money("517.10")),
        limit: Some(money("105.49")),
        status: Status::Filled,
        reason: None,
        placed_by: PlacedBy {
            who: "agent".into(),
            name: Some("Mandate chat".into()),
            txn: Some("t".into()),
            code: Some("K7 QD".into()),
            approved_at: Some("2026-11-24T08:06:42Z".into()),
            asked_by: None,
        },
        cancelled_by: None,
        created_at: "2026-11-24T08:06:43Z".into(),
        updated_at: "2026-11-24T08:06:43Z".into(),
    }
}

pub(crate) fn stock() -> Stock {
    Stock {
        symbol: "WAYNE".parse().expect("a symbol"),
        name: "Wayne Enterprises".into(),
        sector: "Industry".into(),
        about: "Makes things.".into(),
        price: money("103.42"),
        open: money("102.60"),
        updated_at: "2026-11-24T08:06:43Z".into(),
    }
}

fn money(text: &str) -> Money {
    text.parse().expect("an amount")
}

fn wrote(id: &str, text: &str) -> Item {
    Item::Message { id: id.into(), text: text.into(), at: now() - 120_000 }
}

fn text(turn: &str, html: &str) -> Item {
    Item::Text { turn: turn.into(), part: 0, html: html.into(), tail: String::new(), blocks: vec![html.into()] }
}

fn card(call: &str, body: CardBody) -> Item {
    Item::Card(Card { turn: "t".into(), call: call.into(), body })
}

fn quote() -> Item {
    called("q", "get_stock_price", done("WAYNE: 103.42 USD", View::Quote { stock: stock(), day: line(24, 103) }))
}

pub(crate) fn done(summary: &str, view: View) -> CallState {
    CallState::Done {
        summary: summary.into(),
        output: "{\n  \"symbol\": \"WAYNE\",\n  \"price\": \"103.42\"\n}".into(),
        ms: 240,
        view: Some(view),
    }
}

fn called(call: &str, tool: &str, state: CallState) -> Item {
    Item::Call(Call {
        turn: "t".into(),
        call: call.into(),
        tool: tool.into(),
        input: "{\n  \"symbol\": \"WAYNE\"\n}".into(),
        state,
    })
}

/// An address that leads nowhere.
pub(crate) fn nothing(person: bool) -> axum::response::Response {
    app::agent::error_of(&agent::Error::NotFound, frame(person))
}
