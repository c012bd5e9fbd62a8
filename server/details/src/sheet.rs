//! The sheet that shows a request to the person who decides: a row for each member, in order, next to the API's facts.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::{
    decimal::Decimal,
    detail::{Amount, Detail, Value},
    facts::Compare,
    member::{Kind, Member},
};

/// The API's answer to the request for facts.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// The API wasn't asked.
    NotAsked,
    /// The API didn't answer.
    Nothing,
    This(&'a Json),
}

/// A request as shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    pub rows: Vec<Row>,
    /// The labels of the facts that the API gave.
    pub from_api: Vec<String>,
    /// A warning that a number of the request is far worse than the API's.
    pub warning: Option<String>,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub label: String,
    /// `None`: the API was asked, and its answer lacks this fact.
    pub words: Option<String>,
    /// The API's name for the value: `Wayne Enterprises` for `WAYNE`.
    pub name: Option<String>,
    /// How the value compares with the API's: `2 % above`.
    pub beside: Option<String>,
    pub what: What,
    /// The row that matters most.
    pub is_strong: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Member,
    /// A member to compare letter by letter.
    Code,
    /// A fact from the API.
    Said,
    /// The amount at stake, computed from members.
    Amount,
}

impl Detail {
    /// The request as shown.
    pub fn sheet(&self, answer: Answer<'_>) -> Sheet {
        let kind = self.kind();
        // If the API wasn't asked, its facts have no rows.
        let facts = kind.facts.as_ref().filter(|_| !matches!(answer, Answer::NotAsked));
        let answer = match answer {
            Answer::This(answer) => Some(answer),
            Answer::NotAsked | Answer::Nothing => None,
        };
        let language = kind.language;
        let mut sheet = Sheet::default();
        let compare = facts.and_then(|facts| facts.compare.as_ref());
        let fact = facts.and_then(|facts| facts.number(answer?));
        for member in kind.members.iter().filter(|member| member.is_shown()) {
            let Some(label) = self.label(member) else { continue };
            let compare = compare.filter(|compare| compare.member == member.name);
            if let Some(compare) = compare {
                let words = fact.map(|fact| self.with_unit(member, language.grouped(fact)));
                sheet.add_said(&compare.fact, words);
            }
            let named = facts.and_then(|facts| facts.names.get(&member.name).map(|label| (facts, label)));
            let name = named.and_then(|(facts, label)| Some((label, facts.said(label, answer?, language)?)));
            sheet.from_api.extend(name.iter().map(|(label, _)| (*label).clone()));
            sheet.rows.push(Row {
                label: label.to_owned(),
                words: self.shown(member),
                name: name.map(|(_, name)| name),
                beside: compare.and_then(|compare| Some(compare.beside(self.number(&member.name)?, fact?, language))),
                what: if matches!(&member.kind, Kind::Code { prefix, .. } if !prefix.is_empty()) {
                    What::Code
                } else {
                    What::Member
                },
                is_strong: false,
            });
        }
        for (facts, label) in facts.iter().flat_map(|facts| facts.rows().map(|label| (*facts, label))) {
            sheet.add_said(label, answer.and_then(|answer| facts.said(label, answer, language)));
        }
        self.add_amount(&mut sheet);
        sheet.warning = compare.and_then(|compare| self.warning(compare, fact?));
        sheet
    }

    /// The amount at stake, in words: `at most 509.05 USD`.
    pub fn bound(&self) -> Option<String> {
        let amount = self.amount()?;
        let amount = amount.words(self.kind().language);
        Some(self.bound_words().map_or_else(|| amount.clone(), |words| format!("{words} {amount}")))
    }

    /// The total amounts at stake in several requests: a line for each bound and currency that more than one of them
    /// has, such as `at most 1,018.10 USD`. A sum that is too large to be exact is left out.
    pub fn totals(details: &[&Self]) -> Vec<String> {
        let mut groups: BTreeMap<(Option<String>, String), Vec<Amount>> = BTreeMap::new();
        for detail in details {
            if let Some(amount) = detail.amount() {
                groups.entry((detail.bound_words(), amount.currency.clone())).or_default().push(amount);
            }
        }
        let language = details.first().map(|detail| detail.kind().language).unwrap_or_default();
        let sums = groups.into_iter().filter_map(|((words, _), amounts)| {
            let (first, more) = amounts.split_first().filter(|(_, more)| !more.is_empty())?;
            let sum = more.iter().try_fold(first.clone(), |sum, amount| sum.plus(amount))?;
            let sum = sum.words(language);
            Some(words.map_or_else(|| sum.clone(), |words| format!("{words} {sum}")))
        });
        sums.collect()
    }

    /// `at most`, if the amount is a bound.
    fn bound_words(&self) -> Option<String> {
        self.kind().amount.as_ref()?.bound.as_ref()?.of(|name| self.raw(name)).cloned()
    }

    fn add_amount(&self, sheet: &mut Sheet) {
        let kind = self.kind();
        let at = match kind.amount.as_ref().map(|amount| amount.product.as_slice()) {
            // The member's own row shows the amount.
            Some([one]) => kind.members.get(*one).and_then(|member| self.label(member)),
            Some(_) => None,
            None => sheet.rows.iter().rfind(|row| row.what != What::Said).map(|row| row.label.as_str()),
        };
        if let Some(label) = at.map(str::to_owned) {
            sheet.rows.iter_mut().filter(|row| row.label == label).for_each(|row| row.is_strong = true);
        } else if let Some(amount) = self.amount() {
            let bound = self.bound_words();
            sheet.rows.push(Row {
                label: match (bound, kind.language.of("In all", "Insgesamt")) {
                    (Some(bound), in_all) => format!("{in_all} {bound}"),
                    (None, in_all) => in_all.to_owned(),
                },
                words: Some(amount.words(kind.language)),
                name: None,
                beside: None,
                what: What::Amount,
                is_strong: true,
            });
        }
    }

    fn warning(&self, compare: &Compare, fact: Decimal) -> Option<String> {
        let words_of =
            |name: &str| if name == "fact" { Some(self.kind().language.grouped(fact)) } else { self.words(name) };
        compare.warning(self.number(&compare.member)?, fact, |name| self.raw(name), words_of)
    }

    /// The label of a member's row.
    pub(crate) fn label<'a>(&self, member: &'a Member) -> Option<&'a str> {
        member.label.as_ref()?.of(|name| self.raw(name)).map(String::as_str)
    }

    /// A member's words with its unit.
    pub(crate) fn shown(&self, member: &Member) -> Option<String> {
        self.words(&member.name).map(|words| self.with_unit(member, words))
    }

    fn with_unit(&self, member: &Member, words: String) -> String {
        let unit = member.unit.as_ref().and_then(|unit| unit.fill(|name| self.raw(name)));
        unit.map_or(words.clone(), |unit| format!("{words} {unit}"))
    }

    /// A member's value as in JSON, without quotes.
    pub(crate) fn raw(&self, name: &str) -> Option<String> {
        self.get(name).map(ToString::to_string)
    }

    fn number(&self, name: &str) -> Option<Decimal> {
        match self.get(name)? {
            Value::Decimal(decimal) => Some(*decimal),
            Value::Integer(integer) => Decimal::integer(*integer),
            _ => None,
        }
    }
}

impl Sheet {
    fn add_said(&mut self, label: &str, words: Option<String>) {
        self.from_api.extend(words.is_some().then(|| label.to_owned()));
        let (name, beside) = (None, None);
        self.rows.push(Row { label: label.to_owned(), words, name, beside, what: What::Said, is_strong: false });
    }
}
