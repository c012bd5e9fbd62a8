//! Numbers as people and models write them. An ambiguous quantity or amount is refused with its possible readings
//! (THREATS.md line 68).
//!
//! The rehearsal model, the tools' arguments, and StockTrade's form and API share one rule: ASCII digits; commas only
//! group thousands; a point is followed by one or two digits; no sign, no exponent.

use crate::tr;
use shared::{
    limit::Limit,
    money::{Money, Quantity},
};

/// Reads a number of shares: `5`, `1,000`.
///
/// # Errors
/// A sentence that says what is wrong and what the text could mean.
pub fn quantity(text: &str) -> Result<Quantity, String> {
    let text = trim(text);
    let expected = || {
        let said = quoted(text);
        tr!(
            format!("{said} is not a quantity: write a whole number of shares, from 1 to 10,000."),
            format!("{said} ist keine Anzahl: Schreib eine ganze Zahl von Aktien, von 1 bis 10000.")
        )
    };
    // "5.5" is never a whole number, but "1.050" could be one.
    let grouped = || text.contains(',') || text.rsplit('.').next().is_some_and(|last| last.len() == 3);
    let Some(whole) = whole(text) else {
        return Err(ambiguous(text).filter(|_| grouped()).unwrap_or_else(expected));
    };
    whole.parse().ok().and_then(|shares| Quantity::new(shares).ok()).ok_or_else(expected)
}

/// Reads an amount of US dollars above zero: `105`, `105.4`, `$1,105.49`.
///
/// # Errors
/// As [`quantity`].
pub fn amount(text: &str) -> Result<Money, String> {
    let text = trim(text);
    let expected = || {
        let said = quoted(text);
        tr!(
            format!("{said} is not an amount: write US dollars above zero, such as 105.49."),
            format!("{said} ist kein Betrag: Schreib US-Dollar über null, mit einem Punkt vor den Cent, wie 105.49.")
        )
    };
    match cents(text.strip_prefix('$').unwrap_or(text)) {
        Some(cents) => Money::from_cents(cents).filter(|amount| amount.cents() > 0).ok_or_else(expected),
        None => Err(ambiguous(text).unwrap_or_else(expected)),
    }
}

/// Reads a price per share.
///
/// # Errors
/// As [`quantity`].
pub fn limit(text: &str) -> Result<Limit, String> {
    Limit::new(amount(text)?).map_err(|_| {
        let said = quoted(trim(text));
        tr!(
            format!("{said} is not a limit: a price a share is from 0.01 to 999,999.99 US dollars."),
            format!("{said} ist kein Limit: Ein Preis je Stück ist von 0.01 bis 999,999.99 US-Dollar.")
        )
    })
}

/// The digits of a whole number without its commas.
fn whole(text: &str) -> Option<String> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = text.split(',');
    let first = groups.next()?;
    if !digits(first) {
        return None;
    }
    let mut joined = first.to_owned();
    for group in groups {
        // After a first group that starts with 0 or is longer than three digits, a comma can't group thousands.
        if first.len() > 3 || first.starts_with('0') || group.len() != 3 || !digits(group) {
            return None;
        }
        joined.push_str(group);
    }
    Some(joined)
}

fn cents(text: &str) -> Option<i64> {
    let (before, places) = match text.split_once('.') {
        Some((before, places)) if matches!(places.len(), 1 | 2) => (before, places),
        Some(_) => return None,
        None => (text, "0"),
    };
    let places = places.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("{places:0<2}"))?;
    format!("{}{places}", whole(before)?).parse().ok()
}

/// The possible readings of a text with ambiguous commas and points, each written unambiguously.
fn ambiguous(text: &str) -> Option<String> {
    let plain = text.strip_prefix('$').unwrap_or(text);
    if !plain.contains([',', '.']) || !plain.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.')) {
        return None;
    }
    // Either the last mark is the decimal point, or none is.
    let at = plain.rfind([',', '.'])?;
    let join = |text: &str| text.replace([',', '.'], "");
    let (before, places) = (join(&plain[..at]), join(&plain[at + 1..]));
    // "1.050" may be 1.05 with an extra zero.
    let needed = places.strip_suffix('0').filter(|_| places.len() == 3 && &plain[at..=at] == ".").unwrap_or(&places);
    let decimal = matches!(needed.len(), 1 | 2).then(|| format!("{before}.{needed}"));
    let mut readings: Vec<String> = decimal.into_iter().chain([join(plain)]).collect();
    let padded = |text: &str| text.starts_with('0') && text.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    readings.retain(|reading| cents(reading).is_some() && !padded(reading));
    readings.dedup();
    let readings = readings.join(tr!(" or ", " oder "));
    (!readings.is_empty()).then(|| {
        let said = quoted(text);
        tr!(
            format!("{said} could mean {readings}. Write it so: a comma groups thousands, a point comes before cents."),
            format!("{said} könnte {readings} heißen. Schreib es so: Ein Punkt steht vor den Cent, ein Komma trennt Tausender.")
        )
    })
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii_whitespace())
}

/// Quotes a text, shortened and on one line.
fn quoted(text: &str) -> String {
    let short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    tr!(format!("“{short}”"), format!("„{short}“"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_68_an_amount_reads_one_way() {
        for (text, cents) in [
            ("105", 10_500),
            ("105.4", 10_540),
            ("105.49", 10_549),
            ("$1,050.00", 105_000),
            ("1,050", 105_000),
            ("12,345,678.9", 1_234_567_890),
            (" 5 ", 500),
            ("007", 700),
            ("0.01", 1),
        ] {
            assert_eq!(amount(text).map(Money::cents), Ok(cents), "{text}");
        }
        assert_eq!(quantity("1,000").map(Quantity::get), Ok(1_000));
        assert_eq!(limit("999,999.99").map(Limit::cents), Ok(99_999_999));
    }

    #[test]
    fn line_68_ambiguous_amount_is_refused() {
        for (text, readings) in [
            ("105,49", "could mean 105.49 or 10549"),
            ("1.050,00", "could mean 1050.00 or 105000"),
            ("1.050", "could mean 1.05 or 1050"),
            ("1,05", "could mean 1.05 or 105"),
            ("0,50", "could mean 0.50"),
            ("1234,567", "could mean 1234567"),
        ] {
            for wrong in [amount(text).map(|_| ()), limit(text).map(|_| ()), quantity(text).map(|_| ())] {
                let wrong = wrong.expect_err(text);
                assert!(wrong.contains(readings) && wrong.contains(text), "{wrong}");
            }
        }
    }

    #[test]
    fn line_68_invalid_amount_is_refused() {
        for text in [
            "",
            "0",
            "0.00",
            "-5",
            "−5",
            "+5",
            "1e2",
            "1E2",
            "٥",
            "５",
            "½",
            "5%",
            ".5",
            "5 0",
            "1 050",
            "five",
            "0x10",
            "100.000",
            "99999999999999999999",
            "1,0000",
            "1,,000",
            ",5",
            "5$",
            "€5",
            "NaN",
            "1'000",
            "1_000",
            "\u{a0}5",
        ] {
            assert!(amount(text).is_err() && limit(text).is_err() && quantity(text).is_err(), "{text}");
        }
        for text in ["10001", "10,001", "5.0", "5.5", "$5"] {
            assert!(quantity(text).is_err(), "{text}");
        }
        assert!(limit("1,000,000").is_err());
    }
}
