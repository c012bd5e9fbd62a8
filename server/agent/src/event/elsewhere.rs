//! Passes news of threads between the processes on one database, by PostgreSQL's notifications. Readers get from the
//! database whatever doesn't fit into a notification, or was lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use foundation::{CancellationToken, db::Db, notify::Notices, secret};
use serde::{Deserialize, Serialize};
use shared::chat::Open;
use sqlx::AnyPool;
use tokio::sync::mpsc;

use super::{News, Streams};
use crate::store;

const CHANNEL: &str = "chat";

/// Maximum size of a notification in bytes. PostgreSQL allows fewer than 8,000.
const LONGEST: usize = 7_500;

/// Number of messages that may wait to be sent. Beyond it they are dropped, and readers elsewhere poll.
const WAITING: usize = 1_024;

/// Pause after a failure of the database.
const PAUSE: Duration = Duration::from_secs(1);

/// A message to the other processes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Message {
    thread: String,
    /// Whether events were stored.
    look: bool,
    open: Option<Open>,
}

/// Clones share everything. By default there are no others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Elsewhere {
    queue: Option<mpsc::Sender<Message>>,
    /// Whether messages of the others arrive.
    listens: Arc<AtomicBool>,
}

impl Elsewhere {
    /// Whether readers have to poll often, because other processes may write without a notification.
    pub(crate) fn is_deaf(&self) -> bool {
        self.queue.is_some() && !self.listens.load(Ordering::Relaxed)
    }

    pub(super) fn tell(&self, thread: &str, look: bool, open: Option<&Open>) {
        if let Some(queue) = &self.queue {
            let _ = queue.try_send(Message { thread: thread.to_owned(), look, open: open.cloned() });
        }
    }
}

/// For a database that other processes may use: also returns the queue of messages to send, and the source of theirs.
pub(crate) fn connect(db: &Db) -> (Elsewhere, Option<(mpsc::Receiver<Message>, Notices)>) {
    match db.notices() {
        None => (Elsewhere::default(), None),
        Some(notices) => {
            let (sender, receiver) = mpsc::channel(WAITING);
            let elsewhere = Elsewhere { queue: Some(sender), listens: Arc::default() };
            (elsewhere, Some((receiver, notices)))
        }
    }
}

/// Sends and hears until the program stops.
pub(crate) fn start(
    db: &Db,
    streams: &Streams,
    shutdown: &CancellationToken,
    (queue, notices): (mpsc::Receiver<Message>, Notices),
) {
    let me = secret::id("");
    let (db, streams, own) = (db.clone(), streams.clone(), me.clone());
    let (stop_sending, stop_hearing) = (shutdown.clone(), shutdown.clone());
    tokio::spawn(async move {
        tokio::select! {
            () = stop_sending.cancelled() => {}
            () = send(db.pool(), queue, &own) => {}
        }
    });
    tokio::spawn(async move {
        tokio::select! {
            () = stop_hearing.cancelled() => {}
            () = hear(&streams, &notices, &me) => {}
        }
    });
}

