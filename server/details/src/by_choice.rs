//! Values in a file that depend on a choice of the request: `{ side = { BUY = "at most", SELL = "at least" } }`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A value as written in the file: one for all requests, or one for each word of a choice.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum ByTable {
    One(String),
    Choice(BTreeMap<String, BTreeMap<String, String>>),
}

/// A value for all requests, or one for each word of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By<T> {
    One(T),
    Choice { choice: String, each: BTreeMap<String, T> },
}

impl<T> By<T> {
    /// Reads the value of `key`; `words_of` gives the words of a choice.
    pub(crate) fn read<'a>(
        table: &ByTable,
        key: &str,
        words_of: impl Fn(&str) -> Option<&'a BTreeMap<String, String>>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Self, String> {
        let by = match table {
            ByTable::One(text) => return read(text).map(Self::One),
            ByTable::Choice(by) => by,
        };
        let mut choices = by.iter();
        let (Some((choice, each)), None) = (choices.next(), choices.next()) else {
            return Err(format!("`{key}` can depend on one choice only: write {{ choice = {{ VALUE = \"…\" }} }}"));
        };
        let words = words_of(choice);
        let words = words.ok_or_else(|| {
            format!("`{key}` depends on {choice:?}, which isn't a choice above it; name an earlier choice member")
        })?;
        if !words.keys().eq(each.keys()) {
            return Err(format!("`{key}` must have one for each word of {choice:?}, and no other"));
        }
        let each = each.iter().map(|(word, text)| Ok((word.clone(), read(text)?)));
        Ok(Self::Choice { choice: choice.clone(), each: each.collect::<Result<_, String>>()? })
    }

    /// The value for a request; `value_of` gives its members.
    pub fn of(&self, value_of: impl Fn(&str) -> Option<String>) -> Option<&T> {
        match self {
            Self::One(one) => Some(one),
            Self::Choice { choice, each } => each.get(&value_of(choice)?),
        }
    }

    /// All values.
    pub fn all(&self) -> Vec<&T> {
        match self {
            Self::One(one) => vec![one],
            Self::Choice { each, .. } => each.values().collect(),
        }
    }
}
