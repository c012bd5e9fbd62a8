//! A tool, as it is offered and run.

use futures::future::BoxFuture;

use super::{
    answer::{Answer, Stop},
    caller::Caller,
};
use crate::state::Agent;

/// How a tool is run: with whom it works for, and the arguments as they came.
type Run = for<'a> fn(&'a Agent, &'a Caller, &'a str) -> BoxFuture<'a, Result<Answer, Stop>>;

#[derive(Clone, Debug)]
pub struct Definition {
    pub name: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    /// JSON schemas of the arguments and of the output.
    pub input: serde_json::Value,
    pub output: serde_json::Value,
    /// The scopes needed at the broker. None: public.
    pub scopes: &'static [&'static str],
    /// Whether a person approves each call.
    pub approval: bool,
    pub read_only: bool,
    /// Whether what it changes can't simply be undone.
    pub destructive: bool,
    /// Whether calling it again with the same arguments changes nothing more.
    pub idempotent: bool,
    /// Whether it reaches beyond this program's own data.
    pub open_world: bool,
    pub(super) run: Run,
}