/// Sends queued messages, as many as fit into a notification at a time.
async fn send(pool: &AnyPool, mut queue: mpsc::Receiver<Message>, me: &str) {
    let mut next = None;
    loop {
        let Some(first) = (match next.take() {
            Some(message) => Some(message),
            None => queue.recv().await,
        }) else {
            return;
        };
        let mut payload = format!("{me}\n{}", line(first));
        while let Ok(message) = queue.try_recv() {
            let line = line(message.clone());
            if payload.len() + line.len() >= LONGEST {
                next = Some(message);
                break;
            }
            payload.push('\n');
            payload.push_str(&line);
        }
        if let Err(error) = store::notification::send(pool, CHANNEL, &payload).await {
            foundation::sparsely!(warn, %error, "other processes can't be notified right now; their readers poll");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// A message as text. Open text that is too long is read from the database instead.
fn line(message: Message) -> String {
    let text = serde_json::to_string(&message).unwrap_or_default();
    if text.len() < LONGEST - 100 {
        return text;
    }
    serde_json::to_string(&Message { look: true, open: None, ..message }).unwrap_or_default()
}

/// Passes the other processes' messages to readers. After each reconnect, all readers check the database.
async fn hear(streams: &Streams, notices: &Notices, me: &str) {
    loop {
        let ended = async {
            let mut listener = notices.listen(CHANNEL).await?;
            streams.elsewhere.listens.store(true, Ordering::Relaxed);
            streams.look();
            while let Some(payload) = listener.next().await? {
                pass_on(streams, &payload, me);
            }
            Ok::<(), sqlx::Error>(())
        };
        let ended = ended.await;
        streams.elsewhere.listens.store(false, Ordering::Relaxed);
        if let Err(error) = ended {
            foundation::sparsely!(warn, %error, "other processes can't be heard right now; readers poll");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn pass_on(streams: &Streams, payload: &str, me: &str) {
    let mut lines = payload.lines();
    if lines.next() == Some(me) {
        return;
    }
    for message in lines.filter_map(|line| serde_json::from_str::<Message>(line).ok()) {
        let look = message.look.then_some(News::Look);
        streams.tell_here(&message.thread, look.into_iter().chain(message.open.map(News::Open)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{store::event::Appended, thread::owner::Owner};

    fn message(text: &str) -> Message {
        let open = Open { turn: "t".into(), attempt: 1, part: 0, from: 0, at: 0, text: text.into() };
        Message { thread: "thr_1".into(), look: false, open: Some(open) }
    }

    #[tokio::test]
    async fn message_reaches_the_readers_of_others_alone() {
        let streams = Streams::new(Elsewhere::default());
        let mut subscription = streams.listen("thr_1");
        let payload = format!("me\n{}", line(message("Hel\nlo")));
        pass_on(&streams, &payload, "me");
        pass_on(&streams, "other\nnot a message", "me");
        pass_on(&streams, &payload, "another");
        assert_eq!(subscription.next().await, Ok(News::Open(message("Hel\nlo").open.expect("it is open"))));
    }

    /// Two processes on one PostgreSQL: a reader at one gets the other's news from the notification, not the database.
    #[tokio::test]
    async fn news_reach_a_reader_at_another_instance() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = store::turn::tests::database(folder.path()).await;
        let (here, Some((queue, _))) = connect(&db) else { return };
        let (there, Some((_, notices))) = connect(&db) else { return };
        let (here, there) = (Streams::new(here), Streams::new(there));
        let mut subscription = there.listen("thr_1");
        let pool = db.pool().clone();
        tokio::spawn(async move { send(&pool, queue, "here").await });
        let heard = there.clone();
        tokio::spawn(async move { hear(&heard, &notices, "there").await });
        // Readers check the database when the process begins to listen.
        assert_eq!(subscription.next().await, Ok(News::Look));
        assert!(!there.elsewhere.is_deaf() && here.elsewhere.is_deaf());
        let open = message("Hello").open;
        here.tell("thr_1", Appended::default(), open.clone());
        here.tell("thr_2", Appended::default(), message("x").open);
        let event = shared::chat::Event {
            seq: 1,
            at: 0,
            place: 0,
            hidden: false,
            kind: shared::chat::Kind::Turn { turn: "t".into() },
        };
        let appended = Appended { events: vec![event], owner: Some(Owner::Person("per_1".into())) };
        let mut list = there.listen("p:per_1");
        here.tell("thr_1", appended, message(&"x".repeat(9_000)).open);
        assert_eq!(subscription.next().await, Ok(News::Open(open.expect("it is open"))));
        assert_eq!(subscription.next().await, Ok(News::Look));
        assert_eq!(list.next().await, Ok(News::Look));
    }

    #[test]
    fn long_text_is_left_to_the_database() {
        for text in ["x".repeat(20_000), "\u{1}".repeat(2_000)] {
            let line = line(message(&text));
            assert!(line.len() < LONGEST - 100);
            let read: Message = serde_json::from_str(&line).expect("a message");
            assert_eq!((read.look, read.open), (true, None));
        }
    }
}
