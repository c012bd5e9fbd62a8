//! `mandate people remove`: deletes a person at an identity service and at the site that people log in to with it.

use std::io::{BufRead, Write, stdin, stdout};

use foundation::{clock::Clock, db::Db, seal::Sealer};
use identity::operator::{Ended, Operator};
use serde_json::json;

use super::{
    arguments::{Arguments, Site},
    people::{called, many},
    site::{OpenSite, OperatorError, client_site, nothing, open_existing},
};
use crate::{secrets, settings::Settings, words};

/// The deletions at one site: its name, and for each kind of row the name in JSON, the name for people, and the number.
struct Part {
    site: &'static str,
    counts: Vec<(&'static str, &'static str, u64)>,
}

/// The databases to delete from. At least one is here.
struct Removal<'a> {
    site: Site,
    subject: String,
    label: String,
    /// The identity service, if its database is here.
    identity: Option<(Db, Sealer)>,
    /// The site that people log in to with it, if its database is here.
    client: Option<Db>,
    settings: &'a Settings,
}

pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<(), OperatorError> {
    let removal = Removal::of(settings, arguments).await?;
    let done = removal.confirmed(arguments).await;
    for db in removal.identity.iter().map(|(db, _)| db).chain(&removal.client) {
        db.close().await;
    }
    done
}

impl<'a> Removal<'a> {
    async fn of(settings: &'a Settings, arguments: &Arguments) -> Result<Self, OperatorError> {
        let (site, name) = (arguments.site, &arguments.operands[0]);
        let (elsewhere, instance, migrator) = client_site(site);
        let failed = |error| OperatorError::Database(elsewhere, error);
        let client = open_existing(settings, instance, migrator).await.map_err(failed)?;
        let failed = |error| OperatorError::Database(site.title(), error);
        let identity = open_existing(settings, site.instance(), &identity::migrator()).await.map_err(failed)?;
        let mut removal = Self { site, subject: name.clone(), label: name.clone(), identity: None, client, settings };
        match identity {
            Some(db) => {
                let operator = Operator { db: &db, now: Clock::system().now() };
                let person = OpenSite { site, operator }.person(name).await?;
                (removal.subject, removal.label) = (person.id.clone(), called(&person));
                let sealer = Sealer::new(&secrets::existing_master_key(settings)?, site.instance());
                removal.identity = Some((db, sealer));
            }
            // Each site has a machine of its own, and this is the chat's or StockTrade's.
            None if removal.client.is_some() && name.starts_with("usr_") => {}
            None if removal.client.is_some() => return Err(OperatorError::NeedsId(site.title())),
            None => return Err(nothing(settings, site)),
        }
        Ok(removal)
    }

    async fn confirmed(&self, arguments: &Arguments) -> Result<(), OperatorError> {
        if !arguments.yes {
            let parts = self.delete(Ended::default(), true).await?;
            words::say(&format!("This deletes {} for good:\n{}", self.label, listed(&parts)));
            if !asked() {
                return Err(OperatorError::NotConfirmed);
            }
        }
        let mut ended = None;
        if let Some((db, _)) = &self.identity {
            // First, so that they can't log in again while the other site deletes them.
            let disabled = Operator { db, now: Clock::system().now() }.disable(&self.subject).await;
            ended = disabled.map_err(|error| OperatorError::Database(self.site.title(), error))?;
        }
        let parts = self.delete(ended.unwrap_or_default(), false).await?;
        let missing = self.missing();
        if arguments.json {
            let mut deleted = json!({});
            for part in &parts {
                for (name, _, count) in &part.counts {
                    deleted[part.site][name] = (*count).into();
                }
            }
            let answer = json!({
                "person": self.subject, "state": "removed", "deleted": deleted, "elsewhere": missing,
            });
            words::say(&answer.to_string());
            return Ok(());
        }
        words::say(&format!("Removed {}.\n{}", self.label, listed(&parts)));
        if let Some(site) = missing {
            let flag = if self.site == Site::StockTrade { " --site stocktrade" } else { "" };
            words::say(&format!(
                "The database of {site} isn't here. Where it is, run: mandate people remove {}{flag}",
                self.subject
            ));
        }
        Ok(())
    }

    /// Deletes the person, or (`rehearsal`) only counts. At the identity service last: until then the command can be
    /// repeated. `ended` is what ended before.
    async fn delete(&self, ended: Ended, rehearsal: bool) -> Result<Vec<Part>, OperatorError> {
        let mut parts = Vec::new();
        if let Some(db) = &self.client {
            let site = client_site(self.site).0;
            let failed = |error| OperatorError::Database(site, error);
            let counts = match self.site {
                Site::Identity => {
                    let removed = agent::remove_person(db, &self.subject, rehearsal).await.map_err(failed)?;
                    vec![("sessions", "session", removed.sessions), ("chats", "chat", removed.chats)]
                }
                Site::StockTrade => {
                    let removed = broker::remove_person(db, &self.subject, rehearsal).await.map_err(failed)?;
                    vec![
                        ("sessions", "session", removed.sessions),
                        ("accounts", "account", removed.accounts),
                        ("orders", "order", removed.orders),
                    ]
                }
            };
            parts.push(Part { site, counts });
        }
        if let Some((db, sealer)) = &self.identity {
            let site = self.site.title();
            let operator = Operator { db, now: Clock::system().now() };
            let removed = operator.remove(&self.subject, sealer, rehearsal).await;
            let removed = removed.map_err(|error| OperatorError::Database(site, error))?.unwrap_or_default();
            let counts = vec![
                ("sessions", "session", removed.sessions + ended.sessions),
                ("grants", "grant", removed.grants),
                ("requests", "request for approval", removed.requests),
                ("connected_accounts", "connected account", removed.accounts),
                ("unrevoked", "connected account that can't be revoked at its provider", removed.unrevoked),
            ];
            parts.insert(0, Part { site, counts });
        }
        Ok(parts)
    }

    /// The site whose database isn't here.
    fn missing(&self) -> Option<&'static str> {
        if self.identity.is_none() {
            return Some(self.site.title());
        }
        let has_stocktrade = self.site == Site::Identity || self.settings.config.has_stocktrade;
        (self.client.is_none() && has_stocktrade).then(|| client_site(self.site).0)
    }
}

/// `1 request for approval`, `2 requests for approval`.
fn counted(count: u64, what: &str) -> String {
    let (thing, rest) = what
        .split_once(" for ")
        .or_else(|| what.split_once(" that "))
        .map_or((what, ""), |(thing, _)| (thing, &what[thing.len()..]));
    format!("{}{rest}", many(count, thing))
}

fn listed(parts: &[Part]) -> String {
    let line = |part: &Part| {
        let counts = part.counts.iter().filter(|(.., count)| *count > 0);
        let words: Vec<String> = counts.map(|(_, what, count)| counted(*count, what)).collect();
        format!("  {}: {}", part.site, if words.is_empty() { "nothing else".into() } else { words.join(", ") })
    };
    parts.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Whether the operator confirms, at the terminal or by a line of input.
fn asked() -> bool {
    let _ = write!(stdout(), "Type yes to go on: ").and_then(|()| stdout().flush());
    let mut line = String::new();
    stdin().lock().read_line(&mut line).is_ok() && line.trim() == "yes"
}
