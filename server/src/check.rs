//! `mandate check [FILE]`: checks the configuration and lists what starting with it would end. It changes nothing.

use std::collections::BTreeSet;

use foundation::{
    clock::Clock,
    db::{Db, Place},
};
use identity::{config::Config, retire, store::configuration};

use crate::{
    clients,
    secrets::{self, Shared},
    settings::Settings,
    words,
};

#[derive(Debug, thiserror::Error)]
#[error("the database of {0} can't be compared: {1}")]
pub struct CheckError(&'static str, #[source] sqlx::Error);

/// Prints warnings about missing secrets and about what this configuration would end. Mistakes in the file itself were
/// reported when the settings were read.
///
/// # Errors
/// If a database can't be read.
pub async fn run(settings: &Settings) -> Result<(), CheckError> {
    let name = settings.config.file.as_deref().unwrap_or("No mandate.toml, and the built-in configuration");
    words::say(&format!("{name}: nothing is wrong."));
    for missing in secrets::missing(settings) {
        words::say(&format!("Warning: {missing}"));
    }
    let (secrets, render) = (Shared::unknown(), app::identity::render);
    let configs = [
        ("tenant", clients::identity(settings, &secrets, render)),
        ("broker_identity", clients::broker_identity(settings, &secrets, render)),
    ];
    for (instance, config) in configs {
        for warning in compare(settings, instance, &config).await.map_err(|error| CheckError(instance, error))? {
            words::say(&format!("Warning: {warning}"));
        }
    }
    Ok(())
}

/// Lists what starting with this configuration would end: runs the steps of the start and rolls them back.
async fn compare(settings: &Settings, instance: &str, config: &Config) -> Result<Vec<String>, sqlx::Error> {
    let (place, migrator) = (&settings.database, identity::migrator());
    let title = &config.title;
    let Some(applied) = Db::peek(place, instance, &["_sqlx_migrations"]).await? else { return Ok(Vec::new()) };
    if applied.first().copied() != i64::try_from(migrator.iter().count()).ok() {
        let earlier = "its database is of another version of mandate, so what would end wasn't compared";
        return Ok(vec![format!("{title}: {earlier}")]);
    }
    let db = Db::open_with(place, instance, &migrator, 2).await?;
    let mut tx = db.begin().await?;
    let is_agreed = configuration::is_agreed(&mut tx, &config.version.digest).await?;
    // Approvers are lost only when the configuration changes.
    let lost = if is_agreed { BTreeSet::new() } else { retire::lost_approvers(&mut tx, config).await? };
    let retired = retire::run(&mut tx, config, Clock::system().now()).await?;
    tx.rollback().await?;
    db.close().await;
    let ends = retired.ends.iter().map(|(gone, ends)| format!("{title}: without the {gone}, this ends: {ends}"));
    let flag = (!is_agreed && matches!(place, Place::Postgres(_))).then(|| {
        format!("{title}: its instances agree on another configuration; start with `mandate serve --new-config`")
    });
    let lost = lost.iter().map(|(api, person)| format!("{title}: {person} has approved for {api}, and no longer may"));
    Ok(ends.chain(lost).chain(flag).collect())
}
