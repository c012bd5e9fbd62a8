//! Pages of edge cases: a deleted chat, earlier messages, a nearly used-up limit, long names, steps of the workshop.

use std::collections::BTreeMap;

use agent::{
    page::{Chat, Chats, Edit, Keys, Next},
    workshop::{Check, Holds, Impossible, Missing, STEPS, Workshop},
};
use shared::{
    chat::{ApprovalState, CardBody, ConnectedAccount, Item, Version, View},
    recording::{Recording, Shape},
};

use super::{approval, called, card, chat, done, frame, new_chat, now, text, threads, waiting, wrote};

/// A long word without a place to break it.
const LONG: &str = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";

pub(crate) fn deleted() -> Chat {
    Chat { deleted: Some(("thr_1".into(), "Compare STARK and LEX".into())), ..new_chat(true) }
}

/// A page of earlier messages.
pub(crate) fn earlier() -> Chat {
    Chat { next: Next::Before(80), ..waiting() }
}

/// The day's limit is nearly used up, and there are suggestions.
pub(crate) fn limited() -> Chat {
    let suggestions =
        ["Show my portfolio", "Buy 5 WAYNE", "How has WAYNE performed this year?"].map(str::to_owned).into();
    let items = vec![wrote("1", "Hi"), text("a", "<p>Hello.</p>")];
    Chat { notice: Some("You have 1 message left today.".into()), suggestions, ..chat("cards", items) }
}

/// A message and its answer in several versions, and an answer that was stopped.
pub(crate) fn versions() -> Chat {
    let mut page = chat(
        "cards",
        vec![
            wrote("1", "Hello"),
            text("a", "<p>Hello to you.</p>"),
            Item::Done { turn: "a".into() },
            wrote("2", "And the others?"),
            Item::Cancelled { turn: "b".into(), continues: true },
        ],
    );
    let version = |key: &str, number, of| Version {
        key: key.into(),
        group: key.into(),
        number,
        of,
        before: (number > 1).then(|| "x".into()),
        after: (number < of).then(|| "y".into()),
    };
    page.transcript.versions = vec![version("m1", 2, 3), version("ea", 1, 2)];
    page
}

pub(crate) fn long() -> Chat {
    let columns = ["Account", "Holder", "Branch", "Opened", "Balance"].map(str::to_owned).to_vec();
    let row =
        |name: &str| [name, LONG, "Northern branch", "2026-11-24", "1,204,300.00 USD"].map(str::to_owned).to_vec();
    let table = View::Table { columns, rows: vec![row("ACC-1"), row("ACC-2")], more: 12 };
    let title = format!("Buy 10,000 {LONG}");
    let mut asked = super::Approval { title: title.clone(), state: ApprovalState::Waiting, ..approval() };
    asked.facts.push(("Asked before".into(), "You denied the same request".into()));
    asked.facts.push(("Recipient".into(), LONG.into()));
    asked.expires_at = now() + 45_000;
    let mut page = chat(
        "troubles",
        vec![
            wrote("1", LONG),
            called("t", "list_everything_that_this_configured_tool_can_find", done("14 rows", table)),
            text(
                "a",
                &format!("<p>{LONG}</p><ul><li><code>{LONG}</code></li></ul><pre><code>{LONG} {LONG}\n</code></pre>"),
            ),
            card("o", CardBody::Approval(asked)),
        ],
    );
    page.frame.person = Some(format!("Dr. Maximiliane {LONG}"));
    page.frame.waiting = 128;
    page.transcript.title = title;
    page
}

pub(crate) fn edit() -> Edit {
    Edit { frame: frame(true), thread: "cards".into(), title: "Compare STARK and LEX".into(), now: now() }
}

pub(crate) fn chats(some: bool) -> Chats {
    Chats { frame: frame(some), threads: if some { threads() } else { Vec::new() }, now: now() }
}

pub(crate) fn keys() -> Keys {
    Keys { frame: frame(true), now: now() }
}

/// A step of the workshop: for a visitor nothing is done, for a person most is.
pub(crate) fn workshop(step: usize, person: bool) -> Workshop {
    let did = |step| match step {
        2 => Check::Done { at: now() - 90_000, thread: Some("cards".into()), app: None },
        5 => Check::Done { at: now() - 60_000, thread: None, app: Some("Claude Code".into()) },
        7 => Check::Impossible(Impossible::OnThisMachine),
        _ => Check::Done { at: now() - 30_000, thread: None, app: None },
    };
    let missing = BTreeMap::from([(1, Missing::BareAnswer), (2, Missing::PriceFailed), (7, Missing::OtherApp)]);
    let open = |step| Check::Missing(missing.get(&step).copied().unwrap_or(Missing::Login));
    let checks = (1..=STEPS).map(|each| {
        if person && each == 6 {
            Check::Missing(Missing::OrderWaits)
        } else if person {
            did(each)
        } else {
            open(each)
        }
    });
    let holds = Holds { account: Some(account()), subject: Some("usr_388cfd8a".into()), order: false, asked: true };
    Workshop {
        frame: frame(person),
        step,
        checks: checks.collect(),
        holds: if person { holds } else { Holds::default() },
        attempts: Vec::new(),
        mcp: "http://localhost:3000/mcp".into(),
        identity: "http://localhost:3001".into(),
        stocktrade: Some("http://localhost:3002".into()),
        recording: person.then(|| match step {
            6 => recording(),
            // The operator left recording off.
            5 => Recording::default(),
            _ => Recording { allowed: true, ..Recording::default() },
        }),
        now: now(),
    }
}

/// A reader's own requests of step 6, each as its site recorded it. The last one isn't recorded yet.
fn recording() -> Recording {
    let steps = app::agent::workshop::recording::STEPS[5];
    let shape = |(at, number): (usize, u32)| Shape {
        site: steps[at].to,
        number,
        at: now() - 60_000 + i64::from(number) * 40,
        from: steps[at].from,
        to: steps[at].to,
        method: steps[at].method.into(),
        path: steps[at].path.into(),
        status: 200,
        ms: 7,
        trace: "4bf92f3577b34da6a3ce929d0e0e4736".into(),
        carries: true,
        model: None,
    };
    let records = (0..steps.len() - 1).zip(1..).map(shape).collect();
    Recording { allowed: true, until: Some(now() + 5_400_000), records }
}

fn account() -> ConnectedAccount {
    ConnectedAccount {
        id: "cac_1".into(),
        connection: "stocktrade".into(),
        name: "StockTrade".into(),
        account: Some("Alice".into()),
        scopes: vec!["See your orders".into()],
        connected_at: now() - 90_000,
    }
}
