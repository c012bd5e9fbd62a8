//! The reader: turns a client's text into a [`Detail`] or refuses it. It reads the original text: parsing it to a JSON
//! value would already have dropped the first of two equal keys.

use std::{collections::BTreeMap, fmt, sync::Arc};

use jiff::civil::{Date, Time};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::{
    decimal::Decimal,
    detail::{Detail, Value},
    member::{Kind, Member},
    plain,
    types::Type,
};

/// Maximum length of the text, in bytes.
const LONGEST: usize = 16 * 1024;

/// Why the reader refused a text, for the client's developer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("authorization_details: {0}")]
pub struct Refused(String);

/// Reads the parameter `authorization_details`, which must hold exactly one entry, of a type that `find` knows.
///
/// # Errors
/// See [`Refused`].
pub fn read_one(text: &str, find: impl Fn(&str) -> Option<Arc<Type>>) -> Result<Detail, Refused> {
    if text.len() > LONGEST {
        return Err(Refused("it is longer than 16 kB".into()));
    }
    let entries: Vec<Entry> = serde_json::from_str(text).map_err(|wrong| Refused(wrong.to_string()))?;
    match <[Entry; 1]>::try_from(entries) {
        Ok([entry]) => entry.detail(find).map_err(Refused),
        Err(_) => Err(Refused("it must hold exactly one entry".into())),
    }
}

/// An entry as written: each member once, with a text or an integer.
struct Entry(BTreeMap<String, Scalar>);

enum Scalar {
    Text(String),
    Integer(i64),
    /// A value that no member takes: a number with a point or an exponent, a list, and so on.
    Other,
}

impl Entry {
    fn detail(mut self, find: impl Fn(&str) -> Option<Arc<Type>>) -> Result<Detail, String> {
        let Some(Scalar::Text(name)) = self.0.remove("type") else {
            return Err("`type` must be the name of a type".into());
        };
        let kind = find(&name).ok_or_else(|| format!("the type {name:?} isn't known here"))?;
        let mut values = Vec::with_capacity(kind.members.len());
        for member in &kind.members {
            let scalar = self.0.remove(&member.name).ok_or_else(|| format!("`{}` is missing", member.name))?;
            let value = value(member, scalar).ok_or_else(|| format!("`{}` must be {}", member.name, wanted(member)))?;
            if !is_in_order(member, &value, |name| kind.position(name).and_then(|at| values.get(at))) {
                return Err(format!("`{}` must be {}", member.name, wanted(member)));
            }
            values.push(value);
        }
        match self.0.into_keys().next() {
            Some(unknown) => Err(format!("the type {name:?} has no member {unknown:?}")),
            None => Ok(Detail::new(kind, values)),
        }
    }
}

/// The member's value, if the text is its one spelling.
fn value(member: &Member, scalar: Scalar) -> Option<Value> {
    let text = match (&member.kind, scalar) {
        (Kind::Integer { range: [from, to] }, Scalar::Integer(integer)) => {
            return (*from..=*to).contains(&integer).then_some(Value::Integer(integer));
        }
        (Kind::Integer { .. }, _) | (_, Scalar::Integer(_) | Scalar::Other) => return None,
        (_, Scalar::Text(text)) => text,
    };
    let is_kept = match &member.kind {
        Kind::Integer { .. } => false,
        Kind::Choice { words } => words.contains_key(&text),
        Kind::Constant { value } => *value == text,
        Kind::Code { prefix, letters, length: [least, most] } => {
            (*least..=*most).contains(&text.len()) && text.strip_prefix(prefix).is_some_and(|rest| letters.hold(rest))
        }
        Kind::Text { length: [least, most] } => {
            (*least..=*most).contains(&text.chars().count()) && plain::is_plain(&text)
        }
        Kind::Decimal { places, range: [from, to] } => {
            let decimal = Decimal::read(&text, *places)?;
            return (*from <= decimal && decimal <= *to).then_some(Value::Decimal(decimal));
        }
        Kind::Date { .. } => {
            let date: Date = text.parse().ok()?;
            return (date.year() > 0 && date.to_string() == text).then_some(Value::Date(date));
        }
        Kind::Time => {
            let time: Time = text.parse().ok()?;
            let value = Value::Time(time);
            return (value.to_string() == text).then_some(value);
        }
    };
    is_kept.then_some(Value::Text(text))
}

/// Whether a date is late enough after the dates it depends on.
fn is_in_order<'a>(member: &Member, value: &Value, other: impl Fn(&str) -> Option<&'a Value>) -> bool {
    let (Kind::Date { after, most_days_after }, Value::Date(date)) = (&member.kind, value) else { return true };
    let other = |name: &str| match other(name) {
        Some(Value::Date(other)) => Some(*other),
        _ => None,
    };
    let is_after = after.as_deref().is_none_or(|name| other(name).is_some_and(|other| other <= *date));
    let is_near = most_days_after.as_ref().is_none_or(|(name, days)| {
        let since = other(name).and_then(|other| (*date - other).get_days().into());
        since.is_some_and(|since: i32| since <= i32::from(*days))
    });
    is_after && is_near
}

/// Describes the values that a member takes, for the client's developer.
fn wanted(member: &Member) -> String {
    match &member.kind {
        Kind::Choice { words } => format!("one of {}", words.keys().cloned().collect::<Vec<_>>().join(", ")),
        Kind::Constant { value } => format!("{value:?}"),
        Kind::Code { prefix, length: [least, most], .. } => {
            let begin = if prefix.is_empty() { String::new() } else { format!(", which begin with {prefix:?}") };
            format!("{least} to {most} of its characters{begin}")
        }
        Kind::Text { length: [least, most] } => {
            format!("text of {least} to {most} visible characters with single spaces, in normal form C")
        }
        Kind::Integer { range: [from, to] } => format!("an integer from {from} to {to}"),
        Kind::Decimal { places, range: [from, to] } => {
            format!("a string with {places} decimal places, from \"{from}\" to \"{to}\"")
        }
        Kind::Date { after, most_days_after } => {
            let after = after.as_ref().map(|after| format!(", not before `{after}`")).unwrap_or_default();
            let most = most_days_after.as_ref();
            let most = most.map(|(name, days)| format!(", at most {days} days after `{name}`")).unwrap_or_default();
            format!("a date as \"2026-11-29\"{after}{most}")
        }
        Kind::Time => "a time as \"14:30\"".into(),
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Scalar>()? {
                    if members.insert(name.clone(), value).is_some() {
                        return Err(serde::de::Error::custom(format!("`{name}` is there twice")));
                    }
                }
                Ok(Entry(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(text.to_owned()))
            }

            fn visit_i64<E>(self, integer: i64) -> Result<Scalar, E> {
                Ok(Scalar::Integer(integer))
            }

            fn visit_u64<E>(self, integer: u64) -> Result<Scalar, E> {
                Ok(i64::try_from(integer).map_or(Scalar::Other, Scalar::Integer))
            }

            // `5.0` and `5e0` are other spellings of an integer, and a reader that rounds gets another number.
            fn visit_f64<E>(self, _: f64) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }
        deserializer.deserialize_any(Any)
    }
}
