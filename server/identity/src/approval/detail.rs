//! What a request asks for, read by the types that are registered today.

use details::{Detail, Refused, read};

use crate::{error::OAuthError, state::Identity, store::approval};

/// The details that a request was stored with.
///
/// # Errors
/// Where today's types can't hold them: an older release took limits that are refused now. Such a request is neither
/// shown nor usable.
pub(crate) fn of(identity: &Identity, row: &approval::Row) -> Result<Detail, Refused> {
    read::read_one(&format!("[{}]", row.detail), |name| identity.detail_type(name))
}

impl From<Refused> for OAuthError {
    fn from(_: Refused) -> Self {
        Self::invalid_grant("What was approved can't be read any more; ask again")
    }
}
