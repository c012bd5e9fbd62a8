//! The stored form of a provider and of Mandate's client there (`store::provider`).

use foundation::{ExposeSecret, seal::Unsealable, secret};
use serde_json::json;

use super::client::{ProviderClient, Reach};
use crate::{config::Connection, state::Identity, store::provider::Row};

/// The row of a connection's provider, which replaces the `known` one.
pub(crate) fn row(identity: &Identity, connection: &Connection, known: Option<&Row>) -> Row {
    let id = known.map_or_else(|| secret::id("prv_"), |row| row.id.clone());
    Row {
        connection: connection.name.clone(),
        settings: json!(Reach::of(connection)).to_string(),
        secret: identity.sealer.seal(&place(&id), connection.settings.client_secret.expose_secret()),
        removed_at: None,
        id,
    }
}

/// Reads how to reach the provider of a row. `None` if the settings can't be read.
pub(crate) fn reach(row: &Row) -> Option<Reach> {
    serde_json::from_str(&row.settings).ok()
}

/// Mandate's client at the provider.
///
/// # Errors
/// If the secret was sealed under another master key.
pub(crate) fn client(identity: &Identity, row: &Row) -> Result<Option<ProviderClient>, Unsealable> {
    let secret = identity.sealer.open(&place(&row.id), &row.secret)?;
    Ok(reach(row).map(|reach| ProviderClient::new(reach, secret.into())))
}

/// The associated data that binds a client's sealed secret to its row.
fn place(id: &str) -> String {
    format!("provider.secret:{id}")
}
