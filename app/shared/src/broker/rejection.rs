//! StockTrade's reasons for rejecting an order: its API gives them in English, pages in the reader's language.

use crate::lang::Lang;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    AboveLimit,
    BelowLimit,
    Funds,
    Shares,
}

impl Rejection {
    const ALL: [Self; 4] = [Self::AboveLimit, Self::BelowLimit, Self::Funds, Self::Shares];

    /// The words that identify a reason in a text.
    pub fn words(self) -> &'static str {
        match self {
            Self::AboveLimit => "more than the limit",
            Self::BelowLimit => "less than the limit",
            Self::Funds => "Insufficient funds",
            Self::Shares => "Not enough shares",
        }
    }

    fn of(reason: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rejection| reason.contains(rejection.words()))
    }

    fn in_german(self) -> &'static str {
        match self {
            Self::AboveLimit => "Der Preis lag über deinem Limit.",
            Self::BelowLimit => "Der Preis lag unter deinem Limit.",
            Self::Funds => "Dein Guthaben reichte nicht.",
            Self::Shares => "Du hattest nicht genug Aktien.",
        }
    }
}

/// A reason in a language. An unknown one stays as it is.
pub fn reason_in(lang: Lang, reason: &str) -> String {
    let known = Rejection::of(reason).filter(|_| lang == Lang::De).map(Rejection::in_german);
    known.unwrap_or(reason).to_owned()
}
