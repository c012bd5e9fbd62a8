//! An order in a few words, and its state: the same on every page.

use foundation::tr;
use leptos::prelude::*;
use shared::{broker::Status, money::Side};

use super::pill::{Tone, pill};

/// `Buy 5 WAYNE`, `5 WAYNE kaufen`.
pub fn title(side: Side, quantity: impl std::fmt::Display, symbol: impl std::fmt::Display) -> String {
    tr!(
        format!("{} {quantity} {symbol}", side.word()),
        format!("{quantity} {symbol} {}", if side == Side::Buy { "kaufen" } else { "verkaufen" })
    )
}

pub fn state(status: Status) -> AnyView {
    match status {
        Status::Filled => pill(Tone::Good, tr!("Filled", "Ausgeführt")),
        Status::Pending => pill(Tone::Waiting, tr!("Waiting", "Wartet")),
        Status::Cancelled => pill(Tone::Quiet, tr!("Cancelled", "Storniert")),
        Status::Rejected => pill(Tone::Bad, tr!("Rejected", "Zurückgewiesen")),
    }
}
