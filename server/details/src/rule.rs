//! How a mandate may bound a member. Only the check of the file uses these until mandates exist.

use crate::{by_choice::By, file::MandateTable};

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

/// The bound of a member, or one for each word of a choice.
pub type Rule = By<Bound>;

/// The amounts and uses that a mandate for a type counts, and how long it may last.
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
    pub(crate) fn read(text: &str, has_order: bool) -> Result<Self, String> {
        let bound = match text {
            "same" => Self::Same,
            "one_of" => Self::OneOf,
            "at_most" => Self::AtMost,
            "at_least" => Self::AtLeast,
            "between" => Self::Between,
            "any" => Self::Any,
            _ => {
                return Err(format!("`mandate` must be same, one_of, at_most, at_least, between or any, not {text:?}"));
            }
        };
        if matches!(bound, Self::AtMost | Self::AtLeast | Self::Between) && !has_order {
            return Err(format!("`mandate` can't be {text} for a member without an order; write same, one_of or any"));
        }
        Ok(bound)
    }
}

impl Mandate {
    pub(crate) fn read(table: &MandateTable, has_amount: bool) -> Result<Self, String> {
        let bounds = [&table.total, &table.each];
        if bounds.into_iter().flatten().any(|bound| !bound.amount || !has_amount) {
            return Err("`total` and `each` bound the type's `amount`; add `amount` to the type".into());
        }
        if table.total.is_none() && table.count.is_none() {
            return Err("`mandate` needs a `total` or a `count`".into());
        }
        if !(1..=366).contains(&table.longest_days) {
            return Err("`longest_days` must be 1 to 366".into());
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
