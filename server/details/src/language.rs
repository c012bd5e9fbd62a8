//! A type in another language: its texts are translated by the file's own table, `[api.words.de]`, and numbers get the
//! language's separators. Members and canonical form are the same.

use std::collections::BTreeMap;

use crate::{by_choice::ByTable, decimal::Decimal, file::TypeTable};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    German,
}

impl Language {
    /// The language of a tag (BCP 47) in a file. English has none: it is the language of the original texts.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        (tag == "de").then_some(Self::German)
    }

    /// A number with the language's separators.
    pub(crate) fn grouped(self, decimal: Decimal) -> String {
        let text = decimal.grouped();
        match self {
            Self::English => text,
            Self::German => text.chars().map(swapped).collect(),
        }
    }

    /// One of two built-in texts.
    pub(crate) fn of<T>(self, english: T, german: T) -> T {
        match self {
            Self::English => english,
            Self::German => german,
        }
    }
}

fn swapped(c: char) -> char {
    match c {
        ',' => '.',
        '.' => ',',
        other => other,
    }
}

/// English texts with their translations. A text without one stays in English.
pub(crate) type Words = BTreeMap<String, String>;

impl TypeTable {
    pub(crate) fn in_words(mut self, words: &Words) -> Self {
        let put = |text: &mut String| {
            if let Some(other) = words.get(text.as_str()) {
                text.clone_from(other);
            }
        };
        let put_by = |by: &mut ByTable| match by {
            ByTable::One(text) => put(text),
            ByTable::Choice(by) => by.values_mut().flat_map(BTreeMap::values_mut).for_each(put),
        };
        put(&mut self.title);
        self.noun.iter_mut().chain(&mut self.undone).chain(&mut self.about).for_each(put);
        self.amount.iter_mut().filter_map(|amount| amount.bound.as_mut()).for_each(put_by);
        if let Some(receipt) = &mut self.receipt {
            put(&mut receipt.title);
            receipt.page.iter_mut().for_each(|page| put(&mut page.label));
            for outcome in &mut receipt.outcomes {
                put_by(&mut outcome.says);
                outcome.short.iter_mut().for_each(put_by);
            }
        }
        if let Some(facts) = &mut self.facts {
            let show = std::mem::take(&mut facts.show).into_iter();
            facts.show = show
                .map(|(mut label, pointer)| {
                    put(&mut label);
                    (label, pointer)
                })
                .collect();
            facts.names.values_mut().for_each(put);
            if let Some(compare) = &mut facts.compare {
                put(&mut compare.fact);
                put_by(&mut compare.warning);
            }
        }
        for member in &mut self.members {
            member.label.iter_mut().for_each(put_by);
            member.unit.iter_mut().for_each(put);
            member.words.iter_mut().flat_map(BTreeMap::values_mut).for_each(put);
        }
        self
    }
}
