//! Search in the titles and texts of one's own threads.

pub(crate) mod earlier;
pub mod words;

use foundation::session::Handle;

use self::words::{Piece, Query};
use crate::{error::Error, page::Frame, state::Agent, store, thread::visitor::Visitor};

/// Number of hits in a page.
const PAGE: usize = 30;

/// `/search`
#[derive(Clone, Debug)]
pub struct Search {
    pub frame: Frame,
    /// The text that was searched for.
    pub query: String,
    pub outcome: Outcome,
    /// Whether these hits follow others.
    pub is_later_page: bool,
    /// Milliseconds since 1970 (UTC).
    pub now: i64,
}

#[derive(Clone, Debug)]
pub enum Outcome {
    /// Nothing was searched for yet.
    Begin,
    /// The text has no letters or digits.
    NoWords,
    /// The newest hits, and where the next page begins, if there are more.
    Hits(Vec<Hit>, Option<i64>),
}

/// A title, a message or a part of an answer with all the words.
#[derive(Clone, Debug)]
pub struct Hit {
    pub thread: String,
    pub title: Vec<Piece>,
    pub of: Place,
    /// Milliseconds since 1970 (UTC).
    pub at: i64,
}

/// The location of a hit.
#[derive(Clone, Debug)]
pub enum Place {
    Title,
    Item {
        /// Its key and position in the transcript.
        key: String,
        place: i64,
        /// Whether the person wrote it.
        is_own: bool,
        excerpt: Vec<Piece>,
    },
}

impl Agent {
    /// The data of `/search` for this session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_page(
        &self,
        handle: &Handle,
        query: Option<&str>,
        before: Option<i64>,
    ) -> Result<Search, Error> {
        let (frame, session) = Frame::of(self, handle).await?;
        let query = query.map(|query| query.trim().chars().take(words::QUERY_CHARACTERS).collect::<String>());
        let outcome = match (query.as_deref().map(Query::of), session) {
            (None, _) => Outcome::Begin,
            (Some(None), _) => Outcome::NoWords,
            (Some(Some(_)), None) => Outcome::Hits(Vec::new(), None),
            (Some(Some(query)), Some(session)) => self.hits(&Visitor { session }, &query, before).await?,
        };
        let query = query.unwrap_or_default();
        Ok(Search { frame, query, outcome, is_later_page: before.is_some(), now: self.clock.now() })
    }

    async fn hits(&self, visitor: &Visitor, query: &Query, before: Option<i64>) -> Result<Outcome, Error> {
        let pool = self.db.pool();
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let owner = visitor.owner();
        let mut found = store::search::find(pool, &owner, query, before.unwrap_or(i64::MAX), limit).await?;
        let more = found.len() > PAGE;
        found.truncate(PAGE);
        let next = found.last().map(|last| last.id).filter(|_| more);
        let mut hits = Vec::with_capacity(found.len());
        for found in found {
            let of = if found.item == "title" {
                Place::Title
            } else {
                // The item was deleted or hidden in the meantime.
                let Some(place) = store::event::position(pool, &found.thread, &found.item).await? else { continue };
                let text = store::event::text(pool, &found.thread, &found.item).await?;
                let is_own = found.item.starts_with('m');
                Place::Item { excerpt: query.excerpt(text.trim()), key: found.item.clone(), place, is_own }
            };
            let title = query.mark(&found.title);
            hits.push(Hit { at: found.at(), thread: found.thread, title, of });
        }
        Ok(Outcome::Hits(hits, next))
    }
}
