//! The configuration file's tables that register APIs and types, as written. [`crate::api`], [`crate::types`] and
//! [`crate::member`] check their meaning.

use std::{collections::BTreeMap, ops::Range};

use serde::Deserialize;
use toml::Spanned;

use crate::by_choice::ByTable;

/// A mistake in a file, with the byte range of the faulty table's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Wrong {
    pub at: Range<usize>,
    pub message: String,
}

impl Wrong {
    pub(crate) fn of(name: &Spanned<String>, message: impl Into<String>) -> Self {
        Self { at: name.span(), message: message.into() }
    }
}

/// `[[api]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiTable {
    pub id: Spanned<String>,
    /// The name that people see. Default: the id.
    pub name: Option<String>,
    pub audience: String,
    /// The API's base URL. Its types' URLs must lie below it.
    pub url: String,
    /// Each scope, with words for the consent page.
    #[serde(default)]
    pub scopes: BTreeMap<String, String>,
    #[serde(default, rename = "type")]
    pub types: Vec<TypeTable>,
    /// The texts of scopes and types in other languages, by the language's tag and the original text.
    #[serde(default)]
    pub words: BTreeMap<String, BTreeMap<String, String>>,
}

/// `[[api.type]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeTable {
    pub name: Spanned<String>,
    pub scope: String,
    pub title: String,
    /// The noun for a request: `order`.
    pub noun: Option<String>,
    /// The sentence for a request that had no effect: `Nothing was placed.`
    pub undone: Option<String>,
    /// A sentence about what happens, if the members don't say it.
    pub about: Option<String>,
    /// The members by which two requests count as the same. Default: all.
    #[serde(default)]
    pub same: Vec<String>,
    pub amount: Option<AmountTable>,
    pub receipt: Option<ReceiptTable>,
    pub facts: Option<FactsTable>,
    #[serde(default, rename = "member")]
    pub members: Vec<MemberTable>,
    pub mandate: Option<MandateTable>,
}

/// `amount`: a member or the product of several, and the member that names the currency.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmountTable {
    pub member: Option<String>,
    pub product: Option<Vec<String>>,
    pub currency: String,
    /// `at most`, if the amount is a bound.
    pub bound: Option<ByTable>,
}

/// `receipt`: where to read the outcome of an approval.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptTable {
    pub url: String,
    pub title: String,
    /// The JSON pointer to the records in the answer. Default: the whole answer.
    pub records: Option<String>,
    /// The JSON pointer to the approval's id in a record.
    pub approval: Option<String>,
    /// The URL of the newest records: one call for the receipts of many approvals.
    pub list: Option<String>,
    /// The page where people read the receipt.
    pub page: Option<PageTable>,
    /// The JSON pointer to a record's state.
    pub state: Option<String>,
    #[serde(default, rename = "outcome")]
    pub outcomes: Vec<OutcomeTable>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageTable {
    pub label: String,
    pub url: String,
}

/// `[[api.type.receipt.outcome]]`: the words for records of a state, instead of `title`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeTable {
    pub is: String,
    pub says: ByTable,
    /// Shorter words for a list.
    pub short: Option<ByTable>,
}

/// `facts`: the API's own facts about the request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactsTable {
    pub url: String,
    /// Labels with JSON pointers.
    pub show: BTreeMap<String, String>,
    /// Members whose value a fact names, each with that fact's label.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    pub compare: Option<CompareTable>,
}

/// `compare` of `facts`: compares a number of the request with a fact.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareTable {
    pub fact: String,
    pub member: String,
    /// `above` or `below`: the side of the fact on which the member is worse for the person.
    pub worse: ByTable,
    /// The warning if it is more than 10 % worse. `{fact}` is the API's value.
    pub warning: ByTable,
}

/// `[[api.type.member]]`. The kind decides which keys it may have.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberTable {
    pub name: Spanned<String>,
    pub kind: String,
    pub label: Option<ByTable>,
    pub unit: Option<String>,
    pub words: Option<BTreeMap<String, String>>,
    pub prefix: Option<String>,
    pub letters: Option<String>,
    pub length: Option<[usize; 2]>,
    pub range: Option<[toml::Value; 2]>,
    pub places: Option<u8>,
    pub after: Option<String>,
    pub most_days_after: Option<DaysAfterTable>,
    pub value: Option<String>,
    pub mandate: Option<ByTable>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaysAfterTable {
    pub member: String,
    pub days: u16,
}

/// `[api.type.mandate]`: the limits that a mandate of this type may have.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MandateTable {
    pub name: String,
    pub total: Option<BoundTable>,
    pub each: Option<BoundTable>,
    pub count: Option<CountTable>,
    pub longest_days: u16,
    #[serde(default)]
    pub per_week: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundTable {
    /// Bounds the type's amount.
    pub amount: bool,
    pub label: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountTable {
    pub label: String,
}
