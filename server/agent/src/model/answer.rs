//! The model's answer as it streams in: text, and pieces of tool calls. Read leniently, since endpoints differ in what
//! they leave out.

use std::{fmt, pin::Pin};

use async_openai::{Client, config::OpenAIConfig, error::OpenAIError};
use base::clock::Clock;
use futures::{Stream, StreamExt};
use serde::Deserialize;
use serde_json::Value;

use super::{Fault, patience::within};

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    /// More of the tool call of this index.
    Call {
        index: u32,
        name: String,
        arguments: String,
    },
}

/// A chunk of the stream (OpenAI's `chat.completion.chunk`), as far as it matters here.
#[derive(Debug, Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    /// Some endpoints report a failure within the stream.
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Delta {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Debug, Deserialize)]
struct CallDelta {
    #[serde(default)]
    index: u32,
    #[serde(default)]
    function: FunctionDelta,
}

#[derive(Debug, Default, Deserialize)]
struct FunctionDelta {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<String>,
}

type Chunks = Pin<Box<dyn Stream<Item = Result<Chunk, OpenAIError>> + Send>>;

pub(crate) struct Answer {
    chunks: Chunks,
    clock: Clock,
    /// Pieces that came in one chunk, the last first.
    ready: Vec<Piece>,
    finished: bool,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer")
    }
}

impl Answer {
    pub(super) async fn begin(client: &Client<OpenAIConfig>, request: Value, clock: Clock) -> Result<Self, Fault> {
        let chat = client.chat();
        let asked = chat.create_stream_byot::<Value, Chunk>(request);
        let asked = within(&clock, asked).await.ok_or(Fault::Silent)?;
        let chunks = asked.map_err(|error| match error {
            // Nothing of an answer is read here: this is the body of a refusal (4xx) that isn't OpenAI's error object,
            // as proxies and small servers send it. The library keeps no status of it.
            OpenAIError::JSONDeserialize(..) => Fault::Declined,
            error => error.into(),
        })?;
        Ok(Self { chunks, clock, ready: Vec::new(), finished: false })
    }

    /// The next piece, `None` at the end. Dropped while it waits, it loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Option<Piece>, Fault> {
        loop {
            if let Some(piece) = self.ready.pop() {
                return Ok(Some(piece));
            }
            let Some(chunk) = within(&self.clock, self.chunks.next()).await.ok_or(Fault::Silent)? else {
                // An end without a reason is a connection that was lost.
                return if self.finished { Ok(None) } else { Err(Fault::BrokenOff) };
            };
            self.take(chunk?)?;
        }
    }

    fn take(&mut self, chunk: Chunk) -> Result<(), Fault> {
        if chunk.error.is_some_and(|error| !error.is_null()) {
            return Err(Fault::BrokenOff);
        }
        for choice in chunk.choices.into_iter().take(1) {
            if let Some(text) = choice.delta.content.filter(|text| !text.is_empty()) {
                self.ready.push(Piece::Text(text));
            }
            for call in choice.delta.tool_calls.unwrap_or_default() {
                self.ready.push(Piece::Call {
                    index: call.index,
                    name: call.function.name.unwrap_or_default(),
                    arguments: call.function.arguments.unwrap_or_default(),
                });
            }
            match choice.finish_reason.as_deref() {
                Some("content_filter") => return Err(Fault::Withheld),
                Some(_) => self.finished = true,
                None => {}
            }
        }
        self.ready.reverse();
        Ok(())
    }
}
