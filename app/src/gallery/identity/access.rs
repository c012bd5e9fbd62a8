//! The made-up page of a request without details.

use identity::page::{Approval, Row, Said, Sheet, State, What};

use super::order;

/// A request without details: scopes, and the caller's message.
pub(super) fn approval() -> Approval {
    let row = |label: &str, words: &str| Row {
        label: label.into(),
        words: Some(words.into()),
        name: None,
        beside: None,
        what: What::Member,
        is_strong: label == "Allows",
    };
    let rows = vec![row("Allows", "Lend books"), row("Ends", "10 minutes after you approve it")];
    let message = "May I lend “Dune” to <b>Bob</b>?";
    Approval {
        title: "Access to Library".into(),
        noun: "request".into(),
        undone: "Nothing was done.".into(),
        message: Some(message.into()),
        code: message.into(),
        bound: None,
        sheet: Sheet { rows, ..Sheet::default() },
        account: "Library · library.example".into(),
        said: Said::NotAsked,
        ..super::approval("apr_7", &order("BUY", 5, "WAYNE", "105.49"), State::Waiting)
    }
}
