//! A thread of the chat, followed by its event stream like a page does: it reconnects after the last event received.

use std::time::{Duration, Instant};

use futures::StreamExt;
use shared::chat::{Event, Item, Open, Transcript};

use crate::{browser::Browser, outcome::Outcome};

#[derive(Debug)]
pub struct Thread {
    pub id: String,
    pub transcript: Transcript,
    agent: String,
}

impl Thread {
    /// Follows a thread of the agent at `agent` (with a trailing slash) from its first event.
    pub fn new(agent: &str, id: String) -> Self {
        Self { id, transcript: Transcript::default(), agent: agent.to_owned() }
    }

    /// Reads events until `found` returns something for the transcript.
    ///
    /// # Errors
    /// When it isn't found within this many seconds. Includes the transcript.
    pub async fn until<T>(
        &mut self,
        browser: &Browser,
        what: &str,
        seconds: u64,
        mut found: impl FnMut(&Transcript) -> Option<T>,
    ) -> Outcome<T> {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        let mut trouble = String::new();
        while Instant::now() < deadline {
            if let Some(found) = found(&self.transcript) {
                return Ok(found);
            }
            let url = format!("{}api/threads/{}/events?after={}", self.agent, self.id, self.transcript.seq);
            match browser.stream(&url).await {
                Ok(response) => {
                    let mut chunks = response.bytes_stream();
                    let mut buffer: Vec<u8> = Vec::new();
                    loop {
                        let left = deadline.saturating_duration_since(Instant::now());
                        let Ok(Some(Ok(chunk))) = tokio::time::timeout(left, chunks.next()).await else { break };
                        buffer.extend_from_slice(&chunk);
                        while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
                            let block: Vec<u8> = buffer.drain(..end + 2).collect();
                            self.take(&String::from_utf8_lossy(&block))?;
                        }
                        if let Some(found) = found(&self.transcript) {
                            return Ok(found);
                        }
                    }
                }
                Err(error) => trouble = error.to_string(),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(format!("not within {seconds} s: {what}. {trouble}\n{:#?}", self.transcript).into())
    }

    fn take(&mut self, block: &str) -> Outcome {
        let data: Vec<&str> = block
            .lines()
            .filter_map(|line| line.strip_prefix("data:"))
            .map(|data| data.strip_prefix(' ').unwrap_or(data))
            .collect();
        if data.is_empty() {
            return Ok(());
        }
        let data = data.join("\n");
        if block.lines().any(|line| line == "event: text") {
            let open: Open = serde_json::from_str(&data).map_err(|wrong| format!("{wrong} in {block}"))?;
            self.transcript.hear(open);
            return Ok(());
        }
        let event: Event = serde_json::from_str(&data).map_err(|wrong| format!("{wrong} in {block}"))?;
        self.transcript.apply(event);
        Ok(())
    }

    /// The agent's text in this thread, without tags.
    pub fn said(transcript: &Transcript) -> String {
        let parts = transcript.items.iter().filter_map(|item| match item {
            Item::Text { html, tail, .. } => Some(format!("{} {tail}", crate::html::text(&format!("<p>{html}</p>")))),
            _ => None,
        });
        parts.collect::<Vec<_>>().join(" ")
    }
}
