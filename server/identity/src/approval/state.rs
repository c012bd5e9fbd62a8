//! The state of a request at a given time.

use crate::{page::State, store::approval};

pub(crate) fn of(row: &approval::Row, now: i64) -> State {
    match row.state.as_str() {
        // At an API of this service, the approval could be used until it ended. An account's order is placed at the
        // first use.
        "approved" if row.ended_at.is_some() && (row.used_at.is_none() || row.audience.is_some()) => State::Ended,
        "approved" if row.used_at.is_some() => State::Used,
        "approved" => State::Approved,
        "denied" => State::Denied,
        "withdrawn" => State::Withdrawn,
        _ if row.expires_at <= now => State::Expired,
        _ => State::Waiting,
    }
}
