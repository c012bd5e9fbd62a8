//! The members of a type: a closed vocabulary of kinds.

use std::collections::BTreeMap;

use crate::{
    by_choice::{By, ByTable},
    decimal::Decimal,
    file::{MemberTable, Wrong},
    letters::Letters,
    names::{is_label, is_name},
    rule::{Bound, Rule},
    template::Template,
};

/// The longest text or code, in characters.
const LONGEST: usize = 300;

/// A member of a type. Every member except a constant is shown: in a row under its label, or in the title.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub name: String,
    /// `None`: the title shows it.
    pub label: Option<By<String>>,
    /// The unit after a number: `{currency} a share`.
    pub(crate) unit: Option<Template>,
    pub kind: Kind,
    /// How a mandate may bound the member. If it is `None`, no mandate covers a request of this type.
    pub rule: Option<Rule>,
}

/// The values that a member takes. In JSON, an integer is a number; every other kind is a string.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// One of these values, each with its words.
    Choice {
        words: BTreeMap<String, String>,
    },
    /// A prefix, then characters of a set. The length counts both.
    Code {
        prefix: String,
        letters: Letters,
        length: [usize; 2],
    },
    /// Text for people, of visible characters that don't imitate others. The length counts characters.
    Text {
        length: [usize; 2],
    },
    Integer {
        range: [i64; 2],
    },
    /// A decimal in canonical form with exactly this many places.
    Decimal {
        places: u8,
        range: [Decimal; 2],
    },
    /// A calendar date such as `2026-11-29`, optionally on or after another member's date.
    Date {
        after: Option<String>,
        most_days_after: Option<(String, u16)>,
    },
    /// A time of day such as `14:30`.
    Time,
    /// Always this text. It isn't shown.
    Constant {
        value: String,
    },
}

impl Kind {
    /// The name that a file uses.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Choice { .. } => "choice",
            Self::Code { .. } => "code",
            Self::Text { .. } => "text",
            Self::Integer { .. } => "integer",
            Self::Decimal { .. } => "decimal",
            Self::Date { .. } => "date",
            Self::Time => "time",
            Self::Constant { .. } => "constant",
        }
    }

    /// Whether its values have an order.
    fn has_order(&self) -> bool {
        matches!(self, Self::Integer { .. } | Self::Decimal { .. } | Self::Date { .. } | Self::Time)
    }

    /// Whether the file lists all of its values.
    pub(crate) fn is_word(&self) -> bool {
        matches!(self, Self::Choice { .. } | Self::Constant { .. })
    }

    fn words(&self) -> Option<&BTreeMap<String, String>> {
        match self {
            Self::Choice { words } => Some(words),
            _ => None,
        }
    }
}

impl Member {
    /// Whether the page shows the value. A constant never changes, so it doesn't.
    pub(crate) fn is_shown(&self) -> bool {
        !matches!(self.kind, Kind::Constant { .. })
    }

    /// Reads a member; `before` holds the members above it in the file.
    pub(crate) fn read(table: MemberTable, before: &[Self]) -> Result<Self, Wrong> {
        let name = table.name.clone();
        let read = Self::unlocated(table, before);
        read.map_err(|message| Wrong::of(&name, format!("member {:?}: {message}", name.get_ref())))
    }

    fn unlocated(mut table: MemberTable, before: &[Self]) -> Result<Self, String> {
        let name = table.name.get_ref().clone();
        if !is_name(&name) || name == "type" {
            return Err(
                "`name` must be 1 to 40 lower-case letters, digits or _, begin with a letter, and isn't `type`".into(),
            );
        }
        if before.iter().any(|member| member.name == name) {
            return Err("another member has this name already; choose another".into());
        }
        let kind = read_kind(&mut table, before)?;
        let label = table.label.take();
        let unit = table.unit.take();
        let rule: Option<ByTable> = table.mandate.take();
        if let Some(key) = left_over(&table) {
            return Err(format!("`{key}` doesn't fit the kind {}; remove it", kind.name()));
        }
        if matches!(kind, Kind::Constant { .. }) && label.is_some() {
            return Err("a constant isn't shown; remove its `label`".into());
        }
        let label = label.map(|label| By::read(&label, "label", words_in(before), read_label)).transpose()?;
        if unit.is_some() && !matches!(kind, Kind::Integer { .. } | Kind::Decimal { .. }) {
            return Err("`unit` is for integers and decimals; remove it".into());
        }
        let unit = unit.map(|unit| Template::read(&unit)).transpose()?;
        let read_bound = |text: &str| Bound::read(text, kind.has_order());
        let rule = rule.map(|rule| By::read(&rule, "mandate", words_in(before), read_bound)).transpose()?;
        Ok(Self { name, label, unit, kind, rule })
    }
}

