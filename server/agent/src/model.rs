//! The model: any endpoint that speaks OpenAI's chat completions, asked and read as a stream.

mod answer;
mod fault;
mod patience;
pub(crate) mod rehearsal;

use async_openai::{Client as OpenAi, config::OpenAIConfig};
use base::{ExposeSecret, clock::Clock};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use answer::{Answer, Piece};
pub(crate) use fault::Fault;

use crate::{config, tools::Definition};

/// One message of what the model is told.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    System(String),
    User(String),
    Assistant { text: String, calls: Vec<Asked> },
    Tool { id: String, content: String },
}

/// A tool call that the model made. `arguments` is JSON as it wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arguments: String,
}

impl Message {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::System(text) | Self::User(text) => text.len(),
            Self::Assistant { text, calls } => {
                text.len() + calls.iter().map(|call| call.arguments.len()).sum::<usize>()
            }
            Self::Tool { content, .. } => content.len(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::System(text) => json!({ "role": "system", "content": text }),
            Self::User(text) => json!({ "role": "user", "content": text }),
            Self::Assistant { text, calls } => {
                let mut message = json!({ "role": "assistant", "content": text });
                if !calls.is_empty() {
                    let call = |call: &Asked| {
                        json!({
                            "id": call.id,
                            "type": "function",
                            "function": { "name": call.name, "arguments": call.arguments },
                        })
                    };
                    message["tool_calls"] = calls.iter().map(call).collect();
                }
                message
            }
            Self::Tool { id, content } => json!({ "role": "tool", "tool_call_id": id, "content": content }),
        }
    }
}

/// Asks the model that is configured. Clones share connections.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    client: OpenAi<OpenAIConfig>,
    name: String,
    clock: Clock,
}

impl Client {
    pub(crate) fn new(model: &config::Model, clock: Clock) -> Self {
        // What could not be a header's value is no key of any endpoint.
        let key: String = model.api_key.expose_secret().chars().filter(char::is_ascii_graphic).collect();
        // Everything is set here: the library's own reading of the environment counts for nothing.
        let config = OpenAIConfig::new()
            .with_api_base(model.base_url.trim_end_matches('/'))
            .with_api_key(key)
            .with_org_id("")
            .with_project_id("");
        let client = OpenAi::build(base::http::streaming(&model.base_url), config);
        Self { client, name: model.name.clone(), clock }
    }

    /// Asks the model to answer these messages, with these tools to call.
    pub(crate) async fn ask(&self, messages: &[Message], tools: &[Definition]) -> Result<Answer, Fault> {
        let mut request = json!({
            "model": self.name,
            "stream": true,
            "messages": messages.iter().map(Message::json).collect::<Vec<_>>(),
        });
        if !tools.is_empty() {
            request["tools"] = tools.iter().map(offered).collect();
        }
        Answer::begin(&self.client, request, self.clock.clone()).await
    }
}

/// A tool as the model is offered it.
fn offered(tool: &Definition) -> Value {
    json!({
        "type": "function",
        "function": { "name": tool.name, "description": tool.description, "parameters": tool.input },
    })
}
