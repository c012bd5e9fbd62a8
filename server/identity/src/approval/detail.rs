//! Reads a request's details by the currently registered types.

use details::{Detail, Refused, read};

use crate::{error::OAuthError, state::Identity, store::approval};

/// The details stored with a request.
///
/// # Errors
/// If the current types refuse them: an older release accepted more. Nobody can see or use such a request.
pub(crate) fn of(identity: &Identity, row: &approval::Row) -> Result<Detail, Refused> {
    read::read_one(&format!("[{}]", row.detail), |name| identity.detail_type(name))
}

impl From<Refused> for OAuthError {
    fn from(_: Refused) -> Self {
        Self::invalid_grant("What was approved can't be read any more; ask again")
    }
}
