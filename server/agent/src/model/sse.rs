//! Splits a streamed answer into JSON values: an event stream (WHATWG HTML §9.2), or what endpoints send instead (a
//! single JSON object, or one per line).

use serde_json::{Value, json};

/// Maximum length of a line, or of an answer that isn't a stream, in bytes.
const MOST: usize = 4 << 20;

/// A step of the answer.
#[derive(Debug, PartialEq)]
pub(super) enum Frame {
    Value(Value),
    /// `data: [DONE]`
    Done,
    /// A chunk that starts like JSON but isn't: a part of the answer is missing.
    Damaged,
}

#[derive(Debug, Default)]
pub(super) struct Reader {
    line: Vec<u8>,
    /// The `data:` lines of an event that isn't complete JSON yet.
    data: String,
    /// Lines that don't belong to an event stream.
    loose: String,
    /// Whether the current event is named `error`.
    is_error: bool,
    after_return: bool,
    /// Whether any line wasn't a value, which may mean that this isn't a model's answer.
    pub(super) is_odd: bool,
}

impl Reader {
    /// Reads more bytes. `false` if a line exceeds the limit.
    #[must_use]
    pub(super) fn push(&mut self, bytes: &[u8], frames: &mut Vec<Frame>) -> bool {
        for byte in bytes {
            match byte {
                b'\n' if self.after_return => self.after_return = false,
                b'\n' | b'\r' => {
                    self.after_return = *byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    self.take(&String::from_utf8_lossy(&line), frames);
                }
                byte => {
                    self.after_return = false;
                    self.line.push(*byte);
                }
            }
        }
        self.line.len() + self.data.len() + self.loose.len() <= MOST
    }

    /// The body has ended: reads a last line without a line break, and a whole answer.
    pub(super) fn end(&mut self, frames: &mut Vec<Frame>) {
        let line = std::mem::take(&mut self.line);
        self.take(&String::from_utf8_lossy(&line), frames);
        self.event_ended(frames);
        let loose = std::mem::take(&mut self.loose);
        match serde_json::from_str(&loose) {
            Ok(value) => frames.push(Frame::Value(value)),
            Err(_) if begins_like_json(&loose) => frames.push(Frame::Damaged),
            Err(_) => {}
        }
    }

    fn take(&mut self, line: &str, frames: &mut Vec<Frame>) {
        let line = line.trim_start_matches('\u{feff}');
        if line.is_empty() {
            return self.event_ended(frames);
        }
        if let Some(mut data) = line.strip_prefix("data:") {
            // Some proxies frame a frame again.
            while let Some(inner) = data.trim_start().strip_prefix("data:") {
                data = inner;
            }
            return self.data(data.trim(), frames);
        }
        if let Some(name) = line.strip_prefix("event:") {
            self.is_error = name.trim() == "error";
        } else if !["id:", "retry:", ":"].iter().any(|field| line.starts_with(field)) {
            self.loose(line, frames);
        }
    }

    fn data(&mut self, data: &str, frames: &mut Vec<Frame>) {
        if data == "[DONE]" {
            self.event_ended(frames);
            return frames.push(Frame::Done);
        }
        // Most chunks are one line. They don't wait for the empty line, which some endpoints omit.
        if begins_like_json(data)
            && let Ok(value) = serde_json::from_str(data)
        {
            if !std::mem::take(&mut self.data).is_empty() {
                frames.push(Frame::Damaged);
            }
            return self.value(value, frames);
        }
        if self.data.is_empty() && !begins_like_json(data) {
            // Not a chunk: text of a proxy, or a keep-alive.
            self.is_odd |= !data.is_empty();
            if self.is_error {
                self.value(Value::Null, frames);
            }
            return;
        }
        self.data.push_str(data);
        self.data.push('\n');
        if let Ok(value) = serde_json::from_str(&self.data) {
            self.data.clear();
            self.value(value, frames);
        }
    }

    fn value(&mut self, value: Value, frames: &mut Vec<Frame>) {
        let value = if std::mem::take(&mut self.is_error) && value.get("error").is_none() {
            json!({ "error": if value.is_null() { Value::Bool(true) } else { value } })
        } else {
            value
        };
        frames.push(Frame::Value(value));
    }

    fn event_ended(&mut self, frames: &mut Vec<Frame>) {
        if !std::mem::take(&mut self.data).is_empty() {
            frames.push(Frame::Damaged);
        }
        self.is_error = false;
    }

    fn loose(&mut self, line: &str, frames: &mut Vec<Frame>) {
        if self.loose.is_empty() && !begins_like_json(line) {
            self.is_odd = true;
        } else if self.loose.is_empty()
            && let Ok(value) = serde_json::from_str(line)
        {
            frames.push(Frame::Value(value));
        } else {
            self.loose.push_str(line);
            self.loose.push('\n');
        }
    }
}

fn begins_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frames are the same however the bytes are split.
    fn frames(body: &str) -> Vec<Frame> {
        let read = |size: usize| {
            let (mut reader, mut frames) = (Reader::default(), Vec::new());
            for bytes in body.as_bytes().chunks(size) {
                assert!(reader.push(bytes, &mut frames));
            }
            reader.end(&mut frames);
            frames
        };
        let whole = read(body.len().max(1));
        assert_eq!(read(1), whole, "{body}");
        assert_eq!(read(7), whole, "{body}");
        whole
    }

    #[test]
    fn streams_are_read_however_they_are_framed() {
        let one = || Frame::Value(json!({ "a": "é" }));
        let two = || Frame::Value(json!({ "b": 2 }));
        for body in [
            "data: {\"a\":\"é\"}\n\ndata: {\"b\":2}\n\n",
            "data:{\"a\":\"é\"}\r\n\r\ndata:{\"b\":2}\r\n\r\n",
            "\u{feff}data: {\"a\":\"é\"}\rdata: {\"b\":2}",
            ": PROCESSING\n\nevent: message\nid: 7\nretry: 10\ndata: {\"a\":\"é\"}\n\ndata: ping\n\ndata:\n\ndata: {\"b\":2}\n",
            "data: {\"a\":\ndata: \"é\"}\n\ndata: data: {\"b\":2}\n\n",
            "{\"a\":\"é\"}\n{\"b\":2}\n",
        ] {
            assert_eq!(frames(body), [one(), two()], "{body}");
        }
        assert_eq!(frames("{\n  \"a\":\n \"é\"\n}\n"), [one()]);
        assert_eq!(frames("data: [DONE]\n\n"), [Frame::Done]);
        assert_eq!(frames("<html>\n<p>hi</p>\n"), []);
    }

    #[test]
    fn damaged_chunk_costs_only_itself() {
        let two = || Frame::Value(json!({ "b": 2 }));
        for body in ["data: {\"a\n\ndata: {\"b\":2}\n\n", "data: {\"a\ndata: {\"b\":2}\n\n"] {
            assert_eq!(frames(body), [Frame::Damaged, two()], "{body}");
        }
        assert_eq!(frames("data: {\"b\":2}\n\ndata: {\"a"), [two(), Frame::Damaged]);
    }

    #[test]
    fn event_named_error_is_an_error() {
        let error = |value: Value| [Frame::Value(json!({ "error": value }))];
        assert_eq!(frames("event: error\ndata: {\"message\":\"x\"}\n\n"), error(json!({ "message": "x" })));
        assert_eq!(frames("event: error\ndata: {\"error\":\"x\"}\n\n"), error(json!("x")));
        assert_eq!(frames("event: error\ndata: overloaded\n\n"), error(json!(true)));
    }
}
