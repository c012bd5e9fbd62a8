//! The worst price per share that an order accepts, always above zero.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::money::{Invalid, Money, Quantity};

/// A price per share, from 0.01 to 999,999.99 US dollars. On the wire as [`Money`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, pattern = r"^(0\.0[1-9]|0\.[1-9][0-9]|[1-9][0-9]{0,5}\.[0-9]{2})$", example = "105.49"))]
pub struct Limit(Money);

impl Limit {
    /// In cents. A limit for the largest quantity is well within the range of [`Money`].
    const MOST: i64 = 99_999_999;

    /// # Errors
    /// When the amount is zero, negative or out of range.
    pub fn new(price: Money) -> Result<Self, Invalid> {
        if (1..=Self::MOST).contains(&price.cents()) {
            Ok(Self(price))
        } else {
            Err(Invalid("a limit is a price a share above zero, from \"0.01\" to \"999999.99\""))
        }
    }

    /// From whole cents. `None` outside the range.
    pub fn from_cents(cents: i64) -> Option<Self> {
        Self::new(Money::from_cents(cents)?).ok()
    }

    pub fn money(self) -> Money {
        self.0
    }

    pub fn cents(self) -> i64 {
        self.0.cents()
    }

    /// The total of this many shares at this price.
    pub fn times(self, quantity: Quantity) -> Money {
        self.0.times(quantity)
    }
}

impl From<Limit> for Money {
    fn from(limit: Limit) -> Self {
        limit.0
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Limit {
    type Err = Invalid;

    /// Only the canonical form, as for [`Money`].
    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::new(text.parse()?)
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Money::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
