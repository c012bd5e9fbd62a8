//! Decimal numbers in one canonical form, kept as scaled integers: no rounding, no floating point.

use std::{cmp::Ordering, fmt};

/// The most digits and decimal places that a decimal may have.
pub const DIGITS: u32 = 15;
pub const PLACES: u8 = 4;
const MOST: i64 = 10_i64.pow(DIGITS) - 1;

/// A number of units of 10^-`places`. Its text is canonical, such as `-1.50` with two places: no leading zeros, no
/// exponent, no sign on zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    units: i64,
    places: u8,
}

impl Decimal {
    /// `None` if it exceeds [`DIGITS`] or [`PLACES`].
    pub fn new(units: i64, places: u8) -> Option<Self> {
        (units.checked_abs()? <= MOST && places <= PLACES).then_some(Self { units, places })
    }

    pub fn integer(units: i64) -> Option<Self> {
        Self::new(units, 0)
    }

    pub const ZERO: Self = Self { units: 0, places: 0 };

    /// Reads the canonical form with exactly this many places; `None` for every other spelling.
    pub fn read(text: &str, places: u8) -> Option<Self> {
        Self::parse(text).filter(|read| read.places == places)
    }

    /// Reads the canonical form of a number with any places.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => (whole, fraction),
            None => (digits, ""),
        };
        let are_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) || fraction.len() > usize::from(PLACES) {
            return None;
        }
        let units: i64 = format!("{whole}{fraction}").parse().ok()?;
        let units = if text.starts_with('-') { -units } else { units };
        let read = Self::new(units, u8::try_from(fraction.len()).ok()?)?;
        (read.to_string() == text).then_some(read)
    }

    /// In units of 10^-[`PLACES`], so that numbers of different places compare.
    pub(crate) fn scaled(self) -> i128 {
        i128::from(self.units) * 10_i128.pow(u32::from(PLACES - self.places))
    }

    /// In units of 10^-`places`, truncated.
    pub(crate) fn units_of(self, places: u8) -> i128 {
        self.scaled() / 10_i128.pow(u32::from(PLACES.saturating_sub(places)))
    }

    pub fn is_negative(self) -> bool {
        self.units < 0
    }

    /// The exact product; `None` if it exceeds the limits.
    pub fn times(self, other: Self) -> Option<Self> {
        Self::new(self.units.checked_mul(other.units)?, self.places + other.places)
    }

    /// The exact sum, with the places of the one that has more; `None` if it exceeds the limits.
    pub fn plus(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        let units = i64::try_from(self.units_of(places) + other.units_of(places)).ok()?;
        Self::new(units, places)
    }

    /// Written for people, with thousands separated: `1,234.50`.
    pub fn grouped(self) -> String {
        let text = self.to_string();
        let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
        let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
        let first = whole.len() % 3;
        let mut groups = vec![];
        if first > 0 {
            groups.push(&whole[..first]);
        }
        groups.extend((first..whole.len()).step_by(3).map(|at| &whole[at..at + 3]));
        let whole = groups.join(",");
        fraction.map_or_else(|| format!("{sign}{whole}"), |fraction| format!("{sign}{whole}.{fraction}"))
    }
}

impl PartialOrd for Decimal {
    /// Compares values and ignores places; `0.5` and `0.50` compare as equal though their texts differ.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.scaled().cmp(&other.scaled()))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let units = self.units.unsigned_abs();
        if self.places == 0 {
            return write!(f, "{sign}{units}");
        }
        let scale = 10_u64.pow(u32::from(self.places));
        let (whole, fraction, width) = (units / scale, units % scale, usize::from(self.places));
        write!(f, "{sign}{whole}.{fraction:0width$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_33_a_decimal_has_one_spelling() {
        for (text, places) in
            [("0.00", 2), ("105.49", 2), ("-1.50", 2), ("7", 0), ("999999999999999", 0), ("0.0001", 4)]
        {
            assert_eq!(Decimal::read(text, places).map(|d| d.to_string()).as_deref(), Some(text));
        }
        let wrong = [
            "",
            ".",
            "1.",
            ".5",
            "01.00",
            "+1.00",
            "1.0",
            "1.000",
            "1e2",
            "-0.00",
            "1,000.00",
            " 1.00",
            "1.00 ",
            "１.00",
            "10000000000000.00",
            "NaN",
            "--1.00",
            "1.-5",
            "0x1.00",
        ];
        for text in wrong {
            assert_eq!(Decimal::read(text, 2), None, "{text:?}");
        }
        assert_eq!(Decimal::read("0.00001", 5), None);
    }

    #[test]
    fn products_are_exact_or_refused() {
        let read = |text, places| Decimal::read(text, places).expect("a decimal");
        assert_eq!(read("105.49", 2).times(read("5", 0)).map(|d| d.to_string()).as_deref(), Some("527.45"));
        assert_eq!(read("0.01", 2).times(read("0.01", 2)).map(|d| d.to_string()).as_deref(), Some("0.0001"));
        assert_eq!(read("0.001", 3).times(read("0.01", 2)), None, "five places");
        assert_eq!(read("999999999999999", 0).times(read("2", 0)), None);
        assert!(read("0.5", 1) <= read("0.50", 2) && read("0.5", 1) >= read("0.50", 2));
        assert!(read("-1.00", 2) < read("0", 0));
    }

    #[test]
    fn thousands_are_grouped() {
        for (text, places, grouped) in
            [("0.00", 2, "0.00"), ("999.5", 1, "999.5"), ("1000", 0, "1,000"), ("-1234567.89", 2, "-1,234,567.89")]
        {
            assert_eq!(Decimal::read(text, places).expect("a decimal").grouped(), grouped);
        }
    }
}
