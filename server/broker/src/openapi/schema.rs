//! The API's types as its description shows them. The types themselves are `shared`'s, which knows nothing of
//! OpenAPI; a test compares the two.

#![expect(dead_code, reason = "described, never made")]

use utoipa::ToSchema;

/// Whether the API answers.
#[derive(ToSchema)]
pub(crate) struct Pong {
    #[schema(example = "ok")]
    pub(crate) status: String,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Stock {
    #[schema(example = "WAYNE", pattern = "^[A-Z]{1,8}$")]
    pub(crate) symbol: String,
    #[schema(example = "Wayne Enterprises")]
    pub(crate) name: String,
    #[schema(example = "103.42")]
    pub(crate) price: String,
    /// The price when the day began (UTC).
    #[schema(example = "101.00")]
    pub(crate) open: String,
    #[schema(format = DateTime)]
    pub(crate) updated_at: String,
    pub(crate) sector: String,
    pub(crate) about: String,
}

#[derive(ToSchema)]
pub(crate) struct Stocks {
    pub(crate) stocks: Vec<Stock>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Quote {
    #[schema(example = "WAYNE")]
    pub(crate) symbol: String,
    #[schema(example = "103.42")]
    pub(crate) price: String,
    #[schema(example = "101.00")]
    pub(crate) open: String,
    #[schema(format = DateTime)]
    pub(crate) updated_at: String,
}

#[derive(ToSchema)]
pub(crate) struct Point {
    #[schema(format = DateTime)]
    pub(crate) at: String,
    #[schema(example = "103.42")]
    pub(crate) value: String,
}

#[derive(ToSchema)]
pub(crate) struct History {
    pub(crate) points: Vec<Point>,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Range {
    Hour,
    Day,
    Week,
    Month,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Portfolio {
    #[schema(example = "10000.00")]
    pub(crate) cash_balance: String,
    #[schema(example = "10517.10")]
    pub(crate) total_value: String,
    pub(crate) holdings: Vec<Holding>,
}

#[derive(ToSchema)]
pub(crate) struct Holding {
    #[schema(example = "WAYNE")]
    pub(crate) symbol: String,
    pub(crate) name: String,
    #[schema(example = 5)]
    pub(crate) shares: u32,
    #[schema(example = "103.42")]
    pub(crate) price: String,
    /// What all of these shares cost.
    #[schema(example = "500.00")]
    pub(crate) cost: String,
    #[schema(example = "517.10")]
    pub(crate) value: String,
}

#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderRequest {
    #[schema(example = "WAYNE", pattern = "^[A-Z]{1,8}$")]
    pub(crate) symbol: String,
    pub(crate) side: Side,
    #[schema(example = 5, minimum = 1, maximum = 10000)]
    pub(crate) quantity: u32,
    /// The limit: the worst price a share, above zero. It must be the approved one. A number with at most two
    /// decimals is read too.
    #[schema(example = "105.49", pattern = r"^(0\.0[1-9]|0\.[1-9][0-9]|[1-9][0-9]{0,5}\.[0-9]{2})$")]
    pub(crate) price: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "UPPERCASE")]
pub(crate) enum Side {
    Buy,
    Sell,
}

#[derive(ToSchema)]
#[schema(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    Pending,
    Filled,
    Cancelled,
    Rejected,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Order {
    #[schema(example = "ord_3f0c")]
    pub(crate) id: String,
    #[schema(example = "WAYNE")]
    pub(crate) symbol: String,
    pub(crate) side: Side,
    #[schema(example = 5)]
    pub(crate) quantity: u32,
    /// The price a share: where filled, what was paid; otherwise the limit.
    #[schema(example = "103.42")]
    pub(crate) price: String,
    #[schema(example = "105.49")]
    pub(crate) limit: Option<String>,
    pub(crate) status: Status,
    /// Why it was rejected.
    pub(crate) reason: Option<String>,
    pub(crate) placed_by: PlacedBy,
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    #[schema(format = DateTime)]
    pub(crate) updated_at: String,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PlacedBy {
    /// `you`, or the agent's client id.
    #[schema(example = "agent")]
    pub(crate) who: String,
    pub(crate) name: Option<String>,
    /// The MCP client that asked for it through the agent.
    pub(crate) asked_by: Option<String>,
    /// The approval's id at its issuer.
    pub(crate) txn: Option<String>,
    /// The code that stood in the chat and on the approval page.
    pub(crate) code: Option<String>,
    #[schema(format = DateTime)]
    pub(crate) approved_at: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct Orders {
    pub(crate) orders: Vec<Order>,
}

#[derive(ToSchema)]
pub(crate) struct ApiError {
    #[schema(example = "There is no such order.")]
    pub(crate) error: String,
}