/// Reads the kind, and removes its keys from the table.
fn read_kind(table: &mut MemberTable, before: &[Member]) -> Result<Kind, String> {
    fn need<T>(found: Option<T>, key: &str) -> Result<T, String> {
        found.ok_or_else(|| format!("`{key}` is missing; this kind needs it"))
    }
    let is_date =
        |name: &String| before.iter().any(|member| member.name == *name && matches!(member.kind, Kind::Date { .. }));
    Ok(match table.kind.as_str() {
        "choice" => {
            let words = need(table.words.take(), "words")?;
            let fits = |(value, words): (&String, &String)| is_code(value) && is_label(words);
            if words.is_empty() || !words.iter().all(fits) {
                return Err(
                    "`words` needs at least one value (of ASCII letters, digits, _ and -), each with its words".into(),
                );
            }
            Kind::Choice { words }
        }
        "code" => {
            let letters = Letters::read(&need(table.letters.take(), "letters")?)?;
            let length = length(need(table.length.take(), "length")?)?;
            let prefix = table.prefix.take().unwrap_or_default();
            if !(prefix.is_empty() || is_code(&prefix)) || prefix.len() >= length[0] {
                return Err(
                    "`prefix` must be ASCII letters, digits, _ or -, and shorter than the shortest `length`".into()
                );
            }
            Kind::Code { prefix, letters, length }
        }
        "text" => Kind::Text { length: length(need(table.length.take(), "length")?)? },
        "integer" => {
            let [from, to] = need(table.range.take(), "range")?;
            let range = from.as_integer().zip(to.as_integer()).map(|(from, to)| [from, to]);
            match range {
                Some(range @ [from, to]) if from <= to && range.into_iter().all(|n| Decimal::integer(n).is_some()) => {
                    Kind::Integer { range }
                }
                _ => return Err("`range` must be two integers of at most 15 digits, the smaller first".into()),
            }
        }
        "decimal" => {
            let places = need(table.places.take(), "places")?;
            let [from, to] = need(table.range.take(), "range")?;
            let read = |value: &toml::Value| Decimal::read(value.as_str()?, places);
            match read(&from).zip(read(&to)) {
                Some((from, to)) if from <= to => Kind::Decimal { places, range: [from, to] },
                _ => {
                    return Err(format!(
                        "`range` must be two strings with {places} places (4 at most) and 15 digits at most, the smaller \
                         first"
                    ));
                }
            }
        }
        "date" => {
            let after = table.after.take();
            let most_days_after = table.most_days_after.take().map(|most| (most.member, most.days));
            let others = after.iter().chain(most_days_after.as_ref().map(|(member, _)| member));
            if let Some(other) = others.into_iter().find(|other| !is_date(other)) {
                return Err(format!("it depends on {other:?}, which is no date above it; name an earlier date member"));
            }
            Kind::Date { after, most_days_after }
        }
        "time" => Kind::Time,
        "constant" => {
            let value = need(table.value.take(), "value")?;
            if !is_code(&value) {
                return Err("`value` must be ASCII letters, digits, _ or -".into());
            }
            Kind::Constant { value }
        }
        other => {
            return Err(format!(
                "`kind` must be choice, code, text, integer, decimal, date, time or constant, not {other:?}"
            ));
        }
    })
}

/// The first key that the kind doesn't use.
fn left_over(table: &MemberTable) -> Option<&'static str> {
    let left = [
        ("words", table.words.is_some()),
        ("prefix", table.prefix.is_some()),
        ("letters", table.letters.is_some()),
        ("length", table.length.is_some()),
        ("range", table.range.is_some()),
        ("places", table.places.is_some()),
        ("after", table.after.is_some()),
        ("most_days_after", table.most_days_after.is_some()),
        ("value", table.value.is_some()),
    ];
    left.into_iter().find(|(_, is_left)| *is_left).map(|(key, _)| key)
}

fn length(length: [usize; 2]) -> Result<[usize; 2], String> {
    let [least, most] = length;
    if (1..=most).contains(&least) && most <= LONGEST {
        Ok(length)
    } else {
        Err(format!("`length` must be two numbers from 1 to {LONGEST}, the smaller first"))
    }
}

/// The words of a choice among members.
pub(crate) fn words_in<'a>(members: &'a [Member]) -> impl Fn(&str) -> Option<&'a BTreeMap<String, String>> {
    move |choice| members.iter().find(|member| member.name == choice)?.kind.words()
}

fn read_label(text: &str) -> Result<String, String> {
    if is_label(text) { Ok(text.to_owned()) } else { Err("`label` must have 1 to 60 characters".into()) }
}

fn is_code(text: &str) -> bool {
    (1..=100).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}
