//! The APIs and the types of `authorization_details` (RFC 9396) that a configuration file registers: the content of
//! approvals, defined as data.
//!
//! A file's `[[api]]` tables become [`Api`]s with their [`Type`]s ([`api`]). A type reads a client's text into a
//! [`Detail`] ([`read`]), which shows itself to the person. Its one canonical form is stored, signed and compared. The
//! vocabulary is closed: flat objects, with the kinds of members in [`member`], so that the page can show every member
//! and no value has two texts.

pub mod api;
pub mod by_choice;
pub mod decimal;
pub mod detail;
pub mod facts;
pub mod file;
mod language;
mod letters;
pub mod member;
mod names;
mod plain;
pub mod read;
pub mod receipt;
pub mod rule;
mod said;
pub mod schema;
pub mod sheet;
pub mod template;
pub mod types;
pub mod url_template;

pub use api::{Api, Apis};
pub use decimal::Decimal;
pub use detail::{Amount, Detail, Value};
pub use file::{ApiTable, MemberTable, Wrong};
pub use language::Language;
pub use plain::is_plain;
pub use read::Refused;
pub use receipt::Outcome;
pub use sheet::{Answer, Row, Sheet, What};
pub use types::Type;
