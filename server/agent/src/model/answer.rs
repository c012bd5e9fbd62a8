//! The model's streamed answer: text piece by piece, and the tool calls at the end.

use std::{collections::VecDeque, fmt, pin::Pin};

use bytes::Bytes;
use foundation::clock::Clock;
use futures::{Stream, StreamExt};

use super::{
    calls::{Called, Calls, Read},
    chunk::{self, Chunk, Finish},
    deadline::until,
    fault::{self, Fault},
    kept::{Kept, Members},
    piece::Piece,
    sse::{Frame, Reader},
    think::Splitter,
};
use crate::config::Timeouts;

/// Maximum duration of an answer, in milliseconds.
const LONGEST: i64 = 3_600_000;

/// How long a stream may continue after it announced its end, in milliseconds.
const AFTER_END: i64 = 5_000;

type Body = Pin<Box<dyn Stream<Item = Result<Bytes, reqwest::Error>> + Send>>;

pub(crate) struct Answer {
    body: Body,
    clock: Clock,
    timeouts: Timeouts,
    /// When it was requested and when the last byte arrived, in milliseconds since 1970.
    began: i64,
    heard: i64,
    reader: Reader,
    splitter: Splitter,
    ready: VecDeque<Piece>,
    calls: Calls,
    members: Members,
    /// The endpoint and model that answer.
    from: String,
    finish: Option<Finish>,
    error: Option<serde_json::Value>,
    tokens: Option<u64>,
    is_over: bool,
    is_damaged: bool,
    is_known: bool,
    /// Whether any part of the answer itself has arrived.
    has_begun: bool,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer")
    }
}

impl Answer {
    pub(super) fn new(
        response: reqwest::Response,
        clock: Clock,
        timeouts: Timeouts,
        (began, from): (i64, &str),
        tools: Vec<String>,
    ) -> Self {
        Self {
            body: Box::pin(response.bytes_stream()),
            heard: clock.now(),
            clock,
            timeouts,
            began,
            reader: Reader::default(),
            splitter: Splitter::default(),
            ready: VecDeque::new(),
            calls: Calls::new(tools),
            members: Members::default(),
            from: from.to_owned(),
            finish: None,
            error: None,
            tokens: None,
            is_over: false,
            is_damaged: false,
            is_known: false,
            has_begun: false,
        }
    }

