//! The agent: turns, tools, threads, interrupts, MCP.
//!
//! A message becomes a turn (`turn/`), which asks the model (`model/`), calls tools (`tools/`), waits for the person
//! (`approval/`, `interrupt.rs`) and reports its progress as events of its thread (`event/`).

mod account;
mod api;
pub mod approval;
mod broker;
mod cleanup;
pub mod config;
pub mod error;
mod event;
mod identity;
mod instance;
mod interrupt;
mod language;
mod limits;
mod login;
mod markdown;
mod mcp;
mod model;
pub mod page;
mod queue;
mod recording;
mod routes;
pub mod search;
pub mod settings;
mod state;
mod store;
mod suggest;
mod thread;
pub mod tools;
mod turn;
pub mod workshop;

use std::sync::Arc;

use axum::Router;
use foundation::{db::Db, login::Login, parts::Parts, session::Sessions, trace::Recorder};
use shared::recording::Party;
use sqlx::migrate::Migrator;

pub use error::Error;
pub use markdown::plain;
pub use state::Agent;
pub use store::personal::Removed;

/// The migrations of the agent's database.
pub fn migrator() -> Migrator {
    sqlx::migrate!("../../migrations/agent")
}

/// Ends a person's sessions, by their `sub` at the identity service, using only the database; returns how many.
///
/// # Errors
/// If the database fails.
pub async fn log_out(db: &Db, subject: &str) -> Result<u64, sqlx::Error> {
    let mut ended = 0;
    let mut tx = db.begin().await?;
    for person in store::person::of_subject(&mut tx, subject).await? {
        ended += Sessions::end_all_of(&mut tx, &person).await?;
    }
    tx.commit().await?;
    Ok(ended)
}

/// Deletes everything that this site keeps about the person with this `sub` at the identity service, using only the
/// database. A `rehearsal` is rolled back: it only says what would be deleted.
///
/// # Errors
/// If the database fails.
pub async fn remove_person(db: &Db, subject: &str, rehearsal: bool) -> Result<Removed, sqlx::Error> {
    // A database that was updated just now has no index yet.
    store::search::prepare(db).await?;
    let mut tx = db.begin().await?;
    let removed = store::personal::delete(&mut tx, subject).await?;
    foundation::db::end(tx, rehearsal).await?;
    Ok(removed)
}

impl Agent {
    /// Starts the agent and its background work, and resumes interrupted turns.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start(config: config::Config, parts: Parts) -> Result<Self, Error> {
        let one_time = parts.one_time();
        let sessions = parts.sessions("mandate_agent", config.site.is_secure(), 12, 24 * 30).for_recorder();
        let login = Login::new(config.login.clone(), parts.http.clone(), parts.clock.clone(), parts.one_time());
        let (elsewhere, others) = event::elsewhere::connect(&parts.db);
        let agent = Self(Arc::new(state::Inner {
            one_time,
            sessions,
            login,
            limits: Arc::new(limits::Limits::new(&parts)),
            streams: event::Streams::new(elsewhere),
            model: model::Client::new(
                &config.model,
                config.per_day.tokens.is_some(),
                parts.http.clone(),
                parts.clock.clone(),
            ),
            turns: turn::turns::Turns::default(),
            approvals: approval::wake::Approvals::new(),
            instance: Arc::new(instance::Instance::of(&config.folder)),
            mcp_kept: Arc::default(),
            identity: identity::document::Identity::default(),
            recorder: Recorder::new(Party::Chat, parts.clock.clone(), config.recordings),
            render: page::Message::plain,
            renderer: page::Renderer::NONE,
            tools: tools::all(&config).into(),
            config: Arc::new(config),
            db: parts.db,
            clock: parts.clock,
            sealer: parts.sealer,
            http: parts.http,
            shutdown: parts.shutdown,
        }));
        store::search::prepare(&agent.db).await?;
        event::earlier::convert_all(&agent).await?;
        tokio::spawn(search::earlier::index_all(agent.clone()));
        if let Some(others) = others {
            event::elsewhere::start(&agent.db, &agent.streams, &agent.shutdown, others);
        }
        approval::worker::start(&agent).await?;
        turn::reclaim(&agent).await?;
        turn::watch(agent.clone());
        tokio::spawn(foundation::cleanup::run(agent.sessions.clone(), agent.one_time.clone(), agent.shutdown.clone()));
        cleanup::watch(agent.clone());
        Ok(agent)
    }

    /// The model endpoint's error, in words for the operator. Takes at most three seconds.
    pub async fn model_trouble(&self) -> Option<String> {
        model::probe::trouble(&self.model).await
    }

    /// After the signal to stop: waits until this process has released its turns, so that the next process can continue
    /// them at once.
    pub async fn stopped(&self) {
        self.shutdown.cancelled().await;
        self.turns.queue.all_ended().await;
        self.approvals.queue.all_ended().await;
    }

    /// Ends the sessions of everyone with one of these lower-case email addresses, who may not log in any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shut_out(&self, emails: &[String]) -> Result<(), sqlx::Error> {
        for email in emails {
            let mut tx = self.db.begin().await?;
            for person in store::person::of_email(&mut tx, email).await? {
                Sessions::end_all_of(&mut tx, &person).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// The same agent, with renderers for its messages and for the transcript.
    #[must_use]
    pub fn rendered_by(self, render: page::Render, renderer: page::Renderer) -> Self {
        let parts = Arc::unwrap_or_clone(self.0);
        Self(Arc::new(state::Inner { render, renderer, ..parts }))
    }

    /// All routes of the agent's site except its pages.
    pub fn routes(&self) -> Router {
        routes::all(self)
    }
}
