//! Asks the model once: streams its text into the thread in batches, and stores its answer or the tools it calls.

use std::future::pending;

use foundation::{secret, tr};
use serde_json::{Value, json};
use shared::{
    chat::{CallState, Kind, Outcome},
    recording::Asked as Shape,
};
use tokio::time::{Instant, sleep_until};

use super::{
    answer::line,
    compose::{self, Said},
    notice::{self, Notice},
    running::{Running, Stopped},
    text::{BATCH, LONGEST, Text},
    title, tokens,
};
use crate::{
    model::{self, Answer, Called, Fault, Finish, Message, Piece, Read},
    recording,
    state::Agent,
    store,
    store::call::Call,
};

/// Maximum number of model calls for one message.
const MOST: i64 = 12;

/// Maximum number of attempts when an endpoint is busy, failed or unreachable, and the longest wait it may ask for, in
/// seconds.
const TRIES: i64 = 3;
const LONGEST_WAIT: i64 = 60;

pub(super) enum Asked {
    /// The model called tools.
    Calls,
    /// The turn is over.
    Over,
    /// The turn was cancelled.
    Interrupted,
}

/// How reading an answer ended.
enum Heard {
    Whole(Answer),
    Stopped,
    Fault(Fault),
}

pub(super) async fn ask(running: &mut Running<'_>) -> Result<Asked, Stopped> {
    if running.turn.asked >= MOST {
        let message = notice::went_on();
        running.fail(message).await?;
        return Ok(Asked::Over);
    }
    running.turn.asked += 1;
    let (mut text, kinds) = begin(running).await?;
    // Also stores the attempt's number, by which readers distinguish its text from an earlier one's.
    let db = running.begin().await?;
    running.say(db, kinds).await?;

    let bare = store::bare_chat::is_bare(running.agent.db.pool(), &running.turn.thread).await?;
    let setting = running.setting().await?;
    let messages = compose::messages(running, &setting, bare).await?;
    let tools = if bare { Vec::new() } else { compose::tools(running.agent) };
    let mut notice = Notice::new(running);
    let model = setting.model.as_deref();
    let heard = match answer(running, model, &messages, &tools, &mut notice).await? {
        Heard::Whole(answer) => {
            let sent = messages.iter().map(Message::len).sum();
            read_and_count(running, answer, &mut text, &mut notice, sent).await?
        }
        other => other,
    };
    notice.clear(running).await?;
    match heard {
        Heard::Whole(answer) => ended(running, text, answer).await,
        // Text from before the cancellation is kept, and can be continued.
        Heard::Stopped => {
            let kinds = text.rest(running).await?;
            let cut = text.part.filter(|_| !text.whole.trim().is_empty());
            remember(running, Said { text: text.whole, cut, ..Said::default() })?;
            let db = running.begin().await?;
            running.say(db, kinds).await?;
            Ok(Asked::Interrupted)
        }
        Heard::Fault(Fault::Silent | Fault::BrokenOff) if !text.added().trim().is_empty() => {
            cut(
                running,
                text,
                tr!("The model stopped in the middle of its answer.", "Das Modell hörte mitten in der Antwort auf."),
            )
            .await
        }
        Heard::Fault(fault) => fail(running, text, fault).await,
    }
}

/// Discards the text of an earlier attempt, unless the model is asked to continue it.
async fn begin(running: &mut Running<'_>) -> Result<(Text, Vec<Kind>), Stopped> {
    let mut kinds = Vec::new();
    if running.turn.open != 0 {
        for part in running.turn.part..running.turn.part + running.turn.open {
            let part = u32::try_from(part).unwrap_or(0);
            kinds.push(Kind::Drop { turn: running.turn.id.clone(), part, block: 0 });
        }
        kinds.push(notice::dropped(running));
        running.turn.open = 0;
    }
    let last = compose::history(&running.turn)?.pop();
    let Some((text, part)) = last.and_then(|said| said.cut.map(|part| (said.text, part))) else {
        return Ok((Text::new(running), kinds));
    };
    let (text, shown) = Text::resume(running, text, part).await?;
    kinds.extend(shown);
    Ok((text, kinds))
}

