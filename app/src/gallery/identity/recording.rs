//! The made-up pages of a person's recording.

use identity::page::{Frame, Named, Record, Recording, Shown, Token, View};
use serde_json::{Map, Value, json};
use shared::recording::Party;

use super::{MINUTE, NOW, frame};
use identity::page::Accent;

/// Name, frame and content of each page.
pub(super) fn all() -> Vec<(&'static str, Frame, View)> {
    let off = Recording {
        csrf_token: "csrf-token".into(),
        allowed: true,
        starts_here: true,
        until: None,
        elsewhere: None,
        workshop: "http://localhost:3000/workshop".into(),
        step: None,
        several: false,
        records: Vec::new(),
        now: NOW,
    };
    let on = Recording {
        until: Some(NOW + 90 * MINUTE),
        elsewhere: Some(("StockTrade".into(), "http://localhost:3002/recording".into())),
        step: Some(4),
        records: records(),
        ..off.clone()
    };
    let identity = || frame(Accent::Identity, Some("Alice"));
    vec![
        ("recording", identity(), View::Recording(on)),
        ("recording-empty", identity(), View::Recording(Recording { until: Some(NOW + MINUTE), ..off.clone() })),
        ("recording-off", identity(), View::Recording(off.clone())),
        ("recording-not-allowed", identity(), View::Recording(Recording { allowed: false, ..off.clone() })),
        (
            "recording-elsewhere",
            frame(Accent::Broker, Some("Alice")),
            View::Recording(Recording { starts_here: false, ..off }),
        ),
    ]
}

fn records() -> Vec<Record> {
    let token = Token {
        header: members(json!({ "alg": "ES256", "typ": "at+jwt" })),
        claims: members(json!({ "aud": "http://localhost:3001/me/", "sub": "usr_388c", "scope": "trace:shape" })),
        key: "G7Z0".into(),
    };
    let asked = vec![
        ("client_id", Shown::Whole("agent".into())),
        ("client_secret", Shown::Kept),
        ("client_notification_token", Shown::Short("vYaG… (43)".into())),
        ("authorization_details", Shown::Json(json!([{ "type": "stock_order", "symbol": "WAYNE", "quantity": 5 }]))),
    ];
    let keys = ("GET", "/.well-known/jwks.json", 200);
    vec![
        record(1, Party::You, keys, Vec::new(), Vec::new()),
        record(2, Party::Chat, ("POST", "/bc-authorize", 200), asked, vec![("access_token", Shown::Token(token))]),
        record(3, Party::Chat, ("POST", "/oauth/token", 400), Vec::new(), Vec::new()),
        record(4, Party::You, keys, Vec::new(), Vec::new()),
    ]
}

fn record(
    number: u32,
    from: Party,
    (method, path, status): (&str, &str, u16),
    asked: Vec<Named>,
    answered: Vec<Named>,
) -> Record {
    Record {
        number,
        at: NOW - 10_000 + i64::from(number),
        from,
        to: Party::Identity,
        method: method.into(),
        path: path.into(),
        status,
        ms: 3,
        trace: "0af7651916cd43dd8448eb211c80319c".into(),
        asked,
        answered,
        model: None,
    }
}

fn members(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
