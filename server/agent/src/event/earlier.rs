//! Converts the events that versions before 0.2 stored, with a row for every change, into the last state of each item,
//! when the program starts.

use serde::Deserialize;
use shared::chat::{Call, CallState, Card, Event, Kind, Outcome, View};

use crate::{markdown, state::Agent, store};

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Earlier {
    Title { title: String },
    Message { id: String, text: String },
    Turn { turn: String },
    Delta { turn: String, part: u32, text: String },
    Block { turn: String, part: u32, html: String },
    Text { turn: String, part: u32, html: String, tail: String },
    Drop { turn: String, part: u32 },
    Call(Call),
    Returned { call: String, ok: bool, summary: String, output: String, ms: i64, view: Option<View> },
    Card(Card),
    End { turn: String, outcome: Outcome },
}

/// A part of an answer, collected from its events.
struct Text {
    turn: String,
    part: u32,
    html: String,
    tail: String,
    /// The numbers of its first and last event.
    seqs: (i64, i64),
    at: i64,
}

/// The other items by key, and the texts.
#[derive(Default)]
struct Items {
    events: Vec<(String, Event)>,
    texts: Vec<Text>,
}

impl Items {
    /// Replaces an item. It keeps its position unless it has `moved` to the end.
    fn put(&mut self, key: String, (seq, at): (i64, i64), kind: Kind, place: Option<i64>) {
        let known = self.events.iter().position(|(other, _)| *other == key).map(|at| self.events.remove(at).1);
        let place = place.unwrap_or_else(|| known.map_or(seq, |known| known.place));
        self.events.push((key, Event { seq, at, place, hidden: false, kind }));
    }

    fn text(&mut self, turn: String, part: u32, (seq, at): (i64, i64)) -> &mut Text {
        let found = self.texts.iter().position(|text| text.turn == turn && text.part == part);
        let index = found.unwrap_or_else(|| {
            self.texts.push(Text { turn, part, html: String::new(), tail: String::new(), seqs: (seq, seq), at });
            self.texts.len() - 1
        });
        let text = &mut self.texts[index];
        text.seqs.1 = seq;
        text
    }
}

/// The last state of each item.
fn convert(rows: Vec<(i64, i64, String)>) -> Result<Vec<Event>, serde_json::Error> {
    let mut items = Items::default();
    for (seq, at, kind) in rows {
        let of = (seq, at);
        match serde_json::from_str(&kind)? {
            Earlier::Title { title } => items.put("title".into(), of, Kind::Title { title }, Some(0)),
            Earlier::Message { id, text } => items.put(format!("m{id}"), of, Kind::Message { id, text }, Some(seq)),
            Earlier::Turn { turn } => items.put(format!("e{turn}"), of, Kind::Turn { turn }, Some(0)),
            Earlier::Delta { turn, part, text } => items.text(turn, part, of).tail.push_str(&text),
            Earlier::Block { turn, part, html } => {
                let text = items.text(turn, part, of);
                text.html.push_str(&html);
                text.tail.clear();
            }
            Earlier::Text { turn, part, html, tail } => {
                let text = items.text(turn, part, of);
                (text.html, text.tail) = (html, tail);
            }
            Earlier::Drop { turn, part } => items.texts.retain(|text| text.turn != turn || text.part != part),
            Earlier::Call(call) => items.put(format!("c{}", call.call), of, Kind::Call(call), None),
            Earlier::Returned { call, ok, summary, output, ms, view } => {
                let key = format!("c{call}");
                let known = items.events.iter().find(|(other, _)| *other == key).map(|(_, event)| &event.kind);
                let Some(Kind::Call(call)) = known else { continue };
                let state = if ok {
                    CallState::Done { summary, output, ms, view }
                } else {
                    CallState::Failed { summary, output, ms }
                };
                let call = Call { state, ..call.clone() };
                items.put(key, of, Kind::Call(call), None);
            }
            Earlier::Card(card) => items.put(format!("k{}", card.call), of, Kind::Card(card), None),
            Earlier::End { turn, outcome } => {
                let place = if outcome == Outcome::Waiting { 0 } else { seq };
                items.put(format!("e{turn}"), of, Kind::End { turn, outcome }, Some(place));
            }
        }
    }
    let texts = items.texts.into_iter().map(|text| {
        let html = text.html + &markdown::html(&text.tail);
        let kind = Kind::Block { turn: text.turn, part: text.part, block: 0, html };
        Event { seq: text.seqs.1, at: text.at, place: text.seqs.0, hidden: false, kind }
    });
    Ok(items.events.into_iter().map(|(_, event)| event).chain(texts).collect())
}

/// Converts all threads of earlier versions.
///
/// # Errors
/// When the database fails.
pub(crate) async fn convert_all(agent: &Agent) -> Result<(), sqlx::Error> {
    loop {
        let threads = store::event::of_earlier(agent.db.pool()).await?;
        for thread in &threads {
            let mut db = agent.db.begin().await?;
            let rows = store::event::take_earlier(&mut db, thread).await?;
            let events = convert(rows).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            store::event::replace_earlier(&mut db, thread, &events).await?;
            db.commit().await?;
        }
        if threads.is_empty() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::chat::{Item, Transcript};

    use super::*;

    #[test]
    fn earlier_events_become_the_last_state_of_each_item() {
        let rows = [
            r#"{"title":{"title":"Hi"}}"#,
            r#"{"message":{"id":"m","text":"Hi"}}"#,
            r#"{"turn":{"turn":"t"}}"#,
            r#"{"delta":{"turn":"t","part":0,"text":"half"}}"#,
            r#"{"drop":{"turn":"t","part":0}}"#,
            r#"{"call":{"turn":"t","call":"c","tool":"whoami","input":"{}"}}"#,
            r#"{"message":{"id":"n","text":"And?"}}"#,
            r#"{"returned":{"turn":"t","call":"c","ok":true,"summary":"s","output":"o","ms":4,"view":null}}"#,
            r#"{"delta":{"turn":"t","part":0,"text":"One"}}"#,
            r#"{"block":{"turn":"t","part":0,"html":"<p>One</p>"}}"#,
            r#"{"delta":{"turn":"t","part":0,"text":"Two & <b>"}}"#,
            r#"{"end":{"turn":"t","outcome":{"failed":{"message":"It stopped.","retry":true}}}}"#,
        ];
        let rows = (1..).zip(rows).map(|(seq, row)| (seq, seq * 10, row.to_owned())).collect();
        let mut events = convert(rows).expect("they are known");
        events.sort_by_key(|event| event.seq);
        let transcript = Transcript::from_events(events);
        assert_eq!((transcript.seq, transcript.title.as_str(), transcript.running.len()), (12, "Hi", 0));
        let [
            Item::Message { at: 20, .. },
            Item::Call(Call { state: CallState::Done { ms: 4, .. }, .. }),
            Item::Message { .. },
            Item::Text { html, .. },
            Item::Failed { .. },
        ] = &transcript.items[..]
        else {
            panic!("{:#?}", transcript.items)
        };
        assert_eq!(html, "<p>One</p><p>Two &amp; &lt;b&gt;</p>\n");
    }
}
