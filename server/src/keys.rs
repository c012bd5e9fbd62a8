//! `mandate keys rotate`: makes new signing keys for the identity services, also while they serve.

use foundation::{
    CancellationToken,
    clock::Clock,
    db::{Db, Place},
    http::Http,
    parts::Parts,
    seal::Sealer,
    time,
};

use crate::{
    secrets::{self, SecretsError},
    settings::Settings,
    words,
};

/// The databases that hold signing keys, with their owners.
const INSTANCES: [(&str, &str); 2] = [("tenant", "Mandate identity"), ("broker_identity", "StockTrade")];

#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error("the database of {0} can't be used: {1}")]
    Database(&'static str, #[source] sqlx::Error),
    #[error(
        "the keys of {0} are sealed under another master key. Put the right one in DATA_DIR/master.key or in MASTER_KEY; nothing was changed"
    )]
    OtherMasterKey(&'static str),
    #[error("the key of {0} can't be rotated: {1}")]
    Rotate(&'static str, #[source] identity::StartError),
    #[error("{0}: no identity service has started here yet, so there is no key to rotate. Is DATA_DIR right?")]
    Nothing(String),
}

/// Makes a new key for each identity service whose database is here.
pub async fn rotate(settings: &Settings) -> Result<(), KeysError> {
    let mut found = Vec::new();
    for (instance, name) in INSTANCES {
        let counts = Db::peek(&settings.database, instance, &["signing_key"]).await;
        let counts = counts.map_err(|error| KeysError::Database(name, error))?;
        if counts.is_some_and(|counts| counts.iter().any(|keys| *keys > 0)) {
            found.push((instance, name));
        }
    }
    if found.is_empty() {
        return Err(KeysError::Nothing(match &settings.database {
            Place::Sqlite(folder) => folder.display().to_string(),
            Place::Postgres(_) => "DATABASE_URL".into(),
        }));
    }
    let master = secrets::existing_master_key(settings)?;
    for (instance, name) in found {
        let db = Db::open(&settings.database, instance, &identity::migrator()).await;
        let parts = Parts {
            db: db.map_err(|error| KeysError::Database(name, error))?,
            clock: Clock::system(),
            sealer: Sealer::new(&master, instance),
            http: Http::new(),
            shutdown: CancellationToken::new(),
        };
        let (ahead, overlap) = (settings.key_ahead_seconds * 1000, settings.key_overlap_seconds * 1000);
        let rotated = identity::keys::rotate(&parts, ahead, overlap).await;
        parts.db.close().await;
        let key = rotated.map_err(|error| match error {
            identity::StartError::Unsealable(_) => KeysError::OtherMasterKey(name),
            error => KeysError::Rotate(name, error),
        })?;
        words::say(&format!(
            "  {name}: the new key {} is published now, and signs from {}. Until {} the old ones are accepted as well.",
            key.kid,
            time::iso(key.signs_from),
            time::iso(key.others_end),
        ));
    }
    Ok(())
}
