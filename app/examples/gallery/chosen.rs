//! Made-up data of the settings.

use agent::page::{Removal, Settings};

use super::{frame, now};

pub(crate) fn settings(person: bool) -> Settings {
    Settings {
        frame: frame(person),
        instructions: "Be brief. </textarea><b>Prices in EUR, too.</b>".into(),
        models: vec!["gpt-4.1-mini".into(), "gpt-4.1".into()],
        model: "gpt-4.1".into(),
        saved: person,
        now: now(),
    }
}

pub(crate) fn removal() -> Removal {
    Removal { frame: frame(true), chats: 12, waiting: 1, now: now() }
}
