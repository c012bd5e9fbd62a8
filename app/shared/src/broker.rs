//! The broker's REST API (`/api/*`): camelCase, money as decimal strings, times in ISO 8601. Compatible with the
//! workshop's API, with additional fields.

mod rejection;

pub use rejection::{Rejection, reason_in};
use serde::{Deserialize, Serialize};

use crate::{
    lang::Lang,
    limit::Limit,
    money::{Money, Quantity, Side, Symbol},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Stock {
    pub symbol: Symbol,
    #[cfg_attr(feature = "openapi", schema(example = "Wayne Enterprises"))]
    pub name: String,
    pub price: Money,
    /// The price at the start of the day (UTC), from which the change is measured.
    pub open: Money,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub updated_at: String,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub sector: String,
    /// A sentence about the company.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub about: String,
}

/// A stock's current price: the payload of each message of `/api/prices`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    pub symbol: Symbol,
    pub price: Money,
    pub open: Money,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub updated_at: String,
}

/// A point in the history of a price or an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Point {
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub at: String,
    pub value: Money,
}

/// The period that a history covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Range {
    Hour,
    #[default]
    Day,
    Week,
    Month,
    Year,
}

impl Range {
    pub const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// In milliseconds.
    pub fn ms(self) -> i64 {
        const HOUR: i64 = 3_600_000;
        match self {
            Self::Hour => HOUR,
            Self::Day => 24 * HOUR,
            Self::Week => 7 * 24 * HOUR,
            Self::Month => 30 * 24 * HOUR,
            Self::Year => 365 * 24 * HOUR,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Portfolio {
    #[cfg_attr(feature = "openapi", schema(example = "10000.00"))]
    pub cash_balance: Money,
    /// Cash and holdings at current market prices.
    pub total_value: Money,
    pub holdings: Vec<Holding>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Holding {
    pub symbol: Symbol,
    pub name: String,
    pub shares: u32,
    pub price: Money,
    /// The cost of all of these shares. Divide by `shares` for the average.
    pub cost: Money,
    pub value: Money,
}

/// The body of `POST /api/orders`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrderRequest {
    pub symbol: Symbol,
    pub side: Side,
    pub quantity: Quantity,
    /// The limit: the worst acceptable price per share. Must equal the approved one. A number with at most two decimals
    /// is accepted, too.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub price: Option<Limit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    Pending,
    Filled,
    Cancelled,
    Rejected,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Filled => "FILLED",
            Self::Cancelled => "CANCELLED",
            Self::Rejected => "REJECTED",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Order {
    #[cfg_attr(feature = "openapi", schema(example = "ord_3f0c"))]
    pub id: String,
    pub symbol: Symbol,
    pub side: Side,
    pub quantity: Quantity,
    /// The price per share that was paid if the order was filled, otherwise the limit.
    pub price: Money,
    /// The total paid or received; `None` until the order is filled.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<Money>,
    pub status: Status,
    /// The reason for the rejection, in English.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    pub placed_by: PlacedBy,
    /// The approval of its cancellation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cancelled_by: Option<CancelledBy>,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub created_at: String,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub updated_at: String,
}

impl Order {
    /// The reason for the rejection in a language.
    pub fn why(&self, lang: Lang) -> Option<String> {
        self.reason.as_deref().map(|reason| reason_in(lang, reason))
    }
}

/// The cause of an order's cancellation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CancelledBy {
    /// The approval's id at its issuer.
    pub txn: String,
}

/// The person or agent that placed an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PlacedBy {
    /// `you`, or the agent's client id.
    #[cfg_attr(feature = "openapi", schema(example = "agent"))]
    pub who: String,
    /// The agent's name for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// The name of the MCP client that asked for the order through the agent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub asked_by: Option<String>,
    /// The approval's id at its issuer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub txn: Option<String>,
    /// The binding code that the chat and the approval page showed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<String>,
    /// The time of the approval, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub approved_at: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stocks {
    pub stocks: Vec<Stock>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Orders {
    pub orders: Vec<Order>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct History {
    pub points: Vec<Point>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiError {
    #[cfg_attr(feature = "openapi", schema(example = "There is no such order."))]
    pub error: String,
}
