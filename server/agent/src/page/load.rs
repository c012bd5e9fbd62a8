//! Loads the data of the agent's pages for a session.

use axum::http::{HeaderMap, StatusCode};
use foundation::{
    lang::Lang,
    session::{Handle, Session},
    tr,
};
use shared::chat::Transcript;

use super::{Around, Chat, Chats, Edit, Frame, Keys, Mcp, McpApp, Next, Part};
use crate::{
    broker,
    error::Error,
    limits::day::Counter,
    state::Agent,
    store, suggest,
    thread::{self, manage::UNDO, visitor::Visitor},
};

/// Number of items that a page around a position shows after it.
const FOLLOWING: i64 = 20;

impl Frame {
    /// The frame of every page for this session, and the session.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn of(agent: &Agent, handle: &Handle) -> Result<(Self, Option<Session>), Error> {
        let session = agent.sessions.find(handle).await?;
        let person = match session.as_ref().and_then(|session| session.person.as_deref()) {
            Some(person) => store::person::find(agent.db.pool(), person).await?,
            None => None,
        };
        let threads = match &session {
            Some(session) => {
                let owner = Visitor { session: session.clone() }.owner();
                store::thread::list(agent.db.pool(), &owner, None).await?
            }
            None => Vec::new(),
        };
        let waiting = match session.as_ref().and_then(|session| session.person.as_deref()) {
            Some(person) => store::approval::count_waiting(agent.db.pool(), person, agent.clock.now()).await?,
            None => 0,
        };
        let frame = Self {
            // A person without a name still needs a label.
            person: person.as_ref().map(|person| {
                person.name.clone().or_else(|| person.email.clone()).unwrap_or_else(|| tr!("You", "Du").into())
            }),
            who: session.as_ref().and_then(|it| it.person.as_deref()).map(|person| agent.sealer.mac("who", person)),
            email: person.and_then(|person| person.email),
            threads,
            waiting,
            csrf_token: session.as_ref().map(|session| agent.sessions.csrf_token(session)).unwrap_or_default(),
            ..Self::without_session(agent)
        };
        Ok((frame, session))
    }

    /// The frame of a page for a browser without a session.
    pub(crate) fn without_session(agent: &Agent) -> Self {
        let issuer = agent.issuer().trim_end_matches('/');
        Self {
            person: None,
            who: None,
            email: None,
            threads: Vec::new(),
            waiting: 0,
            rehearsal: agent.config.model.rehearsal,
            csrf_token: String::new(),
            approvals: (agent.approvals_host(), format!("{issuer}/approvals")),
            orders: broker::orders_page(&agent.config),
        }
    }
}

impl Agent {
    /// The host of the site where people approve.
    fn approvals_host(&self) -> String {
        let issuer = self.issuer().trim_end_matches('/');
        issuer.split_once("://").map_or(issuer, |(_, host)| host).to_owned()
    }

    /// The inputs of the HTML for an open page.
    pub(crate) fn around(&self, thread: &str, lang: Lang) -> Around {
        Around {
            now: self.clock.now(),
            thread: Some(thread.to_owned()),
            orders: broker::orders_page(&self.config),
            approvals: self.approvals_host(),
            live: true,
            lang,
            versions: Vec::new(),
        }
    }

    /// The frame of an error page for the browser that sent these headers. After a server error it doesn't look up the
    /// session, since the database may have failed.
    pub async fn frame_for(&self, headers: &HeaderMap, status: StatusCode) -> Frame {
        if status.is_server_error() {
            return Frame::without_session(self);
        }
        let found = Frame::of(self, &self.sessions.handle(headers)).await;
        found.map_or_else(|_| Frame::without_session(self), |(frame, _)| frame)
    }

    /// The data of `/mcp` for the browser that sent these headers.
    pub async fn mcp_page(&self, headers: &HeaderMap) -> Mcp {
        let frame = self.frame_for(headers, StatusCode::OK).await;
        let session = self.sessions.find(&self.sessions.handle(headers)).await.ok().flatten();
        let app = match session.and_then(|session| session.person) {
            Some(person) => self.app_of(&person).await.unwrap_or_default(),
            None => None,
        };
        let site = &self.config.site;
        let now = self.clock.now();
        Mcp { frame, address: site.at("mcp"), is_public: site.is_secure() && !site.is_loopback(), app, now }
    }

    /// The person's app that called `/mcp` last.
    async fn app_of(&self, person: &str) -> Result<Option<McpApp>, sqlx::Error> {
        let pool = self.db.pool();
        let Some(person) = store::person::find(pool, person).await? else { return Ok(None) };
        let row = store::mcp_call::last(pool, &person.subject, "", 0).await?;
        Ok(row.map(|row| McpApp { name: row.name.unwrap_or(row.client), first_at: row.first_at, last_at: row.last_at }))
    }

