//! The tool calls of an answer, assembled from streamed pieces.

use serde_json::Value;

use super::{
    arguments,
    chunk::number,
    kept::{KeptCall, Members},
};

/// Maximum number of calls made from an answer, and maximum length of their arguments in bytes. The model is told about
/// the rest.
const MOST: usize = 8;
const LONGEST: usize = 16_000;

/// Maximum number of calls read at all.
const READ: usize = 64;

/// A tool call as the model wrote it.
#[derive(Debug, Default)]
pub(crate) struct Called {
    index: Option<u64>,
    /// The endpoint's own id. Empty if it gives none.
    id: String,
    pub(crate) name: String,
    pub(crate) arguments: String,
    /// Whether its arguments exceeded the limit.
    is_long: bool,
    members: Members,
    function: Members,
}

/// A call that may be made, or why it isn't.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Read {
    Good {
        tool: String,
        arguments: String,
    },
    /// No tool has this name.
    NoTool,
    /// The arguments aren't a JSON object.
    NoArguments {
        tool: String,
    },
    /// The arguments are longer than 16 kB.
    TooLong {
        tool: String,
    },
    /// Eight calls precede it.
    TooMany {
        tool: String,
    },
}

impl Called {
    /// `at`: its place among the answer's calls. `is_whole`: whether everything of the answer arrived. Otherwise a
    /// piece of the arguments may be missing, and what is left may read as something else (`5` of `50`). `tools`: those
    /// that were offered.
    pub(super) fn read(&self, at: usize, is_whole: bool, tools: &[String]) -> Read {
        let Some(tool) = arguments::tool(&self.name, tools) else { return Read::NoTool };
        if at >= MOST {
            return Read::TooMany { tool };
        }
        if self.is_long {
            return Read::TooLong { tool };
        }
        match arguments::read(&self.arguments) {
            Some(arguments) if is_whole => Read::Good { tool, arguments: Value::Object(arguments).to_string() },
            _ => Read::NoArguments { tool },
        }
    }

    /// The members to send back with the call.
    pub(super) fn kept(&mut self) -> KeptCall {
        KeptCall { id: self.id.clone(), members: self.members.all(), function: self.function.all() }
    }

    fn has_whole_arguments(&self) -> bool {
        arguments::read(&self.arguments).is_some_and(|arguments| !arguments.is_empty())
    }
}

#[derive(Debug)]
pub(super) struct Calls {
    pub(super) calls: Vec<Called>,
    /// The tools that were offered, by their names.
    pub(super) tools: Vec<String>,
}

impl Calls {
    pub(super) fn new(tools: Vec<String>) -> Self {
        Self { calls: Vec::new(), tools }
    }

    /// Adds the entries of one chunk's `tool_calls`. `false` if there are too many.
    #[must_use]
    pub(super) fn take(&mut self, entries: &[Value]) -> bool {
        let mut touched = Vec::new();
        for entry in entries {
            let at = self.place(entry, &touched);
            self.add(at, entry);
            touched.push(at);
        }
        self.calls.len() <= READ
    }

    /// The call that an entry continues, or a new one. `touched` are the calls that earlier entries of the same chunk
    /// belong to.
    fn place(&mut self, entry: &Value, touched: &[usize]) -> usize {
        let index = entry.get("index").and_then(number);
        let (id, name) = (id(entry), name(entry));
        let known = match index {
            Some(_) => {
                let is_same = |call: &Called| call.index == index && !id.is_empty() && call.id == id;
                let at = self.calls.iter().rposition(is_same);
                at.or_else(|| self.calls.iter().rposition(|call| call.index == index))
            }
            None if !id.is_empty() => match self.calls.iter().rposition(|call| call.id == id) {
                Some(at) => return at,
                // An unknown id without a name continues the last call.
                None if name.is_empty() => self.calls.len().checked_sub(1),
                None => self.calls.len().checked_sub(1).filter(|at| self.calls[*at].id.is_empty()),
            },
            None => self.calls.len().checked_sub(1),
        };
        if let Some(at) = known
            && !self.is_another(at, (&id, &name), entry, touched)
        {
            return at;
        }
        self.calls.push(Called { index, ..Called::default() });
        self.calls.len() - 1
    }

    /// Whether an entry that could continue this call begins another one.
    fn is_another(&self, at: usize, (id, name): (&str, &str), entry: &Value, touched: &[usize]) -> bool {
        let call = &self.calls[at];
        if name.is_empty() {
            return false;
        }
        if !id.is_empty() && !call.id.is_empty() {
            return id != call.id;
        }
        if touched.contains(&at) {
            return true;
        }
        let has_more = !matches!(arguments_of(entry), Value::Null) && arguments_of(entry) != "";
        if name == call.name {
            return has_more && call.has_whole_arguments();
        }
        // A name may come in pieces, but not after arguments, and not if both are tools' names.
        !call.arguments.is_empty()
            || (arguments::tool(name, &self.tools).is_some()
                && arguments::tool(&call.name, &self.tools).is_some()
                && !name.starts_with(&call.name))
    }

    fn add(&mut self, at: usize, entry: &Value) {
        let call = &mut self.calls[at];
        if call.id.is_empty() {
            call.id = id(entry);
        }
        let name = name(entry);
        if name.starts_with(&call.name) {
            // The first piece, a repetition, or the whole so far.
            call.name = name;
        } else {
            call.name.push_str(&name);
        }
        let more = match arguments_of(entry) {
            Value::Null => String::new(),
            Value::String(more) => more.clone(),
            other => other.to_string(),
        };
        call.is_long |= call.arguments.len() + more.len() > LONGEST;
        if !call.is_long {
            call.arguments.push_str(&more);
        }
        if let Some(entry) = entry.as_object() {
            call.members.take_call(entry);
            if let Some(function) = entry.get("function").and_then(Value::as_object) {
                call.function.take_call(function);
            }
        }
    }
}

fn id(entry: &Value) -> String {
    match entry.get("id") {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => String::new(),
    }
}

/// A member of the call's function. Some endpoints omit the function and put its members directly into the entry.
fn member<'a>(entry: &'a Value, name: &str) -> &'a Value {
    let function = entry.get("function").filter(|function| function.is_object());
    function.and_then(|function| function.get(name)).or_else(|| entry.get(name)).unwrap_or(&Value::Null)
}

fn name(entry: &Value) -> String {
    member(entry, "name").as_str().unwrap_or_default().to_owned()
}

fn arguments_of(entry: &Value) -> &Value {
    member(entry, "arguments")
}
