//! Delivers the events of a thread: stores them first, then broadcasts them to the readers of this process and
//! ([`elsewhere`]) of others. Open text is broadcast without being stored.

pub(crate) mod earlier;
pub(crate) mod elsewhere;
pub(crate) mod stream;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use foundation::{
    db::Tx,
    limit::{AtOnce, STREAMS, Slot},
};
use serde::{Deserialize, Serialize};
use shared::chat::{Event, Kind, Open};
use tokio::sync::broadcast::{self, error::RecvError};

use self::elsewhere::Elsewhere;
use crate::{store::event::Appended, thread::owner::Owner};

/// A message to the readers of a thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum News {
    Event(Event),
    Open(Open),
    /// The database has more events.
    Look,
}

/// The threads that have readers, each with its queue. Readers share news, so a place in the queue is as small as a
/// pointer.
type Threads = Arc<Mutex<HashMap<String, broadcast::Sender<Arc<News>>>>>;

/// The readers in this process. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    threads: Threads,
    /// The number of open streams for each reader.
    open: Arc<AtOnce>,
    /// Broadcasts sessions that end.
    ended: broadcast::Sender<String>,
    /// The other processes on this database.
    pub(crate) elsewhere: Elsewhere,
}

impl Streams {
    /// Number of messages by which a slow reader may lag before it reads from the database.
    const BEHIND: usize = 64;

    pub(crate) fn new(elsewhere: Elsewhere) -> Self {
        Self {
            threads: Arc::default(),
            open: Arc::new(AtOnce::new(STREAMS)),
            ended: broadcast::channel(64).0,
            elsewhere,
        }
    }

    /// Counts a stream of this reader until it is dropped. `None` at [`STREAMS`].
    pub(crate) fn open(&self, reader: &str) -> Option<Slot> {
        self.open.take(reader)
    }

    /// Commits the events of a transaction, then sends them to the readers of their thread.
    ///
    /// # Errors
    /// If the database fails: nothing was sent.
    pub(crate) async fn commit(&self, db: Tx, thread: &str, appended: Appended) -> Result<(), sqlx::Error> {
        db.commit().await?;
        self.tell(thread, appended, None);
        Ok(())
    }

    /// Sends stored events, then open text, to the readers of a thread. Events may arrive out of order, so readers
    /// compare their numbers.
    pub(crate) fn tell(&self, thread: &str, appended: Appended, open: Option<Open>) {
        let Appended { events, owner } = appended;
        if let Some(owner) = owner.filter(|_| events.iter().any(|event| is_listed(&event.kind))) {
            self.list_changed(&owner);
        }
        self.elsewhere.tell(thread, !events.is_empty(), open.as_ref());
        self.tell_here(thread, events.into_iter().map(News::Event).chain(open.map(News::Open)));
    }

    /// Announces a change to the readers of an owner's list of threads. They listen under the owner's key.
    pub(crate) fn list_changed(&self, owner: &Owner) {
        let owner = owner.to_string();
        self.elsewhere.tell(&owner, true, None);
        self.tell_here(&owner, [News::Look]);
    }

    fn tell_here(&self, thread: &str, news: impl IntoIterator<Item = News>) {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(readers) = threads.get(thread) {
            for news in news {
                // No reader left: the last one has removed the entry, or is about to.
                let _ = readers.send(Arc::new(news));
            }
        }
    }

    /// Makes all readers check the database.
    fn look(&self) {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for readers in threads.values() {
            let _ = readers.send(Arc::new(News::Look));
        }
    }

    pub(crate) fn listen(&self, thread: &str) -> Subscription {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let readers = threads.entry(thread.to_owned()).or_insert_with(|| broadcast::channel(Self::BEHIND).0);
        Subscription { news: Some(readers.subscribe()), threads: self.threads.clone(), thread: thread.to_owned() }
    }

    /// Ends a session's streams.
    pub(crate) fn end(&self, session: &str) {
        // An error means that nobody listens.
        let _ = self.ended.send(session.to_owned());
    }

    pub(crate) fn ended(&self) -> broadcast::Receiver<String> {
        self.ended.subscribe()
    }
}

/// Whether an event changes the parts of pages beside the transcript: the list of threads, the number of waiting
/// requests, the suggestions.
fn is_listed(kind: &Kind) -> bool {
    !matches!(kind, Kind::Block { .. } | Kind::Drop { .. } | Kind::Call(_))
}

/// A reader's subscription to a thread. The queue is removed with its last reader.
#[derive(Debug)]
pub(crate) struct Subscription {
    /// `Some` until this is dropped.
    news: Option<broadcast::Receiver<Arc<News>>>,
    threads: Threads,
    thread: String,
}

impl Subscription {
    pub(crate) async fn next(&mut self) -> Result<News, RecvError> {
        let news = self.news.as_mut().ok_or(RecvError::Closed)?;
        news.recv().await.map(Arc::unwrap_or_clone)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        // Within the lock, so that of two readers that leave at once, one sees that none is left.
        self.news = None;
        if threads.get(&self.thread).is_some_and(|readers| readers.receiver_count() == 0) {
            threads.remove(&self.thread);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: i64) -> Event {
        Event { seq, at: 0, place: 0, hidden: false, kind: Kind::Title { title: format!("Title {seq}") } }
    }

    fn stored(events: Vec<Event>) -> Appended {
        Appended { events, owner: Some(Owner::Visitor("vis_1".into())) }
    }

    #[tokio::test]
    async fn a_queue_is_there_while_somebody_reads() {
        let streams = Streams::new(Elsewhere::default());
        let queues = || streams.threads.lock().unwrap_or_else(PoisonError::into_inner).len();
        let news = |seq| Ok(News::Event(event(seq)));
        // Without readers, nothing is kept.
        streams.tell("one", stored(vec![event(1)]), None);
        assert_eq!(queues(), 0);

        let (mut first, mut second, other) = (streams.listen("one"), streams.listen("one"), streams.listen("other"));
        assert_eq!(queues(), 2);
        streams.tell("one", stored(vec![event(2), event(3)]), None);
        for subscription in [&mut first, &mut second] {
            assert_eq!((subscription.next().await, subscription.next().await), (news(2), news(3)));
        }
        drop(first);
        drop(other);
        streams.tell("one", stored(vec![event(4)]), None);
        assert_eq!((queues(), second.next().await), (1, news(4)));
        drop(second);
        assert_eq!(queues(), 0);
    }
}
