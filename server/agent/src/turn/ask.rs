//! Asks the model once: streams its text into the thread in batches, and stores what it said or which tools it calls.

use std::{future::pending, time::Duration};

use base::secret;
use tokio::time::{Instant, sleep_until};
use wire::chat::{CallState, Kind, Outcome};

use super::{
    compose::{self, Said},
    running::{Running, Stopped},
};
use crate::{
    markdown,
    model::{Answer, Fault, Piece},
    store,
    store::call::Call,
    tools,
};

/// How often the model may be asked for one message.
const MOST: i64 = 12;

/// How long text is gathered before it is stored and sent.
const BATCH: Duration = Duration::from_millis(30);

pub(super) enum Asked {
    /// It called tools.
    Calls,
    /// The turn is over.
    Over,
    /// Somebody asked the turn to end.
    Interrupted,
}

pub(super) async fn ask(running: &mut Running<'_>) -> Result<Asked, Stopped> {
    if running.turn.asked >= MOST {
        let message = "The model went on calling tools without an answer, so it was stopped. What was done is kept.";
        running.fail(message).await?;
        return Ok(Asked::Over);
    }
    running.turn.asked += 1;
    if running.turn.open != 0 {
        // Half an answer of a try before: it is void.
        let dropped = Kind::Drop { turn: running.turn.id.clone(), part: part(running) };
        running.turn.open = 0;
        let db = running.begin().await?;
        running.say(db, vec![dropped]).await?;
    }
    running.show().await?;

    let messages = compose::messages(running).await?;
    let stop = running.stop.clone();
    let answer = tokio::select! {
        () = stop.cancelled() => return Ok(Asked::Interrupted),
        answer = running.agent.model.ask(&messages, tools::definitions()) => answer,
    };
    let mut text = Text::default();
    let said = match answer {
        Ok(answer) => read(running, answer, &mut text).await?,
        Err(fault) => Err(fault),
    };
    match said {
        Ok(None) => {
            // What was said before it was stopped stays.
            text.finish(running).await?;
            Ok(Asked::Interrupted)
        }
        Ok(Some(calls)) => match check(calls) {
            Ok(calls) if calls.is_empty() && text.whole.trim().is_empty() => fail(running, Fault::Empty).await,
            Ok(calls) => store(running, text, calls).await,
            Err(fault) => fail(running, fault).await,
        },
        Err(fault) => fail(running, fault).await,
    }
}

async fn fail(running: &mut Running<'_>, fault: Fault) -> Result<Asked, Stopped> {
    tracing::warn!(turn = running.turn.id, %fault, "the model's answer could not be used");
    running.fail(fault.to_string()).await?;
    Ok(Asked::Over)
}