    /// The data of `/` (no thread is `opened`) and `/t/{thread}` for this session.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the thread isn't this session's.
    pub async fn chat_page(&self, handle: &Handle, opened: Option<&str>, part: Part) -> Result<Chat, Error> {
        let (frame, session) = Frame::of(self, handle).await?;
        let (transcript, before) = match (opened, &session) {
            (None, _) => (Transcript::default(), None),
            (Some(_), None) => return Err(Error::NotFound),
            (Some(opened), Some(session)) => {
                Visitor { session: session.clone() }.must_own(self, opened).await?;
                self.part(opened, part).await?
            }
        };
        let next = match (opened, before) {
            (Some(opened), Some(before)) => self.next(opened, before).await?,
            _ => Next::Nothing,
        };
        let suggestions = match opened {
            Some(opened) if next == Next::Nothing => self.suggestions(opened).await?,
            _ => Vec::new(),
        };
        let notice = match session {
            Some(session) => Counter::of(self, &Visitor { session }.owner()).await?.said(self.db.pool()).await?,
            None => None,
        };
        let resume = frame.person.is_some();
        Ok(Chat {
            frame,
            thread: opened.map(str::to_owned),
            transcript,
            deleted: None,
            suggestions,
            next,
            notice,
            resume,
            now: self.clock.now(),
        })
    }

    /// The data of `/chats` for this session: the newest threads, or those after the last one of a page.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chats_page(&self, handle: &Handle, after: Option<(i64, &str)>) -> Result<Chats, Error> {
        let (frame, session) = Frame::of(self, handle).await?;
        let threads = match session {
            Some(session) => store::thread::list(self.db.pool(), &Visitor { session }.owner(), after).await?,
            None => Vec::new(),
        };
        Ok(Chats { frame, threads, now: self.clock.now() })
    }

    /// The data of `/keys` for this session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys_page(&self, handle: &Handle) -> Result<Keys, Error> {
        Ok(Keys { frame: Frame::of(self, handle).await?.0, now: self.clock.now() })
    }

    /// Suggestions for a thread that its owner has opened. None while the agent works.
    pub(crate) async fn suggestions(&self, thread: &str) -> Result<Vec<String>, Error> {
        if !store::turn::running(self.db.pool(), thread).await?.is_empty() {
            return Ok(Vec::new());
        }
        let items = store::event::last(self.db.pool(), thread, suggest::ITEMS).await?;
        Ok(suggest::fitting(&self.config, &items))
    }

    /// Messages of a thread, and the position before which they end, unless they are the latest.
    async fn part(&self, thread: &str, part: Part) -> Result<(Transcript, Option<i64>), Error> {
        let place = match part {
            Part::Latest => return Ok((thread::transcript(self, thread, None).await?, None)),
            Part::Before(before) => return Ok((thread::transcript(self, thread, Some(before)).await?, Some(before))),
            Part::Around(place) => place,
        };
        let holds =
            |page: &Transcript| page.before.is_none() || page.places.first().is_some_and(|first| *first <= place);
        let latest = thread::transcript(self, thread, None).await?;
        if holds(&latest) {
            return Ok((latest, None));
        }
        let before = store::event::further(self.db.pool(), thread, place, FOLLOWING).await?;
        let page = thread::transcript(self, thread, before).await?;
        if holds(&page) {
            return Ok((page, before));
        }
        // Those items don't fit into one page with this position, so the page ends with it.
        let before = place.saturating_add(1);
        Ok((thread::transcript(self, thread, Some(before)).await?, Some(before)))
    }

    /// The messages that follow a page that ends before this position.
    async fn next(&self, thread: &str, before: i64) -> Result<Next, Error> {
        let last = before.saturating_sub(1);
        let next = store::event::further(self.db.pool(), thread, last, store::event::ITEMS).await?;
        Ok(next.map_or(Next::Latest, Next::Before))
    }

    /// The data of `/t/{thread}/edit`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the thread isn't this session's.
    pub async fn edit_page(&self, handle: &Handle, thread: &str) -> Result<Edit, Error> {
        let (frame, session) = Frame::of(self, handle).await?;
        Visitor { session: session.ok_or(Error::NotFound)? }.must_own(self, thread).await?;
        let (title, _) = store::thread::state(self.db.pool(), thread).await?.ok_or(Error::NotFound)?;
        Ok(Edit { frame, thread: thread.to_owned(), title, now: self.clock.now() })
    }

    /// The title of a thread of this session that was just deleted, while that can be undone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deleted_thread(&self, handle: &Handle, thread: &str) -> Result<Option<String>, Error> {
        let Some(visitor) = Visitor::of(self, handle).await? else { return Ok(None) };
        let since = self.clock.now() - UNDO;
        Ok(store::thread_state::deleted(self.db.pool(), thread, &visitor.owner(), since).await?)
    }

    /// The thread in which the person of this session was asked for this approval.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn thread_of_approval(&self, handle: &Handle, approval: &str) -> Result<Option<String>, Error> {
        let (_, session) = Frame::of(self, handle).await?;
        let Some(session) = session else { return Ok(None) };
        let owner = Visitor { session }.owner();
        Ok(store::approval::thread(self.db.pool(), &owner, approval).await?)
    }
}
