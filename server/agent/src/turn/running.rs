//! A turn held by this process: all of its output and state go through here, in transactions that write nothing after
//! the lease is lost.

use foundation::{CancellationToken, db::Tx, trace};
use shared::chat::{Kind, Open, Outcome};

use crate::{
    state::Agent,
    store::{
        self,
        event::Appended,
        setting::Setting,
        state::TurnState,
        turn::{Lease, Turn},
    },
    tools::Caller,
};

/// The settings of a turn's person; the defaults for a visitor.
pub(super) async fn setting_of(agent: &Agent, turn: &Turn) -> Result<Setting, sqlx::Error> {
    match &turn.person {
        Some(person) => store::setting::of(agent.db.pool(), person).await,
        None => Ok(Setting::default()),
    }
}

/// Why a turn stops midway.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stopped {
    #[error("another holds it by now")]
    Lost,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("what was stored can't be read")]
    Unreadable(#[from] serde_json::Error),
}

pub(super) struct Running<'a> {
    pub(super) agent: &'a Agent,
    pub(super) lease: &'a Lease,
    /// Cancelled when the turn is to end.
    pub(super) stop: &'a CancellationToken,
    pub(super) turn: Turn,
    /// The open end that the next transaction stores and then sends to readers.
    open: Option<Open>,
}

impl<'a> Running<'a> {
    pub(super) async fn load(agent: &'a Agent, lease: &'a Lease, stop: &'a CancellationToken) -> Result<Self, Stopped> {
        let turn = store::turn::load(agent.db.pool(), &lease.turn).await?.ok_or(Stopped::Lost)?;
        if let Some(person) = &turn.person {
            trace::person(person);
        }
        if turn.state == TurnState::Running {
            Ok(Self { agent, lease, stop, turn, open: None })
        } else {
            Err(Stopped::Lost)
        }
    }

    /// The person the turn works for: the author of its message.
    pub(super) async fn caller(&self) -> Result<Caller, Stopped> {
        let Some(id) = &self.turn.person else { return Ok(Caller::Visitor) };
        Ok(Caller::of(store::person::find(self.agent.db.pool(), id).await?))
    }

    /// The settings of that person.
    pub(super) async fn setting(&self) -> Result<Setting, Stopped> {
        Ok(setting_of(self.agent, &self.turn).await?)
    }

    /// Begins a transaction of this turn, and stores `self.turn` in it: change that first.
    pub(super) async fn begin(&self) -> Result<Tx, Stopped> {
        let mut db = self.agent.db.begin().await?;
        if store::turn::hold(&mut db, self.lease, &self.turn).await? { Ok(db) } else { Err(Stopped::Lost) }
    }

    /// Changes the open end, with the next transaction.
    pub(super) fn set_open(&mut self, open: Open) -> Result<(), Stopped> {
        self.turn.open_text = if open.text.is_empty() { None } else { Some(serde_json::to_string(&open)?) };
        self.open = Some(open);
        Ok(())
    }

    /// Sends open text to readers without storing it.
    pub(super) fn tell(&self, open: Open) {
        self.agent.streams.tell(&self.turn.thread, Appended::default(), Some(open));
    }

    /// Commits a transaction with these events. If the turn isn't shown as running, shows that first.
    pub(super) async fn say(&mut self, mut db: Tx, mut kinds: Vec<Kind>) -> Result<(), Stopped> {
        if self.turn.shown == 0 {
            kinds.insert(0, Kind::Turn { turn: self.turn.id.clone() });
            self.turn.shown = 1;
            store::turn::hold(&mut db, self.lease, &self.turn).await?;
        }
        self.commit(db, kinds).await
    }

    /// Ends the turn after these events.
    pub(super) async fn end(&mut self, mut db: Tx, mut kinds: Vec<Kind>, outcome: Outcome) -> Result<(), Stopped> {
        let state = match outcome {
            Outcome::Done | Outcome::Waiting => TurnState::Done,
            Outcome::Cancelled | Outcome::Stopped => TurnState::Cancelled,
            Outcome::Failed { .. } => TurnState::Failed,
        };
        if self.turn.shown == 0 {
            kinds.insert(0, Kind::Turn { turn: self.turn.id.clone() });
        }
        kinds.push(Kind::End { turn: self.turn.id.clone(), outcome });
        store::turn::end(&mut db, &self.turn.id, state).await?;
        self.commit(db, kinds).await
    }

    /// Fails the turn with a message for people. A retry is always offered, since the operator may have fixed the cause
    /// by then.
    pub(super) async fn fail(&mut self, message: impl Into<String>) -> Result<(), Stopped> {
        let db = self.begin().await?;
        self.end(db, Vec::new(), Outcome::Failed { message: message.into(), retry: true, continues: false }).await
    }

    /// Pauses the turn until `due_at`, or until it is woken.
    pub(super) async fn wait(&mut self, due_at: i64) -> Result<(), Stopped> {
        let mut db = self.begin().await?;
        let mut kinds = Vec::new();
        if self.turn.shown != 0 {
            kinds.push(Kind::End { turn: self.turn.id.clone(), outcome: Outcome::Waiting });
            self.turn.shown = 0;
        }
        store::turn::wait(&mut db, &self.turn, due_at).await?;
        self.commit(db, kinds).await
    }

    /// Commits a transaction with these events. Used alone, it changes earlier output: unlike with [`Self::say`], the
    /// turn isn't shown as running, so that a screen reader doesn't repeat its text.
    pub(super) async fn commit(&mut self, mut db: Tx, kinds: Vec<Kind>) -> Result<(), Stopped> {
        let events = if kinds.is_empty() {
            Appended::default()
        } else {
            store::event::append(&mut db, &self.turn.thread, self.agent.clock.now(), kinds).await?
        };
        db.commit().await?;
        self.agent.streams.tell(&self.turn.thread, events, self.open.take());
        Ok(())
    }
}