    /// The next piece, or `None` at the end. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Result<Option<Piece>, Fault> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Ok(Some(piece));
            }
            if self.is_over {
                return self.ended().map(|()| None);
            }
            let timeout = match (self.finish, self.has_begun) {
                (Some(_), _) => AFTER_END,
                (None, true) => self.timeouts.next,
                (None, false) => self.timeouts.first,
            };
            let end = (self.heard + timeout).min(self.began + LONGEST);
            let mut frames = Vec::new();
            match until(&self.clock, end, self.body.next()).await {
                None if self.finish.is_some() => self.is_over = true,
                None => return Err(Fault::Silent),
                Some(Some(Ok(bytes))) => {
                    self.heard = self.clock.now();
                    if !self.reader.push(&bytes, &mut frames) {
                        return Err(Fault::TooLong);
                    }
                }
                // A lost connection ends the answer normally. Whatever arrived is read.
                Some(Some(Err(_)) | None) => {
                    self.reader.end(&mut frames);
                    self.is_over = true;
                }
            }
            for frame in frames {
                self.take(frame)?;
            }
            if self.is_over {
                let rest = self.splitter.end();
                self.ready.extend(rest);
            }
        }
    }

    fn take(&mut self, frame: Frame) -> Result<(), Fault> {
        let value = match frame {
            Frame::Damaged => {
                self.is_damaged = true;
                return Ok(());
            }
            Frame::Done => {
                self.finish.get_or_insert(Finish::Whole);
                self.is_over = true;
                return Ok(());
            }
            Frame::Value(value) => value,
        };
        let values = match value {
            serde_json::Value::Array(values) => values,
            value => vec![value],
        };
        for value in &values {
            self.take_chunk(chunk::read(value))?;
        }
        Ok(())
    }

    fn take_chunk(&mut self, chunk: Chunk) -> Result<(), Fault> {
        self.is_known |= chunk.is_known;
        self.tokens = chunk.tokens.or(self.tokens);
        // A whole message after its parts would repeat everything.
        if !(chunk.is_message && self.has_begun) {
            self.has_begun |= !chunk.pieces.is_empty() || !chunk.calls.is_empty();
            for piece in chunk.pieces {
                match piece {
                    Piece::Text(text) => self.ready.extend(self.splitter.push(&text)),
                    piece => self.ready.push_back(piece),
                }
            }
            self.members.take_message(&chunk.members);
            if !self.calls.take(&chunk.calls) {
                return Err(Fault::TooLong);
            }
        }
        if let Some(finish) = chunk.finish {
            self.finish.get_or_insert(finish);
            self.is_over |= finish == Finish::Failed;
        }
        if chunk.error.is_some() {
            self.error = chunk.error;
        }
        Ok(())
    }

    /// Checks that there was an answer at all.
    fn ended(&self) -> Result<(), Fault> {
        if let (Some(error), false) = (&self.error, self.has_begun) {
            return Err(fault::streamed(error));
        }
        if !self.is_known && self.finish.is_none() {
            return Err(if self.reader.is_odd || self.is_damaged { Fault::NotApi } else { Fault::BrokenOff });
        }
        Ok(())
    }

    /// The tokens of the request and the answer, if the endpoint counts them.
    pub(crate) fn tokens(&self) -> Option<u64> {
        self.tokens
    }

    /// How the answer ended. If a part is missing, it counts as interrupted.
    pub(crate) fn finish(&self) -> Finish {
        match self.finish {
            Some(Finish::Whole) | None if self.is_damaged => Finish::Failed,
            // An end without a reason is a lost connection.
            finish => finish.unwrap_or(Finish::Failed),
        }
    }

    /// The tool calls of the whole answer, each with how it was read, and the members to send back with them.
    pub(crate) fn end(mut self) -> (Vec<(Called, Read)>, Option<Kept>) {
        let finish = self.finish();
        let Calls { mut calls, tools } = self.calls;
        let kept = calls.iter_mut().map(Called::kept).collect();
        let kept = Kept::new(&self.from, self.members.all(), kept);
        let last = calls.len();
        let read = (0..).zip(calls).map(|(at, call)| {
            // At the token limit, the last call may lack its arguments.
            let is_cut = finish == Finish::Cut && at + 1 == last && call.arguments.trim().is_empty();
            let read = call.read(at, !self.is_damaged && !is_cut, &tools);
            (call, read)
        });
        (read.collect(), kept)
    }
}

#[cfg(test)]
mod tests {
    use axum::http;
    use futures::stream;

    use super::*;

    #[tokio::test]
    async fn comment_line_is_a_sign_of_life() {
        let (clock, timeouts) = (Clock::system(), Timeouts { first: 10_000, next: 10_000 });
        let moved = clock.clone();
        let lines = [": working\n\n", ": working\n\n", "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"];
        let body = stream::iter(lines).then(move |line| {
            let clock = moved.clone();
            async move {
                clock.advance(9_000);
                // Lets the deadline check the clock before the line arrives.
                tokio::task::yield_now().await;
                Ok::<_, std::io::Error>(line)
            }
        });
        let body = body.chain(stream::pending());
        let response = http::Response::new(reqwest::Body::wrap_stream(body));
        let mut answer = Answer::new(response.into(), clock.clone(), timeouts, (clock.now(), "from"), Vec::new());
        assert_eq!(answer.next().await, Ok(Some(Piece::Text("Hi".into()))));
        clock.advance(10_000);
        assert_eq!(answer.next().await, Err(Fault::Silent));
    }
}