/// Reads the answer to its end: the tool calls, or nothing where the turn was interrupted.
async fn read(
    running: &mut Running<'_>,
    mut answer: Answer,
    text: &mut Text,
) -> Result<Result<Option<Vec<Called>>, Fault>, Stopped> {
    let mut calls: Vec<Called> = Vec::new();
    let stop = running.stop.clone();
    loop {
        let batch = async {
            match text.since {
                Some(since) if !text.waiting.is_empty() => sleep_until(since + BATCH).await,
                // The first text goes out at once.
                None if !text.waiting.is_empty() => {}
                _ => pending().await,
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(Ok(None)),
            () = batch => text.flush(running).await?,
            piece = answer.next() => match piece {
                Ok(Some(Piece::Text(more))) => {
                    if text.whole.len() + more.len() > 100_000 {
                        return Ok(Err(Fault::TooLong));
                    }
                    text.push(&more);
                }
                Ok(Some(Piece::Call { index, name, arguments })) => {
                    let at = calls.iter().position(|call| call.index == index);
                    let at = at.unwrap_or_else(|| {
                        calls.push(Called { index, name: String::new(), arguments: String::new() });
                        calls.len() - 1
                    });
                    calls[at].name.push_str(&name);
                    calls[at].arguments.push_str(&arguments);
                    if calls.len() > 8 || calls[at].arguments.len() > 16_000 {
                        return Ok(Err(Fault::TooLong));
                    }
                }
                Ok(None) => return Ok(Ok(Some(calls))),
                Err(fault) => return Ok(Err(fault)),
            },
        }
    }
}

/// A tool call as the model streamed it.
struct Called {
    index: u32,
    name: String,
    arguments: String,
}

/// Each call must name a tool, with a JSON object for arguments.
fn check(calls: Vec<Called>) -> Result<Vec<Called>, Fault> {
    for call in &calls {
        if !tools::definitions().iter().any(|tool| tool.name == call.name) {
            return Err(Fault::UnknownTool(call.name.chars().filter(|c| !c.is_control()).take(40).collect()));
        }
        let arguments = call.arguments.trim();
        let object = arguments.is_empty()
            || serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(arguments).is_ok();
        if !object {
            return Err(Fault::BadArguments(call.name.clone()));
        }
    }
    Ok(calls)
}

/// Stores a whole answer: the turn is over, or goes on with its tool calls, each announced before it is made.
async fn store(running: &mut Running<'_>, mut text: Text, calls: Vec<Called>) -> Result<Asked, Stopped> {
    let mut db = running.begin().await?;
    let mut kinds = text.rest(running);
    let over = calls.is_empty();
    let mut said = Said { text: std::mem::take(&mut text.whole), calls: Vec::new() };
    let now = running.agent.clock.now();
    let mut history = compose::history(&running.turn)?;
    for (position, called) in (0..).zip(calls) {
        let call = Call {
            id: secret::id("call_"),
            turn: running.turn.id.clone(),
            position: running.turn.asked * 100 + position + i64::try_from(history.len()).unwrap_or(0) * 10_000,
            tool: called.name,
            arguments: if called.arguments.trim().is_empty() { "{}".into() } else { called.arguments },
            created_at: now,
            ..Call::default()
        };
        store::call::announce(&mut db, &call).await?;
        kinds.push(Kind::Call(wire::chat::Call {
            turn: running.turn.id.clone(),
            call: call.id.clone(),
            tool: call.tool.clone(),
            input: indented(&call.arguments),
            state: CallState::Running,
        }));
        said.calls.push(crate::model::Asked { id: call.id, name: call.tool, arguments: call.arguments });
    }
    history.push(said);
    running.turn.history = serde_json::to_string(&history)?;
    if over {
        running.end(db, kinds, Outcome::Done).await?;
        Ok(Asked::Over)
    } else {
        running.say(db, kinds).await?;
        Ok(Asked::Calls)
    }
}

fn indented(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| json.to_owned())
}

fn part(running: &Running<'_>) -> u32 {
    u32::try_from(running.turn.part).unwrap_or(0)
}

/// The text of an answer on its way into the thread.
#[derive(Default)]
struct Text {
    whole: String,
    /// What was sent and is not yet a finished block.
    tail: String,
    /// What came since the last batch was sent.
    waiting: String,
    /// When that was.
    since: Option<Instant>,
}

impl Text {
    fn push(&mut self, more: &str) {
        self.whole.push_str(more);
        self.waiting.push_str(more);
    }

    /// Sends what waits; a block that it finishes goes out as HTML.
    async fn flush(&mut self, running: &mut Running<'_>) -> Result<(), Stopped> {
        self.since = Some(Instant::now());
        let more = std::mem::take(&mut self.waiting);
        self.tail.push_str(&more);
        let (turn, part) = (running.turn.id.clone(), part(running));
        let finished = markdown::finished(&self.tail);
        let kinds = if finished == 0 {
            vec![Kind::Delta { turn, part, text: more }]
        } else {
            let rest = self.tail.split_off(finished);
            let done = std::mem::replace(&mut self.tail, rest);
            let mut kinds = vec![Kind::Block { turn: turn.clone(), part, html: markdown::html(&done) }];
            if !self.tail.is_empty() {
                kinds.push(Kind::Delta { turn, part, text: self.tail.clone() });
            }
            kinds
        };
        running.turn.open = 1;
        let db = running.begin().await?;
        running.say(db, kinds).await
    }

    /// The last block; the part is closed.
    fn rest(&mut self, running: &mut Running<'_>) -> Vec<Kind> {
        self.tail.push_str(&std::mem::take(&mut self.waiting));
        let (turn, part) = (running.turn.id.clone(), part(running));
        let mut kinds = Vec::new();
        if !self.tail.trim().is_empty() {
            kinds.push(Kind::Block { turn, part, html: markdown::html(&std::mem::take(&mut self.tail)) });
        }
        if !self.whole.is_empty() {
            running.turn.part += 1;
        }
        running.turn.open = 0;
        kinds
    }

    /// Closes the part of an answer that was interrupted.
    async fn finish(&mut self, running: &mut Running<'_>) -> Result<(), Stopped> {
        let kinds = self.rest(running);
        let db = running.begin().await?;
        running.say(db, kinds).await
    }
}
