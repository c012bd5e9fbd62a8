//! The identity service that a command uses, and its database.

use std::sync::LazyLock;

use foundation::db::{Db, Place};
use identity::{
    operator::Operator,
    store::{authorization_grant::Of, person::Listed},
};
use sqlx::migrate::Migrator;

use super::arguments::{Arguments, Site};
use crate::{secrets::SecretsError, settings::Settings};

#[derive(Debug, thiserror::Error)]
pub(super) enum OperatorError {
    #[error("the database of {0} can't be used: {1}")]
    Database(&'static str, #[source] sqlx::Error),
    #[error("{0} has never started here, so there is nothing to show. Is {1} right?")]
    Nothing(&'static str, String),
    #[error("there is no person {0} at {1}. `mandate people list` lists them")]
    NoPerson(String, &'static str),
    #[error("{0} is the e-mail of several people: name one of them by id: {1}")]
    SeveralPeople(String, String),
    #[error("there is no client {0} at {1}. `mandate clients list` lists them")]
    NoClient(String, &'static str),
    #[error("there is no grant {0} at {1}. `mandate grants list` lists them. Nothing was changed")]
    NoGrant(String, &'static str),
    #[error("the database of {0} isn't here. Name the person by id (usr_…) to delete their data at this site")]
    NeedsId(&'static str),
    #[error("not confirmed, so nothing was changed")]
    NotConfirmed,
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error("{0} is a demo person, whose password is public, and a site isn't loopback. Nothing was changed")]
    DemoPerson(String),
}

/// The site that people log in to with an identity service: its title, and its database.
pub(super) fn client_site(site: Site) -> (&'static str, &'static str, &'static Migrator) {
    static AGENT: LazyLock<Migrator> = LazyLock::new(agent::migrator);
    match site {
        Site::Identity => ("Mandate chat", "agent", &AGENT),
        Site::StockTrade => ("StockTrade's site", "broker", broker::migrator()),
    }
}

/// Neither of an identity service's databases is here.
pub(super) fn nothing(settings: &Settings, site: Site) -> OperatorError {
    let place = match &settings.database {
        Place::Sqlite(folder) => format!("DATA_DIR ({})", folder.display()),
        Place::Postgres(_) => "DATABASE_URL".into(),
    };
    OperatorError::Nothing(site.title(), place)
}

pub(super) async fn open(settings: &Settings, site: Site) -> Result<Db, OperatorError> {
    let opened = open_existing(settings, site.instance(), &identity::migrator()).await;
    opened.map_err(|error| OperatorError::Database(site.title(), error))?.ok_or_else(|| nothing(settings, site))
}

/// Opens an existing database: a command doesn't create one.
pub(super) async fn open_existing(
    settings: &Settings,
    instance: &str,
    migrator: &Migrator,
) -> Result<Option<Db>, sqlx::Error> {
    match Db::peek(&settings.database, instance, &[]).await? {
        Some(_) => Ok(Some(Db::open_with(&settings.database, instance, migrator, 2).await?)),
        None => Ok(None),
    }
}

/// An identity service with its open database.
pub(super) struct OpenSite<'a> {
    pub(super) site: Site,
    pub(super) operator: Operator<'a>,
}

impl OpenSite<'_> {
    pub(super) fn database(&self, error: sqlx::Error) -> OperatorError {
        OperatorError::Database(self.site.title(), error)
    }

    /// The one person with this id or e-mail.
    pub(super) async fn person(&self, name: &str) -> Result<Listed, OperatorError> {
        let mut found = self.operator.people_named(name).await.map_err(|error| self.database(error))?;
        match (found.pop(), found.is_empty()) {
            (Some(person), true) => Ok(person),
            (None, _) => Err(OperatorError::NoPerson(name.to_owned(), self.site.title())),
            (Some(last), false) => {
                let ids: Vec<&str> = found.iter().chain([&last]).map(|person| person.id.as_str()).collect();
                Err(OperatorError::SeveralPeople(name.to_owned(), ids.join(", ")))
            }
        }
    }

    /// The grants that `--person` and `--client` select.
    pub(super) async fn grants_of(&self, arguments: &Arguments) -> Result<Of, OperatorError> {
        let person = match arguments.value("person") {
            Some(name) => Some(self.person(name).await?.id),
            None => None,
        };
        let client = arguments.value("client").map(str::to_owned);
        if let Some(client) = &client {
            let clients = self.operator.clients().await.map_err(|error| self.database(error))?;
            if !clients.iter().any(|known| known.id == *client) {
                return Err(OperatorError::NoClient(client.clone(), self.site.title()));
            }
        }
        Ok(Of { person, client, ..Of::default() })
    }
}
