//! A request for approval, ready to be sent.

use foundation::lang::{self, Lang};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::chat::Words;

use super::order::Detail;

/// A request that is ready to be sent. Stored with its approval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    /// The entry of `authorization_details`, with its `type`.
    pub detail: Value,
    /// `Buy 5 WAYNE`
    pub title: String,
    /// Labels and values for the chat's card, in display order, including the estimate.
    pub facts: Vec<(String, String)>,
    /// Title, facts and `undone` in German. `None` for those that were stored in one language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub german: Option<Words>,
    /// The agent's message for the approval page, at most 300 characters.
    pub agent_message: Option<String>,
    /// The names that people use for the thing: the stock's symbol and name, or the order's id.
    #[serde(default)]
    pub names: Vec<String>,
    /// The sentence for a request that had no effect: `Nothing was placed.`
    #[serde(default = "nothing_done")]
    pub undone: String,
    /// The key by which requests of a configured tool are compared ([`details::Detail::same`]). `None` in requests that
    /// were stored without it, which are compared by title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same: Option<String>,
    /// The configured tool that sends the request. `None` for an order at StockTrade.
    #[serde(default)]
    pub tool: Option<String>,
}

/// The default of [`Prepared::undone`], for requests that were stored without it.
pub(crate) fn nothing_done() -> String {
    shared::chat::NOTHING_DONE.into()
}

impl Prepared {
    /// The order or cancellation at StockTrade; `None` for a configured tool's request.
    pub fn order(&self) -> Option<Detail> {
        if self.tool.is_some() { None } else { serde_json::from_value(self.detail.clone()).ok() }
    }

    /// Its texts in the current language.
    pub(crate) fn words(&self) -> Words {
        let english = || Words { title: self.title.clone(), facts: self.facts.clone(), undone: self.undone.clone() };
        match (lang::current(), &self.german) {
            (Lang::De, Some(german)) => german.clone(),
            _ => english(),
        }
    }

    /// Puts a fact before the others.
    pub(crate) fn warn(&mut self, label: &str, said: impl Fn() -> String) {
        self.facts.insert(0, (label.to_owned(), lang::within(Lang::En, &said)));
        if let Some(german) = &mut self.german {
            german.facts.insert(0, (label.to_owned(), lang::within(Lang::De, &said)));
        }
    }

    /// The outcome of an approved and finished request, in words for the model.
    pub(crate) fn done(&self) -> &'static str {
        match self.order() {
            Some(Detail::StockOrder(_)) => "it was placed, once",
            Some(Detail::StockOrderCancellation(_)) => "the order was cancelled",
            None => "it was done, once",
        }
    }

    /// The thing asked for, ignoring the limit: a refusal at one limit covers all of them.
    pub fn what(&self) -> String {
        match self.order() {
            Some(order @ Detail::StockOrder(_)) => order.title(),
            Some(Detail::StockOrderCancellation(cancellation)) => format!("Cancel {}", cancellation.order.as_str()),
            None => self.same.clone().unwrap_or_else(|| self.title.clone()),
        }
    }
}
