//! A reader's own recording: the shape from Mandate identity, and what this site recorded. It begins and ends with the
//! one there.

use shared::recording::Recording;

use crate::{
    identity::{IdentityError, me::Me},
    state::Agent,
};

/// The recording of a person, given by their ids here and at the identity service: all sites' requests, the oldest
/// first. If Mandate identity records, this site does from now on, too.
///
/// # Errors
/// If the identity service can't be asked.
pub(crate) async fn of(agent: &Agent, person: &str, subject: &str) -> Result<Recording, IdentityError> {
    let mut recording = Me::recording(agent, person).await?;
    match recording.until {
        Some(until) => {
            agent.recorder.start(&[person, subject], until, None);
        }
        None => agent.recorder.stop(person),
    }
    recording.records.extend(agent.recorder.shapes(person));
    recording.records.sort_by_key(|record| record.at);
    Ok(recording)
}
