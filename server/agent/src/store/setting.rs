//! The table `setting`: what a person chose.

use sqlx::AnyPool;

/// A person's choices. Until they choose, all are empty.
#[derive(Clone, Debug, Default, PartialEq, sqlx::FromRow)]
pub(crate) struct Setting {
    /// For the agent, in the person's own words.
    pub(crate) instructions: String,
    /// The model's name, which the operator may no longer offer.
    pub(crate) model: Option<String>,
}

pub(crate) async fn of(pool: &AnyPool, person: &str) -> Result<Setting, sqlx::Error> {
    let found = sqlx::query_as("SELECT instructions, model FROM setting WHERE person = $1");
    Ok(found.bind(person).fetch_optional(pool).await?.unwrap_or_default())
}

pub(crate) async fn keep(pool: &AnyPool, person: &str, setting: &Setting) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO setting (person, instructions, model) VALUES ($1, $2, $3)
         ON CONFLICT (person) DO UPDATE SET instructions = excluded.instructions, model = excluded.model",
    )
    .bind(person)
    .bind(&setting.instructions)
    .bind(&setting.model)
    .execute(pool)
    .await?;
    Ok(())
}
