//! Waiting for the person, and waking.

use crate::{Agent, Error};

/// The person connected an account: their turns that wait for one go on.
///
/// # Errors
/// Where the database fails.
pub async fn connected(_agent: &Agent, _person: &str) -> Result<(), Error> {
    Ok(())
}
