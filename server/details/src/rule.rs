//! How a mandate may bound a member. Only the check of the file uses these until mandates exist.

use std::collections::BTreeMap;

use crate::file::{MandateTable, RuleTable};

/// How a mandate bounds a member's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    Same,
    OneOf,
    AtMost,
    AtLeast,
    Between,
    Any,
}

/// A member's bound, or one for each word of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    One(Bound),
    By { choice: String, bounds: BTreeMap<String, Bound> },
}

/// What a mandate for a type counts, and how long it may last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandate {
    pub name: String,
    /// The labels of the bounds on the total amount, on each amount, and on the number of uses.
    pub total: Option<String>,
    pub each: Option<String>,
    pub count: Option<String>,
    pub longest_days: u16,
    pub per_week: bool,
}

impl Bound {
    fn read(text: &str, has_order: bool) -> Result<Self, String> {
        let bound = match text {
            "same" => Self::Same,
            "one_of" => Self::OneOf,
            "at_most" => Self::AtMost,
            "at_least" => Self::AtLeast,
            "between" => Self::Between,
            "any" => Self::Any,
            _ => return Err(format!("`mandate` is same, one_of, at_most, at_least, between or any, not {text:?}")),
        };
        if matches!(bound, Self::AtMost | Self::AtLeast | Self::Between) && !has_order {
            return Err(format!("`mandate` can't be {text} for a member without an order"));
        }
        Ok(bound)
    }
}

impl Rule {
    /// Reads a member's rule. `has_order` says whether its values have an order; `words_of` gives the words of a choice
    /// above it.
    pub(crate) fn read<'a>(
        table: &RuleTable,
        has_order: bool,
        words_of: impl Fn(&str) -> Option<&'a BTreeMap<String, String>>,
    ) -> Result<Self, String> {
        let by = match table {
            RuleTable::One(text) => return Bound::read(text, has_order).map(Self::One),
            RuleTable::By(by) => by,
        };
        let mut choices = by.iter();
        let (Some((choice, bounds)), None) = (choices.next(), choices.next()) else {
            return Err("`mandate` depends on exactly one choice".into());
        };
        let words = words_of(choice);
        let words = words.ok_or_else(|| format!("`mandate` depends on {choice:?}, which isn't a choice before it"))?;
        if !words.keys().eq(bounds.keys()) {
            return Err(format!("`mandate` must have a rule for each word of {choice:?}"));
        }
        let bounds = bounds.iter().map(|(word, text)| Ok((word.clone(), Bound::read(text, has_order)?)));
        Ok(Self::By { choice: choice.clone(), bounds: bounds.collect::<Result<_, String>>()? })
    }
}

impl Mandate {
    pub(crate) fn read(table: &MandateTable, has_amount: bool) -> Result<Self, String> {
        let bounds = [&table.total, &table.each];
        if bounds.into_iter().flatten().any(|bound| !bound.amount || !has_amount) {
            return Err("`total` and `each` bound the type's `amount`, which must be there".into());
        }
        if table.total.is_none() && table.count.is_none() {
            return Err("a mandate needs a `total` or a `count`".into());
        }
        if !(1..=366).contains(&table.longest_days) {
            return Err("`longest_days` is 1 to 366".into());
        }
        Ok(Self {
            name: table.name.clone(),
            total: table.total.as_ref().map(|bound| bound.label.clone()),
            each: table.each.as_ref().map(|bound| bound.label.clone()),
            count: table.count.as_ref().map(|count| count.label.clone()),
            longest_days: table.longest_days,
            per_week: table.per_week,
        })
    }
}
