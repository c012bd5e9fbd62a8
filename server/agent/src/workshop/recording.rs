//! A reader's own recording: the shape from Mandate identity, and what this site recorded. It begins and ends with the
//! one there.

use shared::recording::Recording;

use super::reader::Person;
use crate::{
    identity::{IdentityError, me::Me},
    state::Agent,
};

/// The recording of a person: all sites' requests since then, in milliseconds since 1970, the oldest first. If Mandate
/// identity records, this site does from now on, too.
///
/// # Errors
/// If the identity service can't be asked.
pub(crate) async fn of(agent: &Agent, person: &Person, since: i64) -> Result<Recording, IdentityError> {
    let mut recording = Me::recording(agent, &person.id).await?;
    match recording.until {
        Some(until) => {
            agent.recorder.start(&[&person.id, &person.subject], until, None);
        }
        None => agent.recorder.stop(&person.id),
    }
    recording.records.extend(agent.recorder.shapes(&person.id));
    recording.records.retain(|record| record.at >= since);
    recording.records.sort_by_key(|record| record.at);
    Ok(recording)
}
