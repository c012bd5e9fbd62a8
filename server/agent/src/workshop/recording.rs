//! A reader's own recording: Mandate identity's records and this site's. It begins and ends with the one there.

use shared::recording::Recording;

use super::reader::Person;
use crate::{
    identity::{IdentityError, me::Me},
    state::Agent,
};

/// A person's recording: all sites' requests since a time (milliseconds since 1970), oldest first. Also starts this
/// site's recording if Mandate identity records, and stops it otherwise.
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
