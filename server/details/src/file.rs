//! The tables of a configuration file that register APIs and types, as they are written. What they mean is checked by
//! [`crate::api`], [`crate::types`] and [`crate::member`].

use std::{collections::BTreeMap, ops::Range};

use serde::Deserialize;
use toml::Spanned;

/// What is wrong with a file, and where: the byte range of the name of the table that is wrong.
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
    /// Its name for people; its id without it.
    pub name: Option<String>,
    pub audience: String,
    /// Where the API is reached; its types' URLs stay below it.
    pub url: String,
    /// Each scope with what it allows, in words for the consent page.
    #[serde(default)]
    pub scopes: BTreeMap<String, String>,
    #[serde(default, rename = "type")]
    pub types: Vec<TypeTable>,
}

/// `[[api.type]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeTable {
    pub name: Spanned<String>,
    pub scope: String,
    pub title: String,
    pub amount: Option<AmountTable>,
    pub receipt: Option<ReceiptTable>,
    pub facts: Option<FactsTable>,
    #[serde(default, rename = "member")]
    pub members: Vec<MemberTable>,
    pub mandate: Option<MandateTable>,
}

/// `amount`: a member, or the product of some, and the member that names the currency.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmountTable {
    pub member: Option<String>,
    pub product: Option<Vec<String>>,
    pub currency: String,
}

/// `receipt`: where what came of an approval is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptTable {
    pub url: String,
    pub title: String,
    /// Where in the answer the records are; the whole answer without it.
    pub records: Option<String>,
    /// Where in a record its approval's id is.
    pub approval: Option<String>,
}

/// `facts`: what the API itself says about what is asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactsTable {
    pub url: String,
    /// Label and JSON pointer.
    pub show: BTreeMap<String, String>,
}

/// `[[api.type.member]]`. Which keys fit depends on the kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberTable {
    pub name: Spanned<String>,
    pub kind: String,
    pub label: Option<String>,
    pub words: Option<BTreeMap<String, String>>,
    pub prefix: Option<String>,
    pub letters: Option<String>,
    pub length: Option<[usize; 2]>,
    pub range: Option<[toml::Value; 2]>,
    pub places: Option<u8>,
    pub after: Option<String>,
    pub most_days_after: Option<DaysAfterTable>,
    pub value: Option<String>,
    pub mandate: Option<RuleTable>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaysAfterTable {
    pub member: String,
    pub days: u16,
}

/// `mandate` of a member: a rule, or a rule for each word of a choice.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum RuleTable {
    One(String),
    By(BTreeMap<String, BTreeMap<String, String>>),
}

/// `[api.type.mandate]`: what a mandate of this type counts.
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
    /// The type's amount is what is bounded.
    pub amount: bool,
    pub label: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountTable {
    pub label: String,
}