/// Retries until the model starts to answer. A busy endpoint is asked again when it wants to be.
async fn answer(
    running: &mut Running<'_>,
    model: Option<&str>,
    messages: &[Message],
    tools: &[model::Tool<'_>],
    notice: &mut Notice,
) -> Result<Heard, Stopped> {
    let stop = running.stop.clone();
    let agent = running.agent;
    for tried in 1.. {
        let began = agent.clock.now();
        let asked = agent.model.ask(model, messages, tools);
        tokio::pin!(asked);
        let fault = loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(Heard::Stopped),
                answer = &mut asked => {
                    recording::asked(agent, answer.as_ref().err(), began, Shape { tools: tools.len(), messages: messages.len() });
                    match answer {
                        Ok(answer) => return Ok(Heard::Whole(answer)),
                        Err(fault) => break fault,
                    }
                }
                seconds = notice.is_due(running) => notice.still_waiting(running, seconds).await?,
            }
        };
        let wait = match &fault {
            Fault::Busy(Some(seconds)) => (*seconds).max(1),
            Fault::Busy(None) | Fault::Failed(_) | Fault::Unreachable => tried,
            _ => return Ok(Heard::Fault(fault)),
        };
        if tried >= TRIES || wait > LONGEST_WAIT {
            return Ok(Heard::Fault(fault));
        }
        if matches!(fault, Fault::Busy(Some(_))) {
            notice
                .show(
                    running,
                    &tr!(
                        format!("The model’s provider asks to wait {wait} s. Trying again then."),
                        format!(
                            "Der Anbieter des Modells bittet, {wait} s zu warten. Dann wird es noch einmal versucht."
                        )
                    ),
                )
                .await?;
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(Heard::Stopped),
            () = model::sleep_until(&agent.clock, agent.clock.now() + wait * 1000) => {}
        }
    }
    Ok(Heard::Fault(Fault::Unreachable))
}

/// Reads the answer, and counts its tokens. `sent`: the bytes of the messages.
async fn read_and_count(
    running: &mut Running<'_>,
    mut answer: Answer,
    text: &mut Text,
    notice: &mut Notice,
    sent: usize,
) -> Result<Heard, Stopped> {
    let before = text.whole.len();
    let stopped = read(running, &mut answer, text, notice).await;
    let bytes = sent + text.whole.len().saturating_sub(before);
    tokens::count(running.agent, &running.turn, answer.tokens(), bytes).await?;
    Ok(stopped?.map_or(Heard::Whole(answer), |heard| heard))
}

/// Reads the answer to its end. `None` if it is whole.
async fn read(
    running: &mut Running<'_>,
    answer: &mut Answer,
    text: &mut Text,
    notice: &mut Notice,
) -> Result<Option<Heard>, Stopped> {
    let stop = running.stop.clone();
    let (mut has_begun, mut is_thinking) = (false, false);
    loop {
        let batch = async {
            match text.since {
                Some(since) if text.waits() => sleep_until(since + BATCH).await,
                // The first text is sent at once.
                None if text.waits() => {}
                _ => pending().await,
            }
        };
        let stored = text.store_at;
        let store = async { sleep_until(stored.unwrap_or_else(Instant::now)).await };
        tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(Some(Heard::Stopped)),
            () = batch => text.flush(running).await?,
            () = store, if stored.is_some() => text.store(running).await?,
            seconds = notice.is_due(running), if !has_begun && !is_thinking => {
                notice.still_waiting(running, seconds).await?;
            }
            piece = answer.next() => match piece {
                Ok(Some(Piece::Text(more))) => {
                    if text.whole.len() + more.len() > LONGEST {
                        return Ok(Some(Heard::Fault(Fault::TooLong)));
                    }
                    if !has_begun && (!more.trim().is_empty() || !text.whole.is_empty()) {
                        has_begun = true;
                        notice.clear(running).await?;
                        // The reasoning is shown above the answer.
                        if let Some(thoughts) = text.thoughts(running).await {
                            let db = running.begin().await?;
                            running.say(db, vec![thoughts]).await?;
                        }
                    }
                    if has_begun {
                        text.push(&more);
                    }
                }
                Ok(Some(Piece::Reasoning(more))) => {
                    text.think(&more);
                    if !has_begun && !is_thinking && !more.trim().is_empty() {
                        is_thinking = true;
                        notice.show(running, tr!("The model is thinking…", "Das Modell denkt nach…")).await?;
                    }
                }
                Ok(Some(Piece::Rethought)) => {
                    has_begun = false;
                    let kinds = text.rethink(running).await?;
                    let db = running.begin().await?;
                    running.say(db, kinds).await?;
                }
                Ok(Some(Piece::Refusal(more))) => {
                    if text.refusal.len() + more.len() <= LONGEST {
                        text.refusal.push_str(&more);
                    }
                }
                Ok(None) => return Ok(None),
                Err(fault) => return Ok(Some(Heard::Fault(fault))),
            },
        }
    }
}

/// Handles an answer that was read to its end.
async fn ended(running: &mut Running<'_>, text: Text, answer: Answer) -> Result<Asked, Stopped> {
    let finish = answer.finish();
    let (calls, kept) = answer.end();
    let is_empty = text.added().trim().is_empty() && text.refusal.trim().is_empty();
    match finish {
        Finish::Withheld => fail(running, text, Fault::Withheld).await,
        Finish::Failed if is_empty => fail(running, text, Fault::BrokenOff).await,
        Finish::Failed => cut(running, text, notice::broke_off()).await,
        Finish::Cut if calls.is_empty() && is_empty => fail(running, text, Fault::AllThought).await,
        Finish::Cut if calls.is_empty() => cut(running, text, notice::cut_off()).await,
        // An answer that continues another one may add nothing.
        Finish::Whole if calls.is_empty() && is_empty && text.whole.is_empty() => {
            fail(running, text, Fault::Empty).await
        }
        Finish::Whole | Finish::Cut => store(running, text, calls, kept).await,
    }
}

