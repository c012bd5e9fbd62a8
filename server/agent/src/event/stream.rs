//! `GET /api/threads/{id}/events`: the events of a thread as Server-Sent Events, after the last one seen.
//! `GET /api/threads/events`: when the list of the reader's threads changes. Pages of a thread also get that.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::{
    extract::{Path, Query, State},
    http::{Extensions, HeaderMap},
    response::sse::{self, KeepAlive, Sse},
};
use foundation::{
    lang::{self, Lang},
    limit::Slot,
    session::Handle,
};
use futures::{Stream, stream::unfold};
use serde::Deserialize;
use shared::chat::{Event, Kind, Open, Update};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::Instant,
};

use super::{News, Subscription};
use crate::{
    error::Error,
    limits::address,
    state::Agent,
    store,
    thread::{self, versions, visitor::Visitor},
};

#[derive(Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    after: i64,
    /// Set (`?html`) by the site's own page, which gets HTML.
    html: Option<String>,
}

/// Interval at which a reader checks its session, and the database without a notification.
const LOOK: Duration = Duration::from_secs(10);

/// The same interval while notifications from other processes don't arrive.
const POLL: Duration = Duration::from_secs(1);

/// The shortest time between two changes of the list, so that a busy thread doesn't repeat it all the time.
const LIST: Duration = Duration::from_millis(300);

/// Time after which a reader with too many streams may retry, in milliseconds. Left pages close theirs.
const WAIT: i64 = 10_000;

