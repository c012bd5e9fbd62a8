//! The state of a request at a given time.

use crate::{page::State, store::approval};

pub(crate) fn of(row: &approval::Row, now: i64) -> State {
    match row.state.as_str() {
        "approved" if row.used_at.is_some() => State::Used,
        "approved" if row.ended_at.is_some() => State::Ended,
        "approved" => State::Approved,
        "denied" => State::Denied,
        "withdrawn" => State::Withdrawn,
        _ if row.expires_at <= now => State::Expired,
        _ => State::Waiting,
    }
}
