//! The definition of a tool.

#[derive(Clone, Debug)]
pub struct Definition {
    pub name: String,
    pub title: String,
    pub description: String,
    /// JSON schemas of the arguments and of the output.
    pub input: serde_json::Value,
    pub output: serde_json::Value,
    /// The id of the API that it calls. `None` if it calls none.
    pub api: Option<String>,
    /// The scopes that it needs there. Empty if the API is public.
    pub scopes: Vec<String>,
    /// Whether a person approves each call.
    pub approval: bool,
    pub read_only: bool,
    /// Whether its change can't simply be undone.
    pub destructive: bool,
    /// Whether repeating it with the same arguments changes nothing more.
    pub idempotent: bool,
}

impl Definition {
    /// Whether it reaches beyond this program's own data.
    pub fn open_world(&self) -> bool {
        self.api.is_some()
    }
}