/// Discards the answer. The text shown so far stays until a retry.
async fn fail(running: &mut Running<'_>, mut text: Text, fault: Fault) -> Result<Asked, Stopped> {
    tracing::warn!(turn = running.turn.id, %fault, "the model's answer can't be used");
    let kinds = text.last(running).await?;
    let continues = compose::is_cut(&running.turn)?;
    let db = running.begin().await?;
    running.end(db, kinds, Outcome::Failed { message: fault.text(), retry: true, continues }).await?;
    Ok(Asked::Over)
}

/// The answer was cut off: keeps its text, and lets the person ask the model to continue it.
async fn cut(running: &mut Running<'_>, mut text: Text, message: &str) -> Result<Asked, Stopped> {
    let kinds = text.rest(running).await?;
    remember(running, Said { text: text.whole, cut: text.part, ..Said::default() })?;
    let db = running.begin().await?;
    let outcome = Outcome::Failed { message: message.into(), retry: true, continues: true };
    running.end(db, kinds, outcome).await?;
    Ok(Asked::Over)
}

/// Adds an answer to the turn's history. One that continues another replaces it.
fn remember(running: &mut Running<'_>, said: Said) -> Result<(), Stopped> {
    let mut history = compose::history(&running.turn)?;
    if history.last().is_some_and(|last| last.cut.is_some()) {
        history.pop();
    }
    if !said.text.trim().is_empty() || !said.calls.is_empty() {
        history.push(said);
    }
    running.turn.history = serde_json::to_string(&history)?;
    Ok(())
}

/// Stores a whole answer: the turn is over, or continues with tool calls, each announced before it is made. An
/// unreadable call is answered at once with an explanation.
async fn store(
    running: &mut Running<'_>,
    mut text: Text,
    calls: Vec<(Called, Read)>,
    kept: Option<model::Kept>,
) -> Result<Asked, Stopped> {
    let mut kinds = text.rest(running).await?;
    let mut made = Vec::new();
    let whole = if text.whole.trim().is_empty() { text.refusal } else { text.whole };
    let mut said = Said { text: whole, kept, ..Said::default() };
    let now = running.agent.clock.now();
    let before = i64::try_from(compose::history(&running.turn)?.len()).unwrap_or(0);
    for (position, (called, read)) in (0..).zip(calls) {
        let (tool, arguments, wrong) = match read {
            Read::Good { tool, arguments } => (tool, arguments, None),
            Read::NoTool => (model::plain_name(&called.name), "{}".into(), Some("No tool has this name")),
            Read::NoArguments { tool } => (tool, "{}".into(), Some("The arguments aren’t one whole JSON object")),
            Read::TooLong { tool } => (tool, "{}".into(), Some("The arguments are longer than 16 kB")),
            Read::TooMany { tool } => (tool, "{}".into(), Some("An answer may make eight calls")),
        };
        let mut call = Call {
            id: secret::id("call_"),
            turn: running.turn.id.clone(),
            position: running.turn.asked * 100 + position + before * 10_000,
            tool,
            arguments,
            created_at: now,
            ..Call::default()
        };
        kinds.push(line(&call, CallState::Running));
        said.calls.push(model::Asked {
            id: call.id.clone(),
            name: call.tool.clone(),
            arguments: call.arguments.clone(),
        });
        if let Some(wrong) = wrong {
            let result = unread(running.agent, wrong);
            let summary = tr!(
                format!("{wrong}, so nothing was done"),
                "Der Aufruf war nicht lesbar, deshalb geschah nichts".to_owned()
            );
            let failed = CallState::Failed { summary, output: serde_json::to_string_pretty(&result)?, ms: 0 };
            kinds.push(line(&call, failed));
            (call.state, call.answer) = (store::state::CallState::Answered, Some(result.to_string()));
        }
        made.push(call);
    }
    remember(running, said)?;
    let mut db = running.begin().await?;
    for call in &made {
        store::call::announce(&mut db, call).await?;
    }
    if made.is_empty() {
        running.end(db, kinds, Outcome::Done).await?;
        title::suggest(running);
        Ok(Asked::Over)
    } else {
        running.say(db, kinds).await?;
        Ok(Asked::Calls)
    }
}

/// The result, for the model, of a call that can't be read.
fn unread(agent: &Agent, wrong: &str) -> Value {
    let names: Vec<_> = agent.tools().iter().map(|tool| tool.name.as_str()).collect();
    let message = format!(
        "{wrong}, so nothing was done. The tools are: {}. Their arguments are one JSON object each. Call again.",
        names.join(", ")
    );
    json!({ "status": "failed", "message": message })
}
