//! Reads the values that people write for a member, by its kind: numbers, times, days of the calendar.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};
use serde_json::Value;

/// The kind of a member's value.
#[derive(Clone, Debug)]
pub enum Slot {
    /// One of these values, each with its words for people.
    Choice(Vec<(String, String)>),
    Text,
    Integer,
    /// With this number of decimal places.
    Decimal(u8),
    Date,
    Time,
}

const NUMBERS: [&str; 13] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// Reads words as a value. `None` if they aren't one.
pub(crate) fn read(slot: &Slot, words: &[&str], today: Date) -> Option<Value> {
    let text = words.join(" ");
    match slot {
        Slot::Choice(choices) => {
            let is_it = |choice: &&(String, String)| {
                choice.0.eq_ignore_ascii_case(&text) || choice.1.to_lowercase() == text.to_lowercase()
            };
            choices.iter().find(is_it).map(|(value, _)| value.clone().into())
        }
        Slot::Text => Some(text.into()),
        Slot::Integer => integer(&text).map(Value::from),
        Slot::Decimal(places) => decimal(text.trim_start_matches(['$', '€']), usize::from(*places)).map(Value::from),
        Slot::Date => date(words, today).map(|date| date.to_string().into()),
        Slot::Time => time(&text).map(Value::from),
    }
}

fn integer(text: &str) -> Option<i64> {
    let named = NUMBERS.iter().position(|name| name.eq_ignore_ascii_case(text));
    named.and_then(|at| i64::try_from(at).ok()).or_else(|| text.parse().ok())
}

fn decimal(text: &str, places: usize) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let fits = !whole.is_empty() && digits(whole) && digits(fraction) && fraction.len() <= places;
    let point = if places == 0 { "" } else { "." };
    fits.then(|| format!("{whole}{point}{fraction:0<places$}"))
}

/// `14:30`, `2pm`, `2:30 pm`
fn time(text: &str) -> Option<String> {
    let text = text.to_lowercase().replace(' ', "");
    let (clock, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (text.as_str(), None),
    };
    let (hour, minute) = match (clock.split_once(':'), half) {
        (Some((hour, minute)), _) => (hour, minute),
        (None, Some(_)) => (clock, "00"),
        (None, None) => return None,
    };
    let (hour, minute): (u8, u8) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    (hour < 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

/// `today`, `tomorrow`, `Friday`, `next Friday`, `2026-12-04`, `4 December`, `December 4`: the next such day.
fn date(words: &[&str], today: Date) -> Option<Date> {
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["today"] => Some(today),
        ["tomorrow"] => today.tomorrow().ok(),
        ["next" | "this" | "on", day] | [day] => {
            if let Ok(date) = day.parse() {
                return Some(date);
            }
            let (_, weekday) = DAYS.iter().find(|(name, _)| begins(day, name))?;
            today.nth_weekday(1, *weekday).ok()
        }
        [one, other] => day_of_month(one, other, today).or_else(|| day_of_month(other, one, today)),
        _ => None,
    }
}

/// Whether a word is a day's or month's name, or its first three letters or more.
fn begins(word: &str, name: &str) -> bool {
    word.len() >= 3 && name.starts_with(word)
}

fn day_of_month(day: &str, month: &str, today: Date) -> Option<Date> {
    let day = day.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse().ok()?;
    let month = i8::try_from(MONTHS.iter().position(|name| begins(month, name))?).ok()? + 1;
    let date = Date::new(today.year(), month, day).ok()?;
    if date < today { date.checked_add(1.year()).ok() } else { Some(date) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_by_the_calendar() {
        // A Sunday.
        let today: Date = "2026-11-29".parse().expect("a date");
        let day = |text: &str| date(&text.split(' ').collect::<Vec<_>>(), today).map(|date| date.to_string());
        for (text, expected) in [
            ("today", "2026-11-29"),
            ("tomorrow", "2026-11-30"),
            ("Friday", "2026-12-04"),
            ("next Fri", "2026-12-04"),
            ("Sunday", "2026-12-06"),
            ("2027-02-28", "2027-02-28"),
            ("4 December", "2026-12-04"),
            ("Dec 4th", "2026-12-04"),
            ("1 March", "2027-03-01"),
        ] {
            assert_eq!(day(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "yesterday's", "30 February", "2026-02-30", "fri5", "month", "next"] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_and_times_are_read_exactly() {
        assert_eq!(decimal("80", 2).as_deref(), Some("80.00"));
        assert_eq!(decimal("80.5", 2).as_deref(), Some("80.50"));
        for wrong in ["80.555", "-1", "", ".5", "1e3", "80,50"] {
            assert_eq!(decimal(wrong, 2), None, "{wrong}");
        }
        assert_eq!((integer("four"), integer("12"), integer("4.0")), (Some(4), Some(12), None));
        for (text, expected) in [("14:30", Some("14:30")), ("2pm", Some("14:00")), ("12:15 am", Some("00:15"))] {
            assert_eq!(time(text).as_deref(), expected);
        }
        for wrong in ["14", "25:00", "13pm", "2:75", "pm"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }
}