/// More than [`STREAMS`](foundation::limit::STREAMS) streams at once, or too many from a visitor's address, get 429
/// with `Retry-After`. The page retries with backoff, as after any interruption.
pub(crate) async fn events(
    State(agent): State<Agent>,
    Path(thread): Path<String>,
    Query(After { after, html }): Query<After>,
    handle: Handle,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, Error> {
    let visitor = Visitor::of(&agent, &handle).await?.ok_or(Error::NotFound)?;
    visitor.must_own(&agent, &thread).await?;
    // On a reconnect the browser sends the last event that it saw.
    let last: Option<i64> = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let seen = after.max(last.unwrap_or(0));
    open(agent, &visitor, Some(thread), seen, html.is_some(), &extensions)
}

/// `GET /api/threads/events`, with the same limits.
pub(crate) async fn list(
    State(agent): State<Agent>,
    handle: Handle,
    extensions: Extensions,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, Error> {
    let visitor = Visitor::of(&agent, &handle).await?.ok_or(Error::NotFound)?;
    open(agent, &visitor, None, 0, true, &extensions)
}

fn open(
    agent: Agent,
    visitor: &Visitor,
    thread: Option<String>,
    seen: i64,
    html: bool,
    extensions: &Extensions,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>> + use<>>, Error> {
    if visitor.session.person.is_none()
        && let Some(address) = address(extensions)
    {
        agent.limits.streams.take(&address).map_err(Error::TooMany)?;
    }
    let owner = visitor.owner().to_string();
    let place = agent.streams.open(&owner).ok_or(Error::TooMany(WAIT))?;
    let is_of_thread = thread.is_some();
    let reader = Reader {
        // Subscribes before reading the database, so that no event is missed.
        subscription: thread.as_deref().map(|thread| agent.streams.listen(thread)),
        list: html.then(|| agent.streams.listen(&owner)),
        // The list may have changed since the page was rendered.
        list_at: html.then(Instant::now),
        listed: Instant::now(),
        ended: agent.streams.ended(),
        session: visitor.session.id.clone(),
        _place: place,
        seen,
        ready: VecDeque::new(),
        open: VecDeque::new(),
        behind: is_of_thread,
        wants_open: is_of_thread,
        look_at: Instant::now() + LOOK,
        html,
        lang: lang::current(),
        deleted: false,
        thread: thread.unwrap_or_default(),
        agent,
    };
    let stream = unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((Ok(event), reader))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

struct Reader {
    agent: Agent,
    thread: String,
    session: String,
    _place: Slot,
    /// None for the list alone.
    subscription: Option<Subscription>,
    /// The owner's list of threads. None for other programs.
    list: Option<Subscription>,
    /// When to send that the list has changed, and when that was sent last.
    list_at: Option<Instant>,
    listed: Instant,
    ended: broadcast::Receiver<String>,
    /// The number of the last event sent.
    seen: i64,
    ready: VecDeque<Event>,
    /// Open text, sent after the events.
    open: VecDeque<Open>,
    /// Whether the database may have events that weren't broadcast here.
    behind: bool,
    /// Whether open text may have been missed.
    wants_open: bool,
    /// When to check the session and the database again.
    look_at: Instant,
    /// Whether to send HTML.
    html: bool,
    lang: Lang,
    /// Whether the thread is deleted, which ends the stream.
    deleted: bool,
}

impl Reader {
    /// Reads new events from the database. Its callers box it, to keep idle streams small.
    async fn catch_up(&mut self) -> Option<()> {
        let more = store::event::after(self.agent.db.pool(), &self.thread, self.seen).await.ok()?;
        self.behind = i64::try_from(more.len()).unwrap_or(0) >= store::event::PAGE;
        self.ready.extend(more);
        if !self.behind && std::mem::take(&mut self.wants_open) {
            let running = store::turn::running(self.agent.db.pool(), &self.thread).await.ok()?;
            self.open.extend(running.into_iter().filter_map(|(_, open)| open));
        }
        Some(())
    }

    /// The next event. `None` at the end of the stream: when the program stops, the session ended, or the database
    /// failed (the browser then reconnects).
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            if self.deleted {
                return None;
            }
            if let Some(event) = self.ready.pop_front() {
                self.seen = event.seq;
                self.deleted = event.kind == Kind::Deleted { undone: false };
                let data = if self.html {
                    Box::pin(self.rendered(event)).await?
                } else {
                    serde_json::to_string(&event).ok()?
                };
                return Some(sse::Event::default().id(self.seen.to_string()).data(data));
            }
            if !self.behind
                && let Some(open) = self.open.pop_front()
            {
                let data = serde_json::to_string(&open).ok()?;
                return Some(sse::Event::default().event("text").data(data));
            }
            if self.behind {
                Box::pin(self.catch_up()).await?;
                continue;
            }
            tokio::select! {
                biased;
                () = self.agent.shutdown.cancelled() => return None,
                ended = self.ended.recv() => match ended {
                    Ok(session) if session == self.session => return None,
                    Ok(_) => {}
                    Err(_) => Box::pin(self.must_live()).await?,
                },
                // Comes before broadcasts, so that a busy thread doesn't postpone it.
                () = tokio::time::sleep_until(self.look_at) => {
                    Box::pin(self.must_live()).await?;
                    self.behind = self.subscription.is_some();
                    let is_deaf = self.agent.streams.elsewhere.is_deaf();
                    if is_deaf {
                        self.wants_open |= self.behind;
                        self.list_changed();
                    }
                    self.look_at = Instant::now() + if is_deaf { POLL } else { LOOK };
                }
                () = at(self.list_at) => {
                    (self.list_at, self.listed) = (None, Instant::now());
                    // Browsers ignore events without data.
                    return Some(sse::Event::default().event("list").data("changed"));
                }
                news = next(&mut self.list) => match news {
                    Ok(_) | Err(RecvError::Lagged(_)) => self.list_changed(),
                    Err(RecvError::Closed) => return None,
                },
                news = next(&mut self.subscription) => match news {
                    // Already sent, from the database.
                    Ok(News::Event(event)) if event.seq <= self.seen => {}
                    Ok(News::Event(event)) if event.seq == self.seen + 1 => self.ready.push_back(event),
                    Ok(News::Open(open)) => self.open.push_back(open),
                    Ok(News::Event(_) | News::Look) | Err(RecvError::Lagged(_)) => {
                        (self.behind, self.wants_open) = (true, true);
                    }
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    /// An event as HTML: the whole page if another branch is shown now, and nothing if the event is hidden.
    async fn rendered(&mut self, event: Event) -> Option<String> {
        let agent = &self.agent;
        let mut around = agent.around(&self.thread, self.lang);
        let is_versioned = matches!(event.kind, Kind::Message { .. } | Kind::End { .. });
        if is_versioned && !event.hidden {
            around.versions = versions::of(agent.db.pool(), &self.thread).await.ok()?;
        }
        let render = agent.renderer;
        let update = if matches!(event.kind, Kind::Branch { .. }) {
            let transcript = thread::transcript(agent, &self.thread, None).await.ok()?;
            around.versions = transcript.versions.clone();
            // The page also contains later events.
            (self.seen, self.wants_open) = (transcript.seq, true);
            self.ready.retain(|ready| ready.seq > transcript.seq);
            self.behind = true;
            let (seq, running) = (transcript.seq, transcript.running.clone());
            let html = tokio::task::spawn_blocking(move || (render.page)(&transcript, &around)).await.ok()?;
            Update { seq, html, page: Some(running), ..Update::default() }
        } else {
            let update = (render.update)(&event, &around);
            if event.hidden {
                let running = update.running.filter(|(_, runs)| !runs);
                Update { html: String::new(), say: String::new(), running, ..update }
            } else {
                update
            }
        };
        serde_json::to_string(&update).ok()
    }

    fn list_changed(&mut self) {
        if self.list.is_some() {
            self.list_at.get_or_insert(self.listed + LIST);
        }
    }

    /// `None` if the session has ended.
    async fn must_live(&self) -> Option<()> {
        self.agent.sessions.is_active(&self.session).await.ok()?.then_some(())
    }
}

/// Waits until this time; forever if there is none.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

async fn next(subscription: &mut Option<Subscription>) -> Result<News, RecvError> {
    match subscription {
        Some(subscription) => subscription.next().await,
        None => std::future::pending().await,
    }
}
