//! One entry of `authorization_details`, read by its type: the person's request, in words and in canonical form.

use std::{fmt, sync::Arc};

use jiff::civil::{Date, Time};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use url::Url;

use crate::{
    decimal::Decimal,
    language::Language,
    member::{Kind, Member},
    receipt::Outcome,
    types::Type,
};

/// A request of a type, with a value for each member. Only [`crate::read`] makes one.
#[derive(Clone, Debug)]
pub struct Detail {
    kind: Arc<Type>,
    /// In the order of the type's members.
    values: Vec<Value>,
}

/// The value of a member.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// The value of a choice, a code, a text or a constant.
    Text(String),
    Integer(i64),
    Decimal(Decimal),
    Date(Date),
    Time(Time),
}

/// The exact amount of money at stake.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    pub value: Decimal,
    /// A currency code such as `USD`.
    pub currency: String,
}

impl Amount {
    /// The exact sum; `None` if it is too large, or of two currencies.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let value = self.value.plus(other.value).filter(|_| self.currency == other.currency)?;
        Some(Self { value, currency: self.currency.clone() })
    }

    /// Written for people in this language: `1.018,10 USD`.
    pub fn words(&self, language: Language) -> String {
        format!("{} {}", language.grouped(self.value), self.currency)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.value.grouped(), self.currency)
    }
}

impl fmt::Display for Value {
    /// As in JSON, without quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(integer) => integer.fmt(f),
            Self::Decimal(decimal) => decimal.fmt(f),
            Self::Date(date) => date.fmt(f),
            Self::Time(time) => time.strftime("%H:%M").fmt(f),
        }
    }
}

impl Detail {
    pub(crate) fn new(kind: Arc<Type>, values: Vec<Value>) -> Self {
        Self { kind, values }
    }

    /// The same request, shown in a language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> Self {
        let german = self.kind.german.as_ref().filter(|_| language == Language::German);
        Self { kind: german.unwrap_or(&self.kind).clone(), values: self.values.clone() }
    }

    pub fn kind(&self) -> &Arc<Type> {
        &self.kind
    }

    /// A member's value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.kind.position(name).and_then(|at| self.values.get(at))
    }

    /// The request in a few words: `Buy 5 WAYNE`.
    pub fn title(&self) -> String {
        // Every name exists: the file's check made sure of it.
        self.kind.title.fill(|name| self.words(name)).unwrap_or_default()
    }

    /// Label and words of every member that has a row, in order.
    pub fn rows(&self) -> Vec<(&str, String)> {
        let shown = self.kind.members.iter().filter(|member| member.is_shown());
        shown.filter_map(|member| Some((self.label(member)?, self.shown(member)?))).collect()
    }

    /// The amount at stake, if the type defines one.
    pub fn amount(&self) -> Option<Amount> {
        let amount = self.kind.amount.as_ref()?;
        let factor = |at: &usize| match self.values.get(*at)? {
            Value::Integer(integer) => Decimal::integer(*integer),
            Value::Decimal(decimal) => Some(*decimal),
            _ => None,
        };
        // The type's check made sure that the largest product fits.
        let one = Decimal::integer(1)?;
        let value = amount.product.iter().try_fold(one, |product, at| product.times(factor(at)?))?;
        Some(Amount { value, currency: self.values.get(amount.currency)?.to_string() })
    }

    /// The canonical form (RFC 8785), which is stored, signed and compared.
    pub fn canonical(&self) -> String {
        // Neither step can fail: the keys are text, and the values are text and integers.
        serde_json_canonicalizer::to_string(&self.json()).unwrap_or_default()
    }

    /// The key by which requests are compared, in canonical form: its `type`, and the members that the type lists as
    /// `same`, or all.
    pub fn same(&self) -> String {
        // See `canonical`.
        serde_json_canonicalizer::to_string(&self.with_type(self.compared())).unwrap_or_default()
    }

    /// Whether this is the same request as another, see [`Self::same`].
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.kind.name == other.kind.name && self.compared().eq(other.compared())
    }

    /// The members by which requests are compared.
    fn compared(&self) -> impl Iterator<Item = (&str, &Value)> {
        let same = &self.kind.same;
        self.members().filter(|(name, _)| same.is_empty() || same.iter().any(|counted| counted == name))
    }

    fn members(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.kind.members.iter().map(|member| member.name.as_str()).zip(&self.values)
    }

    /// As JSON, with its `type`.
    pub fn json(&self) -> Json {
        self.with_type(self.members())
    }

    fn with_type<'a>(&self, members: impl Iterator<Item = (&'a str, &'a Value)>) -> Json {
        let members = members.map(|(name, value)| {
            let json: Json = match value {
                Value::Integer(integer) => (*integer).into(),
                other => other.to_string().into(),
            };
            (name.to_owned(), json)
        });
        members.chain([("type".to_owned(), self.kind.name.clone().into())]).collect()
    }

    /// The URL of public facts about the request, read without a token. `None` if the type has none, or a value can't
    /// be part of a URL.
    pub fn facts_url(&self) -> Option<Url> {
        self.kind.facts.as_ref()?.url(|name| self.raw(name))
    }

    /// The URL of the approval's receipt. `None` if the type has none, or a value can't be part of a URL.
    pub fn receipt_url(&self, approval: &str) -> Option<Url> {
        self.kind.receipt.as_ref()?.url(approval, |name| self.raw(name))
    }

    /// The outcome of an approval, from the API's answer, which must hold exactly one record, of this approval. Names
    /// in the type's words that aren't members refer to the record.
    pub fn outcome(&self, approval: &str, answer: &Json) -> Option<Outcome> {
        let receipt = self.kind.receipt.as_ref()?;
        receipt.outcome(approval, (answer, false), self.kind.language, |name| self.raw(name), |name| self.words(name))
    }

    /// As [`Detail::outcome`], from a list of records, of which exactly one must be of this approval.
    pub fn outcome_in_list(&self, approval: &str, answer: &Json) -> Option<Outcome> {
        let receipt = self.kind.receipt.as_ref()?;
        receipt.outcome(approval, (answer, true), self.kind.language, |name| self.raw(name), |name| self.words(name))
    }

    /// The receipt in a sentence: see [`Detail::outcome`].
    pub fn receipt(&self, approval: &str, answer: &Json) -> Option<String> {
        self.outcome(approval, answer).map(|outcome| outcome.says)
    }

    /// A member's value in words for people.
    pub fn words(&self, name: &str) -> Option<String> {
        let at = self.kind.position(name)?;
        Some(words(self.kind.members.get(at)?, self.values.get(at)?, self.kind.language))
    }
}

impl Serialize for Detail {
    /// As [`Detail::json`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}

impl PartialEq for Detail {
    /// Whether the canonical forms are equal.
    fn eq(&self, other: &Self) -> bool {
        self.kind.name == other.kind.name && self.values == other.values
    }
}

fn words(member: &Member, value: &Value, language: Language) -> String {
    match (&member.kind, value) {
        (Kind::Choice { words }, Value::Text(text)) => words.get(text).unwrap_or(text).clone(),
        (_, Value::Integer(integer)) => {
            Decimal::integer(*integer).map_or_else(|| integer.to_string(), |number| language.grouped(number))
        }
        (_, Value::Decimal(decimal)) => language.grouped(*decimal),
        (_, Value::Date(date)) => language.of(date.strftime("%a %-d %b %Y"), date.strftime("%-d.%-m.%Y")).to_string(),
        (_, value) => value.to_string(),
    }
}
