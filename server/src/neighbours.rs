//! Databases that belong together. If one of them lacks what another relies on, it was lost or moved. Starting would
//! silently create an empty one, so nothing starts.

use foundation::db::{Db, Place};

use crate::settings::{Settings, SiteName};

#[derive(Debug, thiserror::Error)]
pub enum NeighboursError {
    #[error("the database of {0} can't be read: {1}")]
    Database(&'static str, #[source] sqlx::Error),
    #[error(
        "the database {lacking} ({place}) is {how}, but {witness} beside it is in use: {lacking} was lost or moved. \
         Put it back, or restore it with `mandate restore DIR {lacking}`. To start over with nothing, remove the others \
         as well. Nothing was changed"
    )]
    Lacks { lacking: &'static str, place: String, how: &'static str, witness: &'static str },
}

/// Tables whose rows prove that a database is in use: only a ready program could have written them.
fn in_use(instance: &str) -> &'static [&'static str] {
    match instance {
        "agent" => &["person"],
        "tenant" => &[
            "person",
            "approval WHERE used_at IS NOT NULL AND connection = 'stocktrade'",
            "approval WHERE client = 'agent'",
        ],
        "broker_identity" => &["authorization_grant", "person"],
        _ => &["account", "orders WHERE txn IS NOT NULL"],
    }
}

/// The databases of these sites.
pub fn instances(sites: &[SiteName]) -> Vec<&'static str> {
    let of = |site: &SiteName| match site {
        SiteName::Agent => &["agent"][..],
        SiteName::Identity => &["tenant"],
        SiteName::Broker => &["broker_identity", "broker"],
    };
    SiteName::ALL.iter().filter(|site| sites.contains(site)).flat_map(of).copied().collect()
}

/// Checks these sites' databases before creating or migrating any of them.
///
/// # Errors
/// If one database lacks what another relies on.
pub async fn look(settings: &Settings, sites: &[SiteName]) -> Result<(), NeighboursError> {
    let mut seen: Vec<(&'static str, Option<Vec<i64>>)> = Vec::new();
    for instance in instances(sites) {
        let counts = Db::peek(&settings.database, instance, in_use(instance)).await;
        seen.push((instance, counts.map_err(|error| NeighboursError::Database(instance, error))?));
    }
    let lacks = |lacking: &'static str, how, witness| {
        let place = match &settings.database {
            Place::Sqlite(folder) => folder.join(format!("{lacking}.db")).display().to_string(),
            Place::Postgres(_) => format!("schema {lacking}"),
        };
        Err(NeighboursError::Lacks { lacking, place, how, witness })
    };
    // Only the first count proves use. The second may count the demo people, whom every start creates.
    let used = seen.iter().find(|(_, counts)| counts.as_ref().is_some_and(|counts| counts[0] > 0));
    if let Some((witness, _)) = used
        && let Some((lacking, _)) = seen.iter().find(|(_, counts)| counts.is_none())
    {
        return lacks(lacking, "missing or empty", witness);
    }
    let count = |instance: &str, at: usize| {
        let counts = seen.iter().find(|(name, _)| *name == instance)?.1.as_ref()?;
        counts.get(at).copied()
    };
    let external = settings.external.is_some();
    for (witness, at, lacking, rows) in [
        // A person of one site also exists at the site where they logged in.
        ("agent", 0, "tenant", 0),
        ("tenant", 0, "broker_identity", 1),
        // An approval request from the chat belongs to a person who logged in there.
        ("tenant", 2, "agent", 0),
        // An approved order belongs to an account, and its approval to a person.
        ("tenant", 1, "broker", 0),
        ("broker", 1, "tenant", 0),
    ] {
        let skipped = external && (lacking == "tenant" || witness == "tenant" && lacking == "agent");
        if !skipped && count(witness, at).is_some_and(|rows| rows > 0) && count(lacking, rows) == Some(0) {
            return lacks(lacking, "without any of its rows", witness);
        }
    }
    Ok(())
}
