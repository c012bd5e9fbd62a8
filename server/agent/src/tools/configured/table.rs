//! `[[tool]]`: the tables of a configuration file that describe tools, as written. [`super::read`] checks them.

use std::collections::BTreeMap;

use details::MemberTable;
use serde::Deserialize;
use toml::Spanned;

/// `[[tool]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolTable {
    pub name: Spanned<String>,
    /// For people. Defaults to the name.
    pub title: Option<String>,
    /// The description for models.
    pub says: String,
    /// The id of its API.
    pub api: String,
    pub call: CallTable,
    /// None: public.
    pub needs: Option<NeedsTable>,
    /// The members of its input, unless the type of an approval has them.
    #[serde(default)]
    pub input: Vec<MemberTable>,
    /// The members of its input that may be left out.
    #[serde(default)]
    pub optional: Vec<String>,
    /// Values of members that are left out: a text, an integer, or `"{other}"` for the value of another member.
    #[serde(default)]
    pub default: BTreeMap<String, toml::Value>,
    /// Values that the API itself gives before the person is asked, such as a price.
    pub quote: Option<QuoteTable>,
    /// The result in a few words. Names in braces are members of the input or of the answer.
    pub summary: Option<String>,
    /// Messages that ask for it, for the rehearsal model: `book the {room} on {from}`.
    #[serde(default)]
    pub phrases: Vec<String>,
}

/// `call`: the request to the API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallTable {
    pub method: String,
    /// Below the API's URL; a segment is literal or one `{member}`.
    pub path: String,
    /// Each value is a literal or one `{member}`. It is left out if the member is.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    pub body: Option<BodyTable>,
}

/// `body`: `"detail"` for what was approved as a whole, or a literal or `{member}` for each member of the body.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum BodyTable {
    Whole(String),
    Members(BTreeMap<String, String>),
}

/// `needs`: a scope, or an approval of a type.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedsTable {
    pub scope: Option<String>,
    pub approval: Option<String>,
}

/// `quote`: read with the tool's scope before the person is asked. `members` maps members, which the model can't
/// choose, to JSON pointers (RFC 6901) into the answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuoteTable {
    pub path: String,
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    pub members: BTreeMap<String, String>,
}
